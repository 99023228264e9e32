package status

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

func TestThePastIsToldAsABoardTellsIt(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }
	h, _, err := OpenHistory(t.TempDir(), at(9))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.add(at(9),
		entry{At: at(1), Kind: entryStart},
		entry{At: at(1), Kind: entryAddress, Family: "IPv4", Addresses: []string{"192.0.2.1"}},
		entry{At: at(2), Kind: entryAddress, Family: "IPv4", Addresses: []string{"192.0.2.2"}},
		entry{At: at(4), Kind: entryPublished, Action: "update", Type: "A", Old: "192.0.2.1", New: "192.0.2.2", Names: []string{"a.example.org", "no name"}, Count: 2, TookMS: 1500},
		entry{At: at(5), Kind: entryBegan, Code: AddressUnknown, Subject: "IPv4", Text: "down"},
		entry{At: at(6), Kind: entryEnded, Code: AddressUnknown, Subject: "IPv4"},
		entry{At: at(7), Kind: entryBegan, Code: "of another release", Text: "what it was"},
		entry{At: at(8), Kind: entryStop},
	); err != nil {
		t.Fatal(err)
	}
	got, err := h.Past(at(3), func(Event) bool { return true })
	want := []Event{
		{At: at(2), Kind: AddressFound, Moved: true, Of: plan.Here(addr.IPv4), From: "192.0.2.1", To: "192.0.2.2"},
		{At: at(4), Kind: RecordChanged, Action: plan.ToUpdate, Count: 1, Keys: []dns.Key{{Name: name(t, "a.example.org"), Type: dns.A}}, From: "192.0.2.1", To: "192.0.2.2"},
		{At: at(4), Kind: FamilyPublished, Of: plan.Here(addr.IPv4), To: "192.0.2.2", Took: 1500 * time.Millisecond},
		{At: at(5), Kind: AddressLost, Of: plan.Here(addr.IPv4), Code: AddressUnknown, From: "192.0.2.2", Text: "down"},
		{At: at(6), Kind: AddressFound, Of: plan.Here(addr.IPv4), From: "192.0.2.2", To: "192.0.2.2"},
		{At: at(7), Kind: ConditionBegan, Code: "of another release", Text: "what it was", Failure: true},
		{At: at(8), Kind: HomingEnded},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b dns.Name) bool { return a == b })); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// What is told is bounded, and says what the addresses were before.
func TestThePastOfVeryManyEventsIsTheNewest(t *testing.T) {
	folder := t.TempDir()
	h, _ := opened(t, folder)
	var written []entry
	for i := range 6000 {
		written = append(written, entry{At: day(0).Add(time.Duration(i) * time.Minute), Kind: entryBegan, Code: "c"}, entry{At: day(0).Add(time.Duration(i) * time.Minute), Kind: entryEnded, Code: "c"})
	}
	before := []entry{{At: day(-2), Kind: entryAddress, Family: "IPv4", Addresses: []string{"198.51.100.1"}}, {At: day(-1), Kind: entryAddress, Family: "IPv4", Addresses: []string{"198.51.100.2"}}}
	var b []byte
	for _, e := range append(before, written...) {
		line, err := e.line()
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, line...)
	}
	for range 3 { // longer than the file may be, and than is told
		b = append(b, b[len(b)/2:]...)
	}
	if err := os.WriteFile(h.path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := h.Past(day(-0), func(Event) bool { return true })
	if n := len(got); err != nil || n < 10_000 || n > 13_000 {
		t.Fatalf("%d events, %v", n, err)
	}
	if got[0].To != "198.51.100.2" || got[1].Kind != ConditionBegan && got[1].Kind != ConditionOver {
		t.Errorf("it begins with %v", got[:2])
	}
}

func TestWhoChangedSettingsIsInTheHistory(t *testing.T) {
	h, _, err := OpenHistory(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	edited := Event{At: time.Now().UTC().Truncate(time.Second), Kind: SettingsEdited, From: "a session, from 192.0.2.9", To: "schedule.every, records[0].ttl"}
	if err := h.Add(time.Now(), edited); err != nil {
		t.Fatal(err)
	}
	past, err := h.Past(time.Now().Add(-time.Hour), func(Event) bool { return true })
	if err != nil || len(past) != 1 || past[0].Kind != SettingsEdited || past[0].From != edited.From || past[0].To != edited.To || !past[0].At.Equal(edited.At) {
		t.Errorf("%+v %v", past, err)
	}
	b := NewBoard()
	if b.Tell(edited); b.Now().Events[0].To != edited.To {
		t.Errorf("the page has %+v", b.Now().Events)
	}
}
