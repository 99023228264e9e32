package status

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// told is the kinds and texts of what each of these rounds brought.
func told(rounds ...Round) (all [][]string) {
	var s Standing
	for _, r := range rounds {
		var events []Event
		events, s = Since(s, r)
		var words []string
		for _, e := range events {
			words = append(words, string(e.Kind)+" "+e.Text)
		}
		all = append(all, words)
	}
	return all
}

func TestWhatIsNewIsToldOnceAndACauseIsOneEvent(t *testing.T) {
	full := func(n int) Condition {
		return Condition{Code: ChangeFailed, Cause: "rejected", Subject: fmt.Sprint("n", n), Text: fmt.Sprint("create n", n, ": full"), Reason: "full", Hint: "make room"}
	}
	token := Condition{Code: ZoneFailed, Cause: "auth", Subject: "a.org", Text: "read a.org: no", Reason: "no"}
	zones := Condition{Code: ZonesUnread, Cause: "auth", Subject: "zones of b", Text: "list: no", Reason: "no"}
	got := told(
		minute(0, seen("203.0.113.7"), full(1), full(2), full(3), full(4)),
		minute(1, seen("203.0.113.7"), full(1), full(2), full(3), full(4)),
		minute(2, seen("203.0.113.7"), full(3), full(4), full(5)),
		minute(3, seen("203.0.113.7"), token, zones),
		minute(4, seen("203.0.113.7"), full(5)),
	)
	want := [][]string{
		{"address ", "condition n1, n2, n3 and 1 more: full"},
		nil,
		{"condition n5: create n5: full", "condition-ended n1, n2: full"},
		{"condition a.org, zones of b: no"}, // what is not read cannot be said to be over
		{"condition-ended a.org, zones of b: no", "condition-ended n3, n4: full"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatARoundCannotSeeTheEndOfStands(t *testing.T) {
	record := Condition{Code: ChangeFailed, Subject: "A a.example.org", Text: "no"}
	record.Key = dns.Key{Name: name(t, "a.example.org"), Type: dns.A}
	advice := Condition{Code: AccountAdvice, Subject: "account", Text: "could be better"}
	for what, blind := range map[string]Round{
		"its zone is not read":     minute(1, seen("203.0.113.7"), Condition{Code: ZoneFailed, Subject: "example.org", Text: "down"}),
		"no zone is":               minute(1, seen("203.0.113.7"), Condition{Code: ZonesUnread, Subject: "zones", Text: "down"}),
		"its address is not known": minute(1, addr.Unknown(errors.New("down")), Condition{Code: AddressUnknown, Subject: "IPv4", Text: "down"}),
		"it was stopped":           minute(1, seen("203.0.113.7"), Condition{Code: Stopped, Subject: "round", Text: "stopped"}),
	} {
		_, before := Since(Standing{}, minute(0, seen("203.0.113.7"), record, advice))
		events, after := Since(before, blind)
		for _, e := range events {
			if e.Kind == ConditionOver && e.Code == ChangeFailed {
				t.Errorf("%s: it is called over", what)
			}
		}
		events, _ = Since(after, minute(2, seen("203.0.113.7")))
		over := 0
		for _, e := range events {
			if e.Kind == ConditionOver && e.Code == ChangeFailed {
				over++
			}
		}
		if over != 1 {
			t.Errorf("%s: its end is told %d times", what, over)
		}
	}
}

func TestAPlannedRoundBringsNothing(t *testing.T) {
	_, before := Since(Standing{}, minute(0, seen("203.0.113.7")))
	dry := minute(1, seen("203.0.113.8"), Condition{Code: Rival, Subject: "x"})
	dry.Dry = true
	events, after := Since(before, dry)
	if len(events) > 0 || len(after.Conditions) > 0 || !after.Addrs[plan.Here(addr.IPv4)].Since.Equal(day(0)) {
		t.Errorf("%v, %v", events, after)
	}
}
