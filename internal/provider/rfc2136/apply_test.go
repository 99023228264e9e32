package rfc2136

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

func record(t testing.TB, n, address string) dns.Record {
	t.Helper()
	r := dns.Record{Name: name(t, n), Type: dns.A, Addr: netip.MustParseAddr(address), TTL: 300}
	if r.Addr.Is6() {
		r.Type = dns.AAAA
	}
	return r
}

// many are sets that each replace one address by another, and what stands there.
func many(t testing.TB, n int) (sets []plan.Set, before []dns.Record) {
	for i := range n {
		old := record(t, fmt.Sprintf("n%04d.home.example.org", i), "192.0.2.1")
		to := old
		to.Addr = netip.MustParseAddr("198.51.100.7")
		before = append(before, old)
		sets = append(sets, plan.Set{Key: old.Key(), Records: []dns.Record{old}, Changes: []plan.Change{{Action: plan.ToUpdate, Old: old, New: to}}})
	}
	return sets, before
}

func kinds(results []provider.SetResult) map[string]int {
	all := map[string]int{}
	for _, r := range results {
		for _, err := range r.Errs {
			word := "done"
			if err != nil {
				word = err.Kind.String()
			}
			all[word]++
		}
	}
	return all
}

func TestTwoThousandNamesAreThreeMessagesAndNoneIsTooLong(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	sets, before := many(t, 2000)
	s.seed(before...)
	results := s.provider().Apply(t.Context(), zoneNamed(name(t, "example.org")), sets)
	if got := kinds(results); got["done"] != 2000 {
		t.Errorf("%v", got)
	}
	if s.updates > 3 || slices.Max(s.sizes) > maxMessage {
		t.Errorf("%d messages of %d octets", s.updates, s.sizes)
	}
	t.Log(s.sizes)
}

// One name the key may not change holds back no other.
func TestWhatIsRefusedIsFoundByHalves(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	sets, before := many(t, 1000)
	s.seed(before...)
	s.deny = func(n string) bool { return n == "n0333.home.example.org" || n == "n0900.home.example.org" }
	results := s.provider().Apply(t.Context(), zoneNamed(name(t, "example.org")), sets)
	if got := kinds(results); got["done"] != 998 || got["rejected"] != 2 {
		t.Errorf("%v", got)
	}
	if s.updates > maxSplitMessages {
		t.Errorf("%d messages", s.updates)
	}
	s.deny = func(n string) bool { return n[len("n000")]%2 == 0 }
	sets, _ = many(t, 1000)
	for i := range sets {
		sets[i].Records[0].Addr, sets[i].Changes[0].Old.Addr, sets[i].Changes[0].New.Addr = sets[i].Changes[0].New.Addr, sets[i].Changes[0].New.Addr, sets[i].Records[0].Addr
	}
	before2 := s.updates
	s.provider().Apply(t.Context(), zoneNamed(name(t, "example.org")), sets)
	if n := s.updates - before2; n > maxSplitMessages+1 {
		t.Errorf("%d messages were spent on what cannot be found", n)
	}
}

// Knot says of a key that may not change one name of a message that it does not know
// the key: the others are found all the same, and the name is told once what the
// server signs shows that it is as it was. A key that may change nothing is told so of
// every name.
func TestAnUnknownKeyMayBeThatOfOneName(t *testing.T) {
	s := serve(t, flavours()[1], "example.org")
	sets, before := many(t, 300)
	s.seed(before...)
	s.deny = func(n string) bool { return n == "n0033.home.example.org" }
	results := s.provider().Apply(t.Context(), zoneNamed(name(t, "example.org")), sets)
	if got := kinds(results); got["done"] != 299 || got["rejected"] != 1 {
		t.Errorf("%v", got)
	}
	want := "rejected: SERVER does not let the key homing change A n0033.home.example.org (BADKEY) → " + string(hintPermission)
	if text := told(s, results[33].Errs[0]); text != want {
		t.Errorf("%s\nwant\n%s", text, want)
	}
	s = serve(t, flavours()[1], "example.org")
	s.seed(before...)
	messages := 0
	s.deny = func(n string) bool {
		if n != "n0001.home.example.org" {
			return false
		}
		if messages++; messages == 2 { // it is alone: somebody was there, or the message was taken
			z := s.zones[s.apexOf(n)]
			z[n] = append(slices.Clone(z[n]), record(t, n, "192.0.2.99"))
		}
		return true
	}
	if got := kinds(s.provider().Apply(t.Context(), zoneNamed(name(t, "example.org")), sets[:2])); got["done"] != 1 || got["unconfirmed"] != 1 {
		t.Errorf("of a name that is not as it was: %v", got)
	}
	s = serve(t, flavours()[1], "example.org")
	s.seed(before...)
	s.deny = func(string) bool { return true }
	if got := kinds(s.provider().Apply(t.Context(), zoneNamed(name(t, "example.org")), sets)); got["unconfirmed"] != 300 || s.updates > maxSplitMessages+1 {
		t.Errorf("%v in %d messages", got, s.updates)
	}
}

// A second writer between the reading and the message loses nothing.
func TestASecondWriterIsNeverOverwritten(t *testing.T) {
	for _, f := range flavours() {
		s := serve(t, f, "example.org")
		sets, before := many(t, 50)
		s.seed(before...)
		theirs := record(t, "n0007.home.example.org", "203.0.113.9")
		s.before = func() { s.seed(theirs) }
		results := s.provider().Apply(t.Context(), zoneNamed(name(t, "example.org")), sets)
		if got := kinds(results); got["stale"] != 50 {
			t.Errorf("%s: %v", f.name, got)
		}
		if got := s.stored(theirs.Name); len(got) != 2 || got[0].Addr != before[7].Addr {
			t.Errorf("%s: %v", f.name, got)
		}
	}
}

// Knot keeps the TTL of a value that is added again, without a word.
func TestTheTTLOfASetIsChanged(t *testing.T) {
	for _, f := range flavours() {
		s := serve(t, f, "example.org")
		old := record(t, "a.example.org", "192.0.2.1")
		s.seed(old)
		to := old
		to.TTL = 60
		got := providertest.Apply(t.Context(), s.provider(), zoneNamed(name(t, "example.org")), []dns.Record{old}, plan.Change{Action: plan.ToUpdate, Old: old, New: to})
		if got[0].Err != nil || s.stored(old.Name)[0].TTL != 60 {
			t.Errorf("%s: %v, %v", f.name, got[0].Err, s.stored(old.Name))
		}
	}
}

func TestAnAddressBesideACNAMEIsToldAsThat(t *testing.T) {
	for _, f := range flavours() {
		s := serve(t, f, "example.org")
		s.seed(dns.Record{Name: name(t, "a.example.org"), Type: dns.CNAME, Text: "b.example.net", TTL: 60})
		got := providertest.Apply(t.Context(), s.provider(), zoneNamed(name(t, "example.org")), nil,
			plan.Change{Action: plan.ToCreate, New: record(t, "a.example.org", "192.0.2.1")})
		want := "rejected: there is a CNAME to b.example.net, and nothing can stand beside it → delete the CNAME, or remove the name from homing's records"
		if text := told(s, got[0].Err); text != want {
			t.Errorf("%s: %s", f.name, text)
		}
	}
}

// What a wildcard answers with stands nowhere.
func TestAWildcardsAnswerIsNoRecord(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	wild := record(t, "*.w.example.org", "192.0.2.1")
	real, six := record(t, "real.w.example.org", "192.0.2.1"), record(t, "*.w.example.org", "2001:db8::1")
	s.seed(wild, real, six, dns.Record{Name: name(t, "*.c.example.org"), Type: dns.CNAME, Text: "b.example.net", TTL: 60})
	p, zone := s.provider(), zoneNamed(name(t, "example.org"))
	names := []dns.Name{name(t, "x.w.example.org"), name(t, "a.b.w.example.org"), real.Name, wild.Name, name(t, "x.c.example.org")}
	got, err := p.Records(t.Context(), zone, names)
	if err != nil || !slices.EqualFunc(got, []dns.Record{wild, six, real}, func(a, b dns.Record) bool { return a.Equal(&b) }) {
		t.Errorf("%v, %v", got, err)
	}
	placed, unplaced, err := p.Zones(t.Context(), names)
	if err != nil || len(unplaced) > 0 || len(placed) != len(names) || placed[4].Zone.Name != zone.Name {
		t.Errorf("%v, %v, %v", placed, unplaced, err)
	}
	made := record(t, "x.w.example.org", "192.0.2.1")
	if r := providertest.Apply(t.Context(), p, zone, nil, plan.Change{Action: plan.ToCreate, New: made}); r[0].Err != nil {
		t.Error(r[0].Err)
	}
	if r := providertest.Apply(t.Context(), p, zone, []dns.Record{made}, plan.Change{Action: plan.ToDelete, Old: made}); r[0].Err != nil || len(s.stored(made.Name)) > 0 {
		t.Error(r[0].Err, s.stored(made.Name))
	}
}

// Ids on one connection never meet, and what is refused stands with its name.
func TestManyNamesAreFoundWithTheOneThatIsNot(t *testing.T) {
	s := serve(t, flavours()[1], "example.org")
	var names []dns.Name
	for i := range 300 {
		names = append(names, name(t, fmt.Sprintf("n%04d.example.org", i)))
	}
	names[200] = name(t, "host.nowhere.invalid")
	placed, unplaced, err := s.provider().Zones(t.Context(), names)
	if err != nil || len(placed) != 299 || len(unplaced) != 1 || unplaced[0].Name != names[200] {
		t.Errorf("%d, %v, %v", len(placed), unplaced, err)
	}
}

// roundOf is what changes many names once they were read, and the messages it takes.
func roundOf(t *testing.T, p *Provider, sets []plan.Set, between func()) (map[string]int, int64) {
	t.Helper()
	zone := zoneNamed(name(t, "example.org"))
	var names []dns.Name
	for _, s := range sets {
		names = append(names, s.Key.Name)
	}
	if _, err := p.Records(t.Context(), zone, names); err != nil {
		t.Fatal(err)
	}
	between()
	before := p.Calls()
	return kinds(p.Apply(t.Context(), zone, sets)), p.Calls() - before
}

// back is the sets that undo others.
func back(sets []plan.Set) (all []plan.Set) {
	for _, s := range sets {
		c := s.Changes[0]
		all = append(all, plan.Set{Key: s.Key, Records: []dns.Record{c.New}, Changes: []plan.Change{{Action: plan.ToUpdate, Old: c.New, New: c.Old}}})
	}
	return all
}

// While the serial says that nobody else changed anything, no TTL is asked for: a
// change of 2,000 names is three messages, each with one for the serial and one that
// confirms it. The next change needs no reading either.
func TestTheSerialTellsOfAllTTLsAtOnce(t *testing.T) {
	for _, f := range flavours() {
		s := serve(t, f, "example.org")
		sets, before := many(t, 2000)
		s.seed(before...)
		p := s.provider()
		got, calls := roundOf(t, p, sets, func() {})
		if got["done"] != 2000 || calls != 9 {
			t.Errorf("%s: %v in %d messages", f.name, got, calls)
		}
		calls = p.Calls()
		if got := kinds(p.Apply(t.Context(), zoneNamed(name(t, "example.org")), back(sets))); got["done"] != 2000 || p.Calls()-calls != 9 {
			t.Errorf("%s: back: %v in %d messages", f.name, got, p.Calls()-calls)
		}
	}
}

// Whatever somebody else changed since makes the TTLs be asked for; one that was set
// by hand is not set back.
func TestATTLThatSomebodySetIsKept(t *testing.T) {
	for _, f := range flavours() {
		for what, between := range map[string]func(s *server){
			"a TTL": func(s *server) {
				s.set(func(s *server) {
					s.zones["example.org"]["n0007.home.example.org"][0].TTL = 60
					s.serials["example.org"]++
				})
			},
			"another name, and a TTL": func(s *server) {
				s.seed(record(t, "other.example.org", "203.0.113.1"))
				s.set(func(s *server) {
					s.zones["example.org"]["n0007.home.example.org"][0].TTL = 60
					s.serials["example.org"]++
				})
			},
		} {
			s := serve(t, f, "example.org")
			sets, before := many(t, 100)
			s.seed(before...)
			got, calls := roundOf(t, s.provider(), sets, func() { between(s) })
			if got["stale"] != 1 || got["done"] != 99 || calls != 103 || s.stored(sets[7].Key.Name)[0].TTL != 60 {
				t.Errorf("%s: %s: %v in %d messages, %v", f.name, what, got, calls, s.stored(sets[7].Key.Name))
			}
		}
	}
}

// A server that counts by more than one, or does not tell: each set is asked for.
func TestAServerThatCountsOtherwiseIsAskedForEach(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	s.further = 100
	sets, before := many(t, 100)
	s.seed(before...)
	p := s.provider()
	if got, calls := roundOf(t, p, sets, func() {}); got["done"] != 100 || calls != 3 {
		t.Errorf("%v in %d messages", got, calls)
	}
	calls := p.Calls()
	if got := kinds(p.Apply(t.Context(), zoneNamed(name(t, "example.org")), back(sets))); got["done"] != 100 || p.Calls()-calls != 103 {
		t.Errorf("%v in %d messages", got, p.Calls()-calls)
	}
	s.set(func(s *server) { s.serials["example.org"] = 0 })
	if got, calls := roundOf(t, p, sets, func() {}); got["done"] != 100 || calls != 103 {
		t.Errorf("no serial: %v in %d messages", got, calls)
	}
}

// Where an answer is lost nobody knows how the server counted.
func TestALostAnswerMakesTheSerialUnknown(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	sets, before := many(t, 100)
	s.seed(before...)
	p := s.provider()
	s.set(func(s *server) { s.lose = true })
	if got, _ := roundOf(t, p, sets, func() {}); got["unconfirmed"] != 100 {
		t.Errorf("%v", got)
	}
	s.set(func(s *server) { s.lose = false })
	calls := p.Calls()
	if got := kinds(p.Apply(t.Context(), zoneNamed(name(t, "example.org")), back(sets))); got["done"] != 100 || p.Calls()-calls != 103 {
		t.Errorf("%v in %d messages", got, p.Calls()-calls)
	}
}
