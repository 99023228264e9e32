package addr

import (
	"strings"
	"testing"
)

func TestConfirm(t *testing.T) {
	x, y, z, down := known("192.0.2.1"), known("192.0.2.2"), known("192.0.2.3"), Unknown(errDown)
	weak := func(way string, o Observation) Vote {
		v := says(way, o)
		v.Weak = true
		return v
	}
	sure := Vote{Voter: Voter{Source: "static", Route: "static", Certain: true}, Said: x}
	for _, c := range []struct {
		name    string
		looks   []Vote
		want    Observation
		settled bool
	}{
		{"nobody looked", nil, down, false},
		{"one look is not enough", []Vote{says("a", x)}, down, false},
		{"two ways that agree are", []Vote{says("a", x), says("b", x)}, x, true},
		{"the same way twice is not", []Vote{says("a", x), says("a", x)}, down, false},
		{"two that differ leave it open", []Vote{says("a", x), says("b", y)}, down, false},
		{"a third decides for the first", []Vote{says("a", x), says("b", y), says("c", x)}, x, true},
		{"a third decides for the second", []Vote{says("a", x), says("b", y), says("c", y)}, y, true},
		{"three that differ are doubt for good", []Vote{says("a", x), says("b", y), says("c", z)}, down, true},
		{"a fourth is not heard", []Vote{says("a", x), says("b", y), says("c", z), says("d", x)}, down, true},
		{"what is not known is no vote", []Vote{says("a", down), says("b", x), says("c", down), says("d", x)}, x, true},
		{"nor does it use up a look", []Vote{says("a", x), says("b", down), says("c", down)}, down, false},
		{"known to be none can be confirmed too", []Vote{says("a", None()), says("b", None())}, None(), true},
		{"what is certain needs nobody", []Vote{sure}, x, true},
		{"weak ones alone never are enough", []Vote{weak("s", x), weak("t", x), weak("u", x)}, down, false},
		{"a weak one is one look", []Vote{weak("s", x), says("b", x)}, x, true},
		{"however many there are", []Vote{weak("s", y), weak("t", y), weak("u", y), says("a", x), says("b", x)}, x, true},
		{"the liar twice over one way, the truth over two", []Vote{says("a", x), says("a", x), says("b", y)}, down, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, settled := Confirm(c.looks)
			if settled != c.settled {
				t.Errorf("settled is %v", settled)
			}
			if got.Known() != c.want.Known() || got.Known() && !got.Same(c.want) {
				t.Errorf("it is %s, want %s", got.Describe(), c.want.Describe())
			}
			if len(got.Votes()) != len(c.looks) {
				t.Errorf("it carries %d of %d looks", len(got.Votes()), len(c.looks))
			}
		})
	}
}

func TestConfirmSaysWhyItIsNot(t *testing.T) {
	x, y := known("192.0.2.1"), known("192.0.2.2")
	for want, looks := range map[string][]Vote{
		"an address is published only when two agree: a says 192.0.2.1": {says("a", x), says("b", Unknown(errDown))},
		"no two answers agree: a says 192.0.2.1; b says 192.0.2.2":      {says("a", x), says("b", y)},
		"the line is down": {says("a", Unknown(errDown))},
	} {
		got, _ := Confirm(looks)
		if !strings.Contains(got.Why().Error(), want) {
			t.Errorf("%q does not say %q", got.Why(), want)
		}
	}
}
