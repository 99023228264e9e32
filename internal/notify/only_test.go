package notify

import (
	"slices"
	"testing"
)

func TestOnlyTheChosenEventsAreTold(t *testing.T) {
	for _, x := range []struct {
		kinds []string
		want  []string
	}{
		{[]string{"failed"}, []string{"b"}},
		{[]string{"failed", "changed"}, []string{"a", "b"}},
		{[]string{"recovered"}, nil},
	} {
		s, p := &sink{}, &pulse{}
		e := Event{Heartbeat{Signal: SignalUp}, []Message{{Kind: Changed, Body: "a"}, {Kind: Failed, Body: "b"}}}
		if err := sent(t, OnlyKinds(s, x.kinds), e); err != nil || !slices.Equal(s.done, x.want) {
			t.Errorf("%q: told %q, %v", x.kinds, s.done, err)
		}
		if err := sent(t, OnlyKinds(p, x.kinds), e); err != nil || len(p.sign) != 1 {
			t.Errorf("%q: beats %v, %v", x.kinds, p.sign, err)
		}
		if len(e.Messages) != 2 || e.Messages[0].Body != "a" {
			t.Errorf("what others are told is changed: %v", e.Messages)
		}
	}
}
