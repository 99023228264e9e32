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
	return Round{Started: day(0).Add(time.Duration(n) * time.Minute), Took: 2 * time.Second, Seen: plan.Seen{addr.IPv4: four}, Conditions: cs}
}

// moving is r, which has moved these names from one address to another.
func moving(t *testing.T, r Round, from, to string, names ...string) Round {
	z := Zone{Name: name(t, "example.org")}
	for _, n := range names {
		old := dns.Record{ID: "1", Name: name(t, n), Type: dns.A, Addr: netip.MustParseAddr(from), TTL: 1}
		next := old
		next.Addr = netip.MustParseAddr(to)
		z.Done = append(z.Done, Done{Change: plan.Change{Action: plan.ToUpdate, Old: old, New: next}})
	}
	r.Zones = append(r.Zones, z)
	return r
}

// recorded is every entry of these rounds, in which nothing may change an
// earlier Recorder.
func recorded(rec Recorder, rounds ...Round) ([]Entry, Recorder) {
	var out []Entry
	for _, r := range rounds {
		es, next := rec.Round(r)
		out, rec = append(out, es...), next
	}
	return out, rec
}

func TestTheHistoryHasWhatIsNewAndNothingElse(t *testing.T) {
	const a, b = "198.51.100.1", "203.0.113.7"
	failing := Condition{Code: ChangeFailed, Subject: "A a.example.org", Text: "no"}
	alike := Condition{Code: ChangeFailed, Subject: "A b.example.org", Text: "no"}
	got, _ := recorded(Recorder{},
		minute(0, seen(a)),
		minute(5, seen(a)),
		minute(10, addr.Unknown(errors.New("down")), Condition{Code: AddressUnknown, Subject: "IPv4", Text: "down"}),
		minute(11, addr.Unknown(errors.New("down")), Condition{Code: AddressUnknown, Subject: "IPv4", Text: "still"}),
		minute(12, addr.Unknown(errors.New("doubt")).With(addr.Vote{Said: seen(b)}), Condition{Code: AddressDoubted, Subject: "IPv4", Text: "doubt"}),
		moving(t, minute(13, seen(b), failing, alike, Condition{Code: SettingAdapted, Subject: "x"}), a, b, "c.example.org", "d.example.org"),
		minute(14, seen(b), alike),
		Round{Started: day(0).Add(15 * time.Minute), Dry: true, Seen: plan.Seen{addr.IPv4: seen(a)}},
		minute(16, seen(b), Condition{Code: Stopped, Subject: "round"}),
		minute(17, seen(b)),
	)
	at := func(n int) time.Time { return day(0).Add(time.Duration(n) * time.Minute) }
	want := []Entry{
		{At: at(0), Kind: Address, Family: "IPv4", Addresses: []string{a}},
		{At: at(10), Kind: Began, Code: AddressUnknown, Subject: "IPv4", Count: 1, Text: "IPv4: down"},
		{At: at(12), Kind: Began, Code: AddressDoubted, Subject: "IPv4", Count: 1, Text: "IPv4: doubt"},
		{At: at(12), Kind: Ended, Code: AddressUnknown, Subject: "IPv4"},
		{At: at(13), Kind: Address, Family: "IPv4", Addresses: []string{b}},
		{At: at(13).Add(2 * time.Second), Kind: Published, Action: "update", Type: "A", Old: a, New: b,
			Names: []string{"c.example.org", "d.example.org"}, Count: 2, TookMS: 62_000}, // since it was first heard of
		{At: at(13), Kind: Began, Code: ChangeFailed, Count: 2, Text: "A a.example.org: no (and 1 more like it)"},
		{At: at(13), Kind: Ended, Code: AddressDoubted, Subject: "IPv4"},
		{At: at(17), Kind: Ended, Code: ChangeFailed},
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
	got, _ := recorded(Recorder{}, x)
	at := day(0).Add(time.Minute + x.Took)
	want := []Entry{
		{At: at, Kind: Published, Action: "create", List: "home_ips", New: "198.51.100.1/32", Count: 1},
		{At: at, Kind: Published, Action: "delete", List: "home_ips", Old: "203.0.113.7/32", Count: 1},
	}
	if diff := cmp.Diff(want, slices.DeleteFunc(got, func(e Entry) bool { return e.Kind != Published })); diff != "" {
		t.Error(diff)
	}
	var events []Event
	for _, e := range want {
		events = append(events, publication(e)...)
	}
	told := slices.DeleteFunc(changes(x, at), func(e Event) bool { return e.Kind != ItemChanged })
	for i := range told {
		told[i].Text = "" // why is not kept
	}
	if !slices.Equal(told, events) || len(events) != 2 {
		t.Errorf("the past is told as %v, what has just happened as %v", events, told)
	}
}

func TestARestartRepeatsNothing(t *testing.T) {
	h, _ := opened(t, t.TempDir())
	wrong := Condition{Code: ZoneFailed, Subject: "example.org", Text: "no"}
	es, before := recorded(Recorder{}, moving(t, minute(0, seen("203.0.113.7"), wrong), "198.51.100.1", "203.0.113.7", "a.example.org"))
	if err := h.Add(day(0), es...); err != nil || len(es) != 3 {
		t.Fatalf("%v, %v", es, err)
	}
	rec, err := h.Recorder()
	if err != nil {
		t.Fatal(err)
	}
	if es, _ := rec.Round(minute(9, seen("203.0.113.7"), wrong)); len(es) != 0 {
		t.Errorf("the same once more gives %v", es)
	}
	if es, _ := rec.Round(minute(9, seen("203.0.113.7"))); len(es) != 1 || es[0].Kind != Ended {
		t.Errorf("what was wrong before the restart ends with %v", es)
	}
	for _, r := range []Recorder{before, rec} {
		as, since := r.Address("IPv4")
		if !cmp.Equal(as, []string{"203.0.113.7"}) || !since.Equal(day(0)) || !r.Published().Equal(day(0).Add(2*time.Second)) {
			t.Errorf("it knows %v since %v, published %v", as, since, r.Published())
		}
	}
}

func TestTwoThousandNamesAreOneEntryThatFits(t *testing.T) {
	var names []string
	for i := range 2000 {
		names = append(names, strings.Repeat("x", 60)+"."+strings.Repeat("y", 60)+"."+strings.Repeat("z", 60)+"."+strings.Repeat("n", 1+i%40)+".org")
	}
	es, _ := Recorder{}.Round(moving(t, minute(0, seen("203.0.113.7")), "198.51.100.1", "203.0.113.7", names...))
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
	es, _ := Recorder{}.Round(minute(0, seen("203.0.113.7"), cs...))
	if len(es) > len(codes())+1 {
		t.Errorf("%d entries", len(es))
	}
	for _, e := range es {
		if line, err := e.line(); err != nil || len(line) > 4096 {
			t.Errorf("a line of %d bytes: %v", len(line), err)
		}
	}
}

func TestATimelineShowsWhatWasSoInASpan(t *testing.T) {
	h, _ := opened(t, t.TempDir())
	one := Entry{At: day(-9), Kind: Address, Family: "IPv4", Addresses: []string{"198.51.100.1"}}
	two := Entry{At: day(2), Kind: Address, Family: "IPv4", Addresses: []string{"203.0.113.7"}}
	early := Entry{At: day(-5), Kind: Published, New: "early"}
	change := Entry{At: day(2), Kind: Published, New: "203.0.113.7"}
	long := Entry{At: day(-1), Kind: Began, Code: ZoneFailed, Text: "long"}
	lasts := Entry{At: day(4), Kind: Began, Code: AddressUnknown, Subject: "IPv6"}
	off := Entry{At: day(3), Kind: End}
	if err := h.Add(day(0), one, early,
		Entry{At: day(-7), Kind: Began, Code: ChangeFailed}, Entry{At: day(-6), Kind: Ended, Code: ChangeFailed},
		long, Entry{At: day(1), Kind: Ended, Code: ZoneFailed}, two, change,
		off, Entry{At: day(3).Add(time.Hour), Kind: Begin}, lasts,
		Entry{At: day(8), Kind: Address, Family: "IPv4"}); err != nil {
		t.Fatal(err)
	}
	got, err := h.Timeline(day(0), day(5))
	if err != nil {
		t.Fatal(err)
	}
	for _, spans := range [][]Span{got.Addresses, got.Outages, got.Off} {
		for i := range spans {
			spans[i].Schema = 0
		}
	}
	for i := range got.Changes {
		got.Changes[i].Schema = 0
	}
	want := Timeline{
		Addresses: []Span{{day(0), day(2), one}, {day(2), day(5), two}},
		Outages:   []Span{{day(0), day(1), long}, {day(4), day(5), lasts}},
		Off:       []Span{{day(3), day(3).Add(time.Hour), off}},
		Changes:   []Entry{change},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheFolderOfTheStateFollowsThePlatform(t *testing.T) {
	for _, c := range []struct {
		env  string
		goos string
		root bool
		want string
	}{
		{"", "linux", true, "/var/lib/homing"},
		{"", "freebsd", true, "/var/db/homing"},
		{"", "openbsd", true, "/var/db/homing"},
		{"HOME=/var/root", "darwin", true, "/Library/Application Support/homing"},
		{"", "linux", false, ""},
		{"HOME=/home/a", "linux", false, "/home/a/.local/state/homing"},
		{"HOME=/home/a XDG_STATE_HOME=/s", "linux", false, "/s/homing"},
		{"HOME=/home/a XDG_STATE_HOME=s", "linux", false, "/home/a/.local/state/homing"},
		{"HOME=/Users/a", "darwin", false, "/Users/a/Library/Application Support/homing"},
		{"HOME=/root XDG_STATE_HOME=/s", "linux", true, "/var/lib/homing"},
		{"STATE_DIRECTORY=/var/lib/one:/var/lib/two", "linux", false, "/var/lib/one"},
		{"STATE_DIRECTORY=/var/lib/one HOMING_STATE=/mine", "linux", true, "/mine"},
		{"STATE_DIRECTORY=", "linux", true, "/var/lib/homing"},
		{"", "windows", false, ""},
		{"ProgramData=/pd", "windows", false, "/pd/homing"},
	} {
		getenv := func(key string) string {
			for kv := range strings.FieldsSeq(c.env) {
				if k, v, _ := strings.Cut(kv, "="); k == key {
					return v
				}
			}
			return ""
		}
		if got := Folder(getenv, c.goos, c.root); got != c.want {
			t.Errorf("%q on %s, root %v: %q, want %q", c.env, c.goos, c.root, got, c.want)
		}
	}
}
