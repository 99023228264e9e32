package status

import (
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
)

func TestTheHistoryTellsWhatWasConfirmedLately(t *testing.T) {
	now := day(10)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const a, b, c = "84.1.2.3", "84.1.2.4", "84.1.2.5"
	k := dns.Key{Name: name(t, "home.example.org"), Type: dns.A}
	change := func(at time.Time, from, to string) entry {
		return entry{At: at, Kind: entryPublished, Action: "update", Type: "A", Old: from, New: to, Names: []string{"home.example.org"}, Count: 1}
	}
	start := func(at time.Time) entry { return entry{At: at, Kind: entryStart} }
	for _, test := range []struct {
		what    string
		entries []entry
		to      string // empty: nothing
		age     time.Duration
	}{
		{"the last of two", []entry{change(ago(3*time.Minute), a, b), change(ago(time.Minute), b, c)}, c, time.Minute},
		{"long ago", []entry{change(ago(2*time.Hour), a, b)}, "", 0},
		{"long ago, and something since", []entry{change(ago(2*time.Hour), a, b), start(ago(time.Minute))}, "", 0},
		{"another name", []entry{{At: ago(time.Minute), Kind: entryPublished, Action: "create", Type: "A", New: a, Names: []string{"nas.example.org"}, Count: 1}}, "", 0},
		{"a clock that was ahead", []entry{start(ago(time.Hour)), change(now.Add(time.Hour), a, b)}, b, 0},
		{"and is right again since", []entry{change(now.Add(time.Hour), a, b), start(ago(20 * time.Minute))}, b, 20 * time.Minute},
		{"and that long ago", []entry{change(now.Add(time.Hour), a, b), start(ago(20 * time.Hour))}, "", 0},
		{"a clock that was behind", []entry{start(ago(2 * time.Hour)), change(day(0), a, b)}, b, 0},
		{"and is right again since", []entry{start(ago(2 * time.Hour)), change(day(0), a, b), start(ago(time.Minute))}, b, time.Minute},
	} {
		h, _, err := OpenHistory(t.TempDir(), now)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.add(now, test.entries...); err != nil {
			t.Fatal(err)
		}
		all, err := h.Confirmed(now, []dns.Key{k})
		if err != nil {
			t.Fatal(err)
		}
		got, known := all[k]
		if known != (test.to != "") || known && (got.New.Content() != test.to || now.Sub(got.At) != test.age) {
			t.Errorf("%s: %v of %v", test.what, got.New, got.At)
		}
	}
}
