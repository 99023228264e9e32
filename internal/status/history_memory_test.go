package status

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

func TestTheHistoryRemembersWhatHomingWrote(t *testing.T) {
	h, _, err := OpenHistory(t.TempDir(), day(0))
	if err != nil {
		t.Fatal(err)
	}
	const a, b, c = "84.1.2.3", "84.1.2.4", "84.1.2.5"
	key := func(n string) dns.Key { return dns.Key{Name: name(t, n), Type: dns.A} }
	kept, gone, other := key("kept.example.org"), key("gone.example.org"), key("other.example.org")
	written := []entry{
		{At: day(0), Kind: entryAddress, Family: "IPv4", Addresses: []string{a}},
		{At: day(0), Kind: entryPublished, Action: "create", Type: "A", New: a, Names: []string{"kept.example.org", "gone.example.org", "other.example.org"}, Count: 3},
		{At: day(0), Kind: entryPublished, Action: "update", Type: "A", Old: c, New: c, Text: "proxied off → on", Names: []string{"kept.example.org"}, Count: 1},
		{At: day(1), Kind: entryAddress, Family: "IPv4", Addresses: []string{b}},
		{At: day(1), Kind: entryPublished, Action: "update", Type: "A", Old: a, New: b, Names: []string{"kept.example.org"}, Count: 1},
		{At: day(1), Kind: entryPublished, Action: "delete", Type: "A", Old: a, Names: []string{"gone.example.org"}, Count: 1},
		{At: day(1), Kind: entryPublished, Action: "create", List: "home", New: "84.1.2.4/32", Count: 1},
	}
	if err := h.add(day(1), written...); err != nil {
		t.Fatal(err)
	}
	m, err := h.Memory([]dns.Key{kept, gone})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[dns.Key][]dns.Data{kept: {{Addr: netip.MustParseAddr(b)}}}, m.Wrote, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if got := m.Last[plan.Here(addr.IPv4)]; len(got) != 2 || !got[0].Seen.Same(seen(b)) || !got[1].Seen.Same(seen(a)) || !got[0].Since.Equal(day(1)) {
		t.Errorf("the addresses were %v", got)
	}
	record := plan.Record{Name: other.Name, Options: &plan.Options{Types: []dns.Type{dns.A}, Leftovers: plan.Keep}}
	if target := plan.Targets(plan.Spec{Records: []plan.Record{record}}, plan.Seen{}, m)[0]; len(target.Last) != 2 || target.Wrote != nil {
		t.Errorf("last %v, wrote %v", target.Last, target.Wrote)
	}
}

func TestAHistoryTellsWhatTXTRecordsSaid(t *testing.T) {
	h, _, err := OpenHistory(t.TempDir(), day(0))
	if err != nil {
		t.Fatal(err)
	}
	k := dns.Key{Name: name(t, "example.org"), Type: dns.TXT}
	before, after := dns.DataOfStrings("home 198.51.100.1"), dns.DataOfStrings("home 203.0.113.7")
	for _, e := range []entry{
		{At: day(0), Kind: entryPublished, Action: "create", Type: "TXT", New: before.Text, Names: []string{"example.org"}, Count: 1},
		{At: day(1), Kind: entryPublished, Action: "update", Type: "TXT", Old: before.Text, New: after.Text, Names: []string{"example.org"}, Count: 1},
	} {
		if err := h.add(day(1), e); err != nil {
			t.Fatal(err)
		}
	}
	m, err := h.Memory([]dns.Key{k})
	if err != nil || len(m.Wrote[k]) != 1 || m.Wrote[k][0] != after {
		t.Errorf("%v, %v", m.Wrote, err)
	}
}

func TestAHistoryThatIsOnlyReadIsNotMade(t *testing.T) {
	folder := t.TempDir()
	m, err := ReadHistory(folder + "/none").Memory(nil)
	if err != nil || m.Wrote != nil || m.Last != nil {
		t.Errorf("%v, %v", m, err)
	}
	if ReadHistory("") != nil {
		t.Error("no folder has a history")
	}
}
