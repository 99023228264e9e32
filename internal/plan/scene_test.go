package plan

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// dice draws choices from the fuzzer's bytes; after the last one it draws zeros.
type dice struct{ data []byte }

func (d *dice) n(n int) int {
	if len(d.data) == 0 {
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return int(b) % n
}

func (d *dice) yes() bool { return d.n(2) == 1 }

func pick[T any](d *dice, choices []T) T { return choices[d.n(len(choices))] }

// scene is one question to Diff.
type scene struct {
	zone    Zone
	targets []Target
	current []dns.Record
	owns    func(dns.Record) bool
	owner   string
}

func comments() []string {
	return []string{"", "homing", "homing, and a comment of some length", "somebody else", "homing/owner=me", "theirs; homing/owner=you"}
}

func allTags() [][]string { return [][]string{nil, {"a:1"}, {"a:1", "b:2"}, {"B:2", "a:1"}} }

func templates() []string { return []string{spf, "{ipv4}", "{ipv6}", "home {ipv4}", "{ipv4} {ipv6}"} }

// texts are what stands in TXT records: of homing's, of others, and nearly alike.
func texts() []string {
	return []string{"v=spf1 ip4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all", "v=spf1 ip4:192.0.2.3 -all", "v=spf1 -all", "V=SPF1 include:example.net",
		"heritage=external-dns,external-dns/owner=you", "192.0.2.1", "192.0.2.2", "2001:db8::1", "home 192.0.2.2", `"home 192" ".0.2.2"`, "home 192.0.2.0/24", "site-verification=abc", "", `"\195\164"`}
}

func ttls() []int { return []int{dns.AutoTTL, 30, 60, 300, 86400, 0} }

func allLimits() []Limits {
	return []Limits{
		{},
		{MinTTL: 60, MaxTTL: 86400, Comment: 100, Tags: -1, Batch: 200},
		{MinTTL: 120, MaxTTL: 300, Comment: 4, Tags: 1},
		{MinTTL: 60, MaxTTL: 86400, AutoTTL: 300, NoProxy: true, OneTTL: true, OneMark: true, Tags: -1},
		{AutoTTL: 120, NoProxy: true, OneTTL: true, Comment: -1, Tags: -1, Values: 2},
		{MinTTL: 60, MaxTTL: 60, AutoTTL: 60, NoProxy: true, Comment: -1, Tags: -1, Values: 1, NoCreate: true},
	}
}

func addresses(t dns.Type) []netip.Addr {
	var addrs []netip.Addr
	for i := range byte(4) {
		if t == dns.A {
			addrs = append(addrs, netip.AddrFrom4([4]byte{192, 0, 2, i + 1}))
		} else {
			addrs = append(addrs, netip.AddrFrom16([16]byte{0x20, 1, 0x0d, 0xb8, 15: i + 1}))
		}
	}
	return addrs
}

// newScene draws a zone with records as hosts may hold them: whole families of
// duplicates, CNAMEs beside addresses, records of others.
func newScene(t testing.TB, d *dice) scene {
	apex := name(t, "example.org")
	names := []dns.Name{apex, name(t, "a.example.org"), name(t, "*.a.example.org")}
	s := scene{zone: Zone{Name: apex, Limits: pick(d, allLimits())}}
	spec := Spec{Owned: pick(d, []*regexp.Regexp{nil, regexp.MustCompile("^homing"), regexp.MustCompile("homing, and")})}
	if spec.Owned == nil {
		s.owner = pick(d, []string{"", "me", "me"})
	}
	s.owns = spec.Owns
	for _, n := range names {
		for _, typ := range []dns.Type{dns.A, dns.AAAA, dns.TXT} {
			if d.n(4) == 3 {
				continue // not in the settings
			}
			s.targets = append(s.targets, drawTarget(t, d, dns.Key{Name: n, Type: typ}, s.owner))
			for range d.n(3) * boolToInt(s.owner != "") {
				s.current = append(s.current, drawMark(d, dns.Key{Name: n, Type: typ}, apex, len(s.current)))
			}
		}
		for range d.n(6) {
			s.current = append(s.current, newRecord(d, n, len(s.current)))
		}
	}
	s.current = s.zone.Limits.held(s.current)
	return s
}

// held is records as a host with these limits holds them. Tags from before a
// zone lost them may still be there.
func (l Limits) held(records []dns.Record) []dns.Record {
	first, count := map[dns.Key]dns.Record{}, map[dns.Key]int{}
	var held []dns.Record
	for _, r := range records {
		r.Proxied = r.Proxied && !l.NoProxy
		if l.AutoTTL > 0 {
			r.TTL = l.clampTTL(r.TTL)
		}
		if l.Comment < 0 {
			r.Comment = ""
		}
		if l.Tags < 0 && l.AutoTTL > 0 { // a host that never had any
			r.Tags = nil
		}
		k := r.Key()
		if _, ok := first[k]; !ok {
			first[k] = r
		}
		if l.OneTTL {
			r.TTL = first[k].TTL
		}
		if l.OneMark {
			r.Comment, r.Tags = first[k].Comment, first[k].Tags
		}
		if count[k]++; l.Values == 0 || count[k] <= l.Values {
			held = append(held, r)
		}
	}
	return held
}

// drawMark draws what stands in the TXT records beside a name.
func drawMark(d *dice, key dns.Key, zone dns.Name, i int) dns.Record {
	n, _ := markName(key, zone)
	said := pick(d, []string{newMark("me", key).Text, newMark("you", key).Text, "heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/a/b", "something else"})
	return dns.Record{ID: fmt.Sprintf("m%d", i), Name: n, Type: dns.TXT, TTL: 300, Text: dns.ParseTXT(said).Text}
}

func drawTarget(t testing.TB, d *dice, key dns.Key, owner string) Target {
	r := Record{Name: key.Name, Options: &Options{Types: []dns.Type{key.Type},
		Enforce: Fields(d.n(32)) &^ Content, Create: pick(d, []Create{Always, Always, Never}), Leftovers: pick(d, []Leftovers{Remove, Remove, Keep}),
		Attrs: Attrs{Proxied: d.yes(), TTL: pick(d, ttls()), Comment: pick(d, comments()), Tags: pick(d, allTags())}}}
	for range d.n(3) {
		r.Hosts = append(r.Hosts, hostID(t, pick(d, []string{"::1", "::2", "preserve", "::", "mac(00:11:22:33:44:55)", "0:0:0:1::3"})))
	}
	if key.Type == dns.TXT {
		r.Content = content(t, pick(d, templates()))
	}
	seen := make(Seen)
	for _, o := range r.Needs(key.Type) {
		maps.Copy(seen, drawSeen(d, o.Family))
	}
	target := Targets(Spec{Records: []Record{r}, OwnerID: owner}, seen, drawMemory(d, key))[0]
	if key.Type == dns.AAAA {
		checkHosts(t, r.Hosts, seen[Here(addr.IPv6)].Prefixes(), target)
	}
	return target
}

// drawMemory draws what homing published in a family and wrote at a name; as
// often as not it knows nothing.
func drawMemory(d *dice, key dns.Key) Memory {
	m := Memory{Last: make(map[Origin][]addr.Stay), Wrote: make(map[dns.Key][]dns.Data)}
	f := cmp.Or(FamilyOf(key.Type), addr.IPv4)
	for range d.n(3) {
		m.Last[Here(f)] = append(m.Last[Here(f)], addr.Stay{Seen: addr.Known(netip.PrefixFrom(pick(d, addresses(TypeOf(f))), f.Bits()))})
	}
	for range d.n(3) {
		if key.Type == dns.TXT {
			m.Wrote[key] = append(m.Wrote[key], dns.ParseTXT(pick(d, texts())))
		} else {
			m.Wrote[key] = append(m.Wrote[key], dns.Data{Addr: pick(d, addresses(key.Type))})
		}
	}
	return m
}

// checkHosts checks that each host has its address behind each prefix, or that
// nothing is known and why.
func checkHosts(t testing.TB, hosts []HostID, prefixes []netip.Prefix, target Target) {
	unfit := false
	for _, h := range hosts {
		for _, p := range prefixes {
			if a, err := h.In(p); err != nil {
				unfit = true
			} else if target.Unfit == nil && !slices.Contains(target.Addrs(), a) {
				t.Errorf("%s behind %s is %s, and that is missing in %s", h, p, a, target.Values)
			}
		}
	}
	if unfit != (target.Unfit != nil) || unfit && (target.State != NotKnown || len(target.Values) > 0) {
		t.Errorf("%s behind %s: %s, %s, %v", hosts, prefixes, target.State, target.Values, target.Unfit)
	}
	if len(hosts) > 0 && len(target.Values) > len(hosts)*len(prefixes) {
		t.Errorf("%s behind %s are %s", hosts, prefixes, target.Values)
	}
}

// drawSeen draws what is known of a family, mostly one to four addresses.
func drawSeen(d *dice, f addr.Family) Seen {
	switch d.n(6) {
	case 3:
		return NoAddresses(Here(f))
	case 4:
		return Seen{Here(f): {}}
	case 5:
		return nil
	}
	all := addresses(TypeOf(f))
	var ps []netip.Prefix
	for _, a := range all {
		if d.yes() {
			ps = append(ps, netip.PrefixFrom(a, pick(d, []int{f.Bits(), f.Bits() / 2, 48})))
		}
	}
	if len(ps) == 0 {
		ps = append(ps, netip.PrefixFrom(all[0], f.Bits()))
	}
	return Seen{Here(f): addr.Known(ps...)}
}

func newRecord(d *dice, n dns.Name, i int) dns.Record {
	r := dns.Record{ID: fmt.Sprintf("r%d", i), Name: n, Proxied: d.yes(), TTL: pick(d, ttls()[:5]),
		Comment: pick(d, comments()), Tags: pick(d, allTags()), ReadOnly: d.n(8) == 7,
		Type: pick(d, []dns.Type{dns.A, dns.A, dns.A, dns.AAAA, dns.AAAA, dns.AAAA, dns.TXT, dns.TXT, dns.TXT, dns.CNAME, dns.NS})}
	if r.Type.IsAddress() {
		r.Addr = pick(d, addresses(r.Type))
	} else if r.Type == dns.TXT {
		r.Text, r.Proxied = dns.ParseTXT(pick(d, texts())).Text, false
	} else {
		r.Text, r.Proxied, r.ReadOnly = "example.net", false, false
	}
	return canonical(r)
}

func shuffle[T any](d *dice, s []T) []T {
	s = slices.Clone(s)
	for i := range s {
		j := i + d.n(len(s)-i)
		s[i], s[j] = s[j], s[i]
	}
	return s
}

// clone copies a list and what hangs on it.
func clone[T any](s []T) []T {
	out := slices.Clone(s)
	for i := range out {
		switch v := any(&out[i]).(type) {
		case *Target:
			v.Values, v.Attrs.Tags = slices.Clone(v.Values), slices.Clone(v.Attrs.Tags)
		case *dns.Record:
			v.Tags = slices.Clone(v.Tags)
		}
	}
	return out
}
