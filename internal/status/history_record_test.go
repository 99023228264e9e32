package status

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

func seen(ip string) addr.Observation {
	return addr.Known(netip.PrefixFrom(netip.MustParseAddr(ip), netip.MustParseAddr(ip).BitLen()))
}

// minute is a round so many minutes after noon, which took two seconds.
func minute(n int, four addr.Observation, cs ...Condition) Round {
	return Round{Started: day(0).Add(time.Duration(n) * time.Minute), Took: 2 * time.Second, Seen: plan.Seen{plan.Here(addr.IPv4): four}, Conditions: cs}
}

// moving is r, which has moved these names from one address to another.
func moving(t *testing.T, r Round, from, to string, names ...string) Round {
	z := Zone{Name: name(t, "example.org")}
	for _, n := range names {
		old := dns.Record{ID: "1", Name: name(t, n), Type: dns.A, Addr: netip.MustParseAddr(from), TTL: 1}
		next := old
		next.Addr = netip.MustParseAddr(to)
		z.Done = append(z.Done, Done{Change: plan.Change{Action: plan.ToUpdate, Old: old, New: next}, Needs: []plan.Origin{plan.Here(addr.IPv4)}})
	}
	r.Zones = append(r.Zones, z)
	return r
}

// recorded is every entry of these rounds.
func recorded(rounds ...Round) (out []entry) {
	var s Standing
	for _, r := range rounds {
		var events []Event
		events, s = Since(s, r)
		out = append(out, entriesOf(events)...)
	}
	return out
}

func TestTheHistoryHasWhatIsNewAndNothingElse(t *testing.T) {
	const a, b = "198.51.100.1", "203.0.113.7"
	failing := Condition{Code: ChangeFailed, Subject: "A a.example.org", Text: "no"}
	alike := Condition{Code: ChangeFailed, Subject: "A b.example.org", Text: "no"}
	got := recorded(
		minute(0, seen(a)),
		minute(5, seen(a)),
		minute(10, addr.Unknown(errors.New("down")), Condition{Code: AddressUnknown, Subject: "IPv4", Text: "down"}),
		minute(11, addr.Unknown(errors.New("down")), Condition{Code: AddressUnknown, Subject: "IPv4", Text: "still"}),
		minute(12, addr.Unknown(errors.New("doubt")).With(addr.Vote{Said: seen(b)}), Condition{Code: AddressDoubted, Subject: "IPv4", Text: "doubt"}),
		moving(t, minute(13, seen(b), failing, alike, Condition{Code: SettingAdapted, Subject: "x"}), a, b, "c.example.org", "d.example.org"),
		minute(14, seen(b), alike),
		Round{Started: day(0).Add(15 * time.Minute), Dry: true, Seen: plan.Seen{plan.Here(addr.IPv4): seen(a)}},
		minute(16, seen(b), Condition{Code: Stopped, Subject: "round"}),
		minute(17, seen(b)),
	)
	at := func(n int) time.Time { return day(0).Add(time.Duration(n) * time.Minute) }
	want := []entry{
		{At: at(0), Kind: entryAddress, Family: "IPv4", Addresses: []string{a}},
		{At: at(10), Kind: entryBegan, Code: AddressUnknown, Subject: "IPv4", Count: 1, Text: "IPv4: down"},
		{At: at(12), Kind: entryBegan, Code: AddressDoubted, Subject: "IPv4", Count: 1, Text: "IPv4: doubt"},
		{At: at(12), Kind: entryEnded, Code: AddressUnknown, Subject: "IPv4"},
		{At: at(13), Kind: entryAddress, Family: "IPv4", Addresses: []string{b}},
		{At: at(13).Add(2 * time.Second), Kind: entryPublished, Action: "update", Type: "A", Old: a, New: b,
			Names: []string{"c.example.org", "d.example.org"}, Count: 2, TookMS: 62_000}, // since it was first heard of
		{At: at(13), Kind: entryBegan, Code: ChangeFailed, Count: 2, Text: "A a.example.org: no (and 1 more like it)"},
		{At: at(13), Kind: entryEnded, Code: AddressDoubted, Subject: "IPv4"},
		{At: at(17), Kind: entryEnded, Code: ChangeFailed},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheHistoryHasTheItemsOfIPLists(t *testing.T) {
	x := minute(1, seen("198.51.100.1"))
	item := func(a plan.Action, prefix string) ListDone {
		return ListDone{ListChange: plan.ListChange{Action: a, Item: plan.ListItem{Prefix: netip.MustParsePrefix(prefix)}, Reason: "why"}}
	}
	refused := item(plan.ToCreate, "203.0.113.9/32")
	refused.Err = errors.New("no")
	x.Lists = []List{{Name: "home_ips", Done: []ListDone{item(plan.ToCreate, "198.51.100.1/32"), item(plan.ToDelete, "203.0.113.7/32"), refused}}}
	got := recorded(x)
	at := day(0).Add(time.Minute + x.Took)
	want := []entry{
		{At: at, Kind: entryPublished, Action: "create", List: "home_ips", New: "198.51.100.1/32", Count: 1},
		{At: at, Kind: entryPublished, Action: "delete", List: "home_ips", Old: "203.0.113.7/32", Count: 1},
	}
	if diff := cmp.Diff(want, slices.DeleteFunc(got, func(e entry) bool { return e.Kind != entryPublished })); diff != "" {
		t.Error(diff)
	}
	events := publications(want...)
	told := slices.DeleteFunc(recordChanges(&x, nil), func(e Event) bool { return e.Kind != ItemChanged })
	for i := range told {
		told[i].Text, told[i].Step = "", "" // why is not kept
	}
	if diff := cmp.Diff(told, events); diff != "" || len(events) != 2 {
		t.Errorf("the past is told otherwise than what has just happened: %s", diff)
	}
}

func TestARestartRepeatsNothing(t *testing.T) {
	h, _ := opened(t, t.TempDir())
	wrong := []Condition{{Code: ZoneFailed, Subject: "example.org", Text: "no"}, {Code: ChangeFailed, Subject: "A b.example.net", Text: "no"}}
	unknown := Condition{Code: AddressDoubted, Subject: "IPv6", Text: "no"}
	before := unknown
	before.Code = AddressUnknown
	es := recorded(minute(-1, seen("203.0.113.7"), before),
		moving(t, minute(0, seen("203.0.113.7"), append(wrong, unknown)...), "198.51.100.1", "203.0.113.7", "a.example.org"))
	if err := h.add(day(0), es...); err != nil || len(es) != 7 {
		t.Fatalf("%v, %v", es, err)
	}
	var told []Event
	restarted := func(cs ...Condition) []entry {
		past, err := h.Past(day(-9), func(Event) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		b := NewBoard()
		b.Prime(past)
		if u := b.Now().Updated; !u.Equal(day(0).Add(2 * time.Second)) {
			t.Errorf("the latest change was at %v", u)
		}
		told = b.Done(minute(9, seen("203.0.113.7"), cs...), nil)
		return entriesOf(told)
	}
	if es := restarted(append(wrong, unknown)...); len(es) != 0 {
		t.Errorf("the same once more gives %v", es)
	}
	if es := restarted(unknown); len(es) != 2 || es[0].Kind != entryEnded || es[1].Kind != entryEnded {
		t.Errorf("what was wrong before the restart ends with %v", es)
	}
	for _, e := range told {
		if e.Kind == ConditionOver && e.Code == ZoneFailed && e.Text != "example.org: no" {
			t.Errorf("its end is told as %q", e.Text)
		}
	}
	if err := h.add(day(0), entry{At: day(0), Kind: entryBegan, Code: "of another release", Text: "what it was"}); err != nil {
		t.Fatal(err)
	}
	if es := restarted(append(wrong, unknown)...); len(es) != 1 || es[0].Kind != entryEnded || es[0].Code != "of another release" {
		t.Errorf("what another release found ends with %v", es)
	}
	if err := h.add(day(0), entry{At: day(0), Kind: entryEnded, Code: "of another release"}); err != nil {
		t.Fatal(err)
	}
	if es := restarted(wrong...); len(es) != 1 || es[0].Kind != entryEnded || es[0].Code != AddressDoubted {
		t.Errorf("an address that is known again is %v", es)
	}
}

func TestTwoThousandNamesAreOneEntryThatFits(t *testing.T) {
	var names []string
	for i := range 2000 {
		names = append(names, strings.Repeat("x", 60)+"."+strings.Repeat("y", 60)+"."+strings.Repeat("z", 60)+"."+strings.Repeat("n", 1+i%40)+".org")
	}
	es := recorded(moving(t, minute(0, seen("203.0.113.7")), "198.51.100.1", "203.0.113.7", names...))
	if len(es) != 2 || es[1].Count != 2000 || len(es[1].Names) != namesKept {
		t.Fatalf("%d entries", len(es))
	}
	if line, err := es[1].line(); err != nil {
		t.Errorf("a line of %d bytes: %v", len(line), err)
	}
}

func TestOutagesAreFewHoweverManyNamesFail(t *testing.T) {
	var cs []Condition
	for _, c := range codes() {
		for range 500 {
			cs = append(cs, Condition{Code: c, Subject: "A x", Text: strings.Repeat("text ", 10_000)})
		}
	}
	es := recorded(minute(0, seen("203.0.113.7"), cs...))
	if len(es) > len(codes())+1 {
		t.Errorf("%d entries", len(es))
	}
	for _, e := range es {
		if line, err := e.line(); err != nil || len(line) > 4096 {
			t.Errorf("a line of %d bytes: %v", len(line), err)
		}
	}
}
