package plan

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

func origin(site string) Origin { return Origin{site, addr.IPv4} }

func seenAt(a string) addr.Observation { return addr.Known(prefixes(a + "/32")...) }

// standsAfter is what a name of these sites says once the plan was carried out.
func standsAfter(t *testing.T, r Record, seen Seen, m Memory, stand ...string) (after []string) {
	t.Helper()
	var records []dns.Record
	for i, a := range stand {
		ip := netip.MustParseAddr(a)
		records = append(records, dns.Record{ID: fmt.Sprint(i), Name: r.Name, Type: TypeOf(familyOf(netip.PrefixFrom(ip, ip.BitLen()))), Addr: ip, TTL: 300})
	}
	p := Diff(Zone{Name: name(t, "example.org")}, Targets(Spec{Records: []Record{r}}, seen, m), records, func(dns.Record) bool { return true })
	left := slices.Clone(records)
	for _, s := range p.Sets {
		left = s.After()
	}
	for _, l := range left {
		after = append(after, l.Content())
	}
	slices.Sort(after)
	return after
}

func TestANameOfSeveralSitesIsWrittenShareByShare(t *testing.T) {
	const a1, a2, b1, b2, old = "192.0.2.1", "192.0.2.2", "198.51.100.1", "198.51.100.2", "203.0.113.9"
	had := Memory{}.Observed(origin("a"), seenAt(a1)).Observed(origin("b"), seenAt(b1))
	r := Record{Name: name(t, "home.example.org"), Options: &Options{Types: []dns.Type{dns.A}, Sites: []string{"a", "b"}}}
	for _, c := range []struct {
		what  string
		seen  Seen
		m     Memory
		stand []string
		want  []string
	}{
		{"both are known", Seen{origin("a"): seenAt(a2), origin("b"): seenAt(b2)}, had, []string{a1, b1, old}, []string{a2, b2}},
		{"one is not", Seen{origin("a"): seenAt(a2), origin("b"): {}}, had, []string{a1, b1}, []string{a2, b1}},
		{"one is not, and nothing changed", Seen{origin("a"): seenAt(a1), origin("b"): {}}, had, []string{a1, b1}, []string{a1, b1}},
		{"one is not, and an address nobody here had stays", Seen{origin("a"): seenAt(a2), origin("b"): {}}, had, []string{a1, old}, []string{a2, old}},
		{"one was never known", Seen{origin("a"): seenAt(a1), origin("b"): {}}, Memory{}, []string{old}, []string{a1, old}},
		{"one may not be published yet", Seen{origin("a"): seenAt(a2), origin("b"): seenAt(b2).Tentative()}, had, []string{a1, b1}, []string{a2, b1}},
		{"what the one had is what the other had", Seen{origin("a"): seenAt(a2), origin("b"): {}}, had.Observed(origin("b"), seenAt(a1)), []string{a1, b1}, []string{a1, a2, b1}},
		{"none is known", Seen{origin("a"): {}, origin("b"): {}}, had, []string{a1, old}, []string{a1, old}},
		{"one is out of scope", Seen{origin("a"): seenAt(a2)}, had, []string{a1, b1}, []string{a2}},
		{"one has none, and the other is not known", Seen{origin("a"): addr.None(), origin("b"): {}}, had, []string{a1, b1}, []string{a1, b1}},
	} {
		if got := standsAfter(t, r, c.seen, c.m, c.stand...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

func TestAHostBehindPrefixesOfSeveralSitesKeepsThoseThatAreNotKnown(t *testing.T) {
	six := func(site string) Origin { return Origin{site, addr.IPv6} }
	at := func(p string) addr.Observation { return addr.Known(netip.MustParsePrefix(p)) }
	host, err := ParseHostID("::10")
	if err != nil {
		t.Fatal(err)
	}
	r := Record{Name: name(t, "nas.example.org"), Options: &Options{Types: []dns.Type{dns.AAAA}, Sites: []string{"a", "b"}, Hosts: []HostID{host}}}
	m := Memory{}.Observed(six("a"), at("2a02:8070:1::7/64")).Observed(six("b"), at("2a02:8070:2::7/64"))
	got := standsAfter(t, r, Seen{six("a"): at("2a02:8070:3::7/64"), six("b"): {}}, m, "2a02:8070:1::10", "2a02:8070:2::10")
	if want := []string{"2a02:8070:2::10", "2a02:8070:3::10"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// A machine that is off keeps its share, and the host behind the prefix moves on.
func TestANeighbourThatIsAwayKeepsItsShare(t *testing.T) {
	hosts := []HostID{}
	for _, s := range []string{"::10", "neighbour(00:11:22:33:44:55)"} {
		h, err := ParseHostID(s)
		if err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, h)
	}
	at := func(p string) addr.Observation { return addr.Known(netip.MustParsePrefix(p)) }
	r := Record{Name: name(t, "lan.example.org"), Options: &Options{Types: []dns.Type{dns.AAAA}, Hosts: hosts}}
	if !(Spec{Records: []Record{r}}).HasSharedTargets() {
		t.Fatal("what it had is not remembered")
	}
	here, beside := Here(addr.IPv6), NeighbourOf(hosts[1])
	m := Memory{}.Observed(here, at("2a02:8070:1::7/64")).Observed(beside, at("2a02:8070:1::99/128"))
	got := standsAfter(t, r, Seen{here: at("2a02:8070:3::7/64"), beside: {}}, m, "2a02:8070:1::10", "2a02:8070:1::99")
	if want := []string{"2a02:8070:1::99", "2a02:8070:3::10"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// A text with the addresses of several sites is written when all are known.
func TestATextOfSeveralSitesWaitsForAll(t *testing.T) {
	content, err := ParseTemplate("v=spf1 ip4:{ipv4} -all")
	if err != nil {
		t.Fatal(err)
	}
	r := Record{Name: name(t, "example.org"), Options: &Options{Types: []dns.Type{dns.TXT}, Content: content, Sites: []string{"a", "b"}}}
	target := func(seen Seen) Target { return Targets(Spec{Records: []Record{r}}, seen, Memory{})[0] }
	if got := target(Seen{origin("a"): seenAt("192.0.2.1"), origin("b"): {}}); got.State != NotKnown {
		t.Errorf("with one not known: %s", got.State)
	}
	if got := target(Seen{origin("a"): seenAt("192.0.2.1"), origin("b"): seenAt("192.0.2.2")}); joinData(got.Values) != `"v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all"` {
		t.Errorf("it says %s", joinData(got.Values))
	}
}

// Whatever is known and not: what a site that is not known had stays, whatever
// nobody here had stays, what is known is there, and asking again changes nothing.
func TestWhatIsNotKnownNeverRemoves(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	address := func() string { return fmt.Sprintf("192.0.2.%d", 1+dice.IntN(8)) }
	sites := []string{"a", "b", "c"}
	r := Record{Name: name(t, "home.example.org"), Options: &Options{Types: []dns.Type{dns.A}, Sites: sites}}
	for n := range 5000 {
		m, seen := Memory{}, Seen{}
		hidden, known, had := []string{}, []string{}, map[string]bool{}
		for _, s := range sites {
			o, unknown := origin(s), dice.IntN(2) == 0
			for range dice.IntN(3) {
				a := address()
				m, had[a] = m.Observed(o, seenAt(a)), true
				if unknown {
					hidden = append(hidden, a)
				}
			}
			if seen[o] = (addr.Observation{}); !unknown {
				known = append(known, address())
				seen[o] = seenAt(known[len(known)-1])
			}
		}
		stand := map[string]bool{}
		for range dice.IntN(4) {
			stand[address()] = true
		}
		var stood []string
		for a := range stand {
			stood = append(stood, a)
		}
		slices.Sort(stood)
		after := standsAfter(t, r, seen, m, stood...)
		all := len(known) == len(sites)
		for _, a := range stood {
			may := all || len(known) > 0 && had[a] && !slices.Contains(hidden, a)
			if !slices.Contains(after, a) && !may {
				t.Fatalf("%d: %s was removed: seen %v, stood %v, hidden %v, after %v", n, a, seen, stood, hidden, after)
			}
		}
		for _, a := range known {
			if !slices.Contains(after, a) {
				t.Fatalf("%d: %s is missing of %v", n, a, after)
			}
		}
		if again := standsAfter(t, r, seen, m, after...); !slices.Equal(again, after) {
			t.Fatalf("%d: %v, and then %v", n, after, again)
		}
	}
}

func TestAListOfSeveralSitesKeepsWhatIsNotKnown(t *testing.T) {
	l := List{Name: "home", Sites: "a,b"}
	item := func(id, a string) ListItem { return ListItem{ID: id, Prefix: netip.MustParsePrefix(a + "/32")} }
	m := Memory{}.Observed(origin("a"), seenAt("192.0.2.1")).Observed(origin("b"), seenAt("198.51.100.1"))
	items := []ListItem{item("1", "192.0.2.1"), item("2", "198.51.100.1"), item("3", "203.0.113.9")}
	steps := func(seen Seen) (all []string) {
		for _, c := range DiffList(l, listLimits(), seen, m, items, Spec{}.OwnsItem).Changes {
			all = append(all, c.Action.Sign()+c.Item.Prefix.Addr().String())
		}
		return all
	}
	if got := steps(Seen{origin("a"): seenAt("192.0.2.2"), origin("b"): {}}); !slices.Equal(got, []string{"+192.0.2.2", "-192.0.2.1"}) {
		t.Errorf("one not known: %v", got)
	}
	if got := steps(Seen{origin("a"): {}, origin("b"): {}}); got != nil {
		t.Errorf("none known: %v", got)
	}
	if got := steps(Seen{origin("a"): seenAt("192.0.2.1"), origin("b"): seenAt("198.51.100.1")}); !slices.Equal(got, []string{"-203.0.113.9"}) {
		t.Errorf("all known: %v", got)
	}
	first := List{Name: "home", Sites: "a,b", Pick: First}
	p := DiffList(first, listLimits(), Seen{FirstOf([]string{"a", "b"}, addr.IPv4): seenAt("192.0.2.1")}, m, items, Spec{}.OwnsItem)
	if len(p.Changes) != 2 || p.Kept != 1 {
		t.Errorf("the first: %+v", p)
	}
}

func TestTheFirstOfSeveralIsOneOrigin(t *testing.T) {
	r := Record{Name: name(t, "a.example.org"), Options: &Options{Types: []dns.Type{dns.A}, Sites: []string{"", "cable"}, Pick: First}}
	needs := r.Needs(dns.A)
	if len(needs) != 1 || needs[0].String() != "IPv4 of this machine, else cable" || !slices.Equal(needs[0].Among(), []Origin{Here(addr.IPv4), origin("cable")}) {
		t.Fatalf("%v", needs)
	}
	s := Spec{Records: []Record{r}}
	if !s.Uses(origin("cable")) || s.Needs(origin("cable")) || !s.Needs(needs[0]) || !slices.Equal(s.FailoverOrigins(), needs) || s.HasSharedTargets() {
		t.Errorf("it uses another thing")
	}
	if got := Targets(s, Seen{needs[0]: seenAt("192.0.2.1"), Here(addr.IPv4): {}}, Memory{})[0]; got.State != Values || joinData(got.Values) != "192.0.2.1" {
		t.Errorf("%s %s", got.State, joinData(got.Values))
	}
}
