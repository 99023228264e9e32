//go:build check

package plan

import (
	"net/netip"
	"regexp"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// combine is every combination of these values of attributes.
func combine(ttls []int, tags [][]string) []Attrs {
	var all []Attrs
	for _, proxied := range []bool{false, true} {
		for _, ttl := range ttls {
			for _, comment := range []string{"", "homing", "homing, and a comment of some length"} {
				for _, tags := range tags {
					all = append(all, Attrs{proxied, ttl, comment, tags})
				}
			}
		}
	}
	return all
}

// No combination of settings, enforcement and what is already there may keep
// on updating: a quiet round makes no call.
func TestNoCombinationOfAttributesUpdatesInAQuietRound(t *testing.T) {
	key := dns.Key{Name: name(t, "a.example.org"), Type: dns.A}
	right := addresses(dns.A)[0]
	settings := combine([]int{0, 30, 100000}, [][]string{nil, {"a:1"}, {"B:2", "a:1"}})
	existing := combine([]int{dns.AutoTTL, 30, 300}, [][]string{nil, {"a:1", "b:2"}})
	for _, limits := range allLimits() {
		for _, owned := range []*regexp.Regexp{nil, regexp.MustCompile("^homing$|^$")} {
			if owned != nil && limits == (Limits{}) {
				continue // what is not cut is not disowned
			}
			zone, owns := Zone{Name: name(t, "example.org"), Limits: limits}, Spec{Owned: owned}.Owns
			for _, wanted := range settings {
				for enforce := range Fields(16) {
					target := Target{Key: key, State: Values, Values: dns.DataOfAddrs(addresses(dns.A)[:1]), Attrs: wanted, Enforce: enforce << 1}
					quietAfterOneRound(t, zone, target, nil, owns)
					for _, there := range existing {
						if there.Proxied && there.TTL != dns.AutoTTL {
							continue // no host keeps that
						}
						r := dns.Record{ID: "r1", Name: key.Name, Type: key.Type, Addr: right,
							Proxied: there.Proxied, TTL: there.TTL, Comment: there.Comment, Tags: there.Tags}
						quietAfterOneRound(t, zone, target, []dns.Record{r}, owns)
					}
				}
			}
		}
	}
}

// Nor may they beside a second record, stale or a duplicate, whether leftovers
// go or stay, and where the addresses are made of host ids.
func TestNoCombinationUpdatesInAQuietRoundBesideASecondRecord(t *testing.T) {
	zone := Zone{Name: name(t, "example.org"), Limits: allLimits()[2]}
	record := Record{Name: name(t, "a.example.org"), Options: &Options{Types: []dns.Type{dns.AAAA}, Hosts: []HostID{hostID(t, "::1"), hostID(t, "::2")}}}
	seen := Seen{Here(addr.IPv6): addr.Known(prefixes("2001:db8::9/64")...)}
	two := func(attrs Attrs, a, b netip.Addr) []dns.Record {
		r := dns.Record{ID: "r1", Name: record.Name, Type: dns.AAAA, Addr: a,
			Proxied: attrs.Proxied, TTL: attrs.TTL, Comment: attrs.Comment, Tags: attrs.Tags}
		return []dns.Record{canonical(r), {ID: "r2", Name: record.Name, Type: dns.AAAA, Addr: b, TTL: dns.AutoTTL, Comment: "homing"}}
	}
	for _, record.Attrs = range combine([]int{0, 100000}, [][]string{nil, {"a:1"}}) {
		for enforce := range Fields(16) {
			for _, record.Leftovers = range []Leftovers{Remove, Keep} {
				record.Enforce = enforce << 1
				target := Targets(Spec{Records: []Record{record}}, seen, Memory{})[0]
				for _, there := range combine([]int{300}, [][]string{nil, {"a:1", "b:2"}}) {
					for _, a := range addresses(dns.AAAA)[1:] { // ::2, and two that are stale
						for _, b := range addresses(dns.AAAA)[1:3] {
							quietAfterOneRound(t, zone, target, two(there, a, b), Spec{}.Owns)
						}
					}
				}
			}
		}
	}
}

func quietAfterOneRound(t *testing.T, zone Zone, target Target, current []dns.Record, owns func(dns.Record) bool) {
	t.Helper()
	h := &host{zone: zone, records: current}
	p := Diff(zone, []Target{target}, current, owns)
	for _, c := range p.Changes() {
		if err := h.carryOut(c); err != nil {
			t.Fatalf("%s: %v", c.Words(), err)
		}
	}
	if again := Diff(zone, []Target{target}, h.records, owns); len(again.Sets) > 0 {
		t.Fatalf("limits %+v, wanted %+v, enforced %s, there %+v:\n%s\nthen again\n%s",
			zone.Limits, target.Attrs, target.Enforce, current, p.Words(), again.Words())
	}
	if target.Enforce == 0 && len(current) == 1 && owns(current[0]) && len(p.Sets) > 0 {
		t.Fatalf("nothing is enforced, and yet: %s", p.Words())
	}
}
