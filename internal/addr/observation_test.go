package addr

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
)

// known is what a source that says these addresses knows.
func known(addrs ...string) Observation {
	var ps []netip.Prefix
	for _, a := range addrs {
		a := netip.MustParseAddr(a)
		ps = append(ps, netip.PrefixFrom(a, a.BitLen()))
	}
	return Known(ps...)
}

var errDown = errors.New("the line is down")

func TestZeroObservationIsNotKnown(t *testing.T) {
	var o Observation
	if o.Known() || !errors.Is(o.Why(), ErrNotAsked) || o.Certain() {
		t.Errorf("the zero Observation: known %v, why %v, certain %v", o.Known(), o.Why(), o.Certain())
	}
	if o.Same(o) || o.Same(None()) {
		t.Error("what is not known is the same as something")
	}
}

func TestNoneIsKnowledgeAndAnEmptyAnswerIsNot(t *testing.T) {
	if o := None(); !o.Known() || o.Why() != nil || len(o.Prefixes()) != 0 {
		t.Errorf("None() = %s", o.Describe())
	}
	if o := Known(); o.Known() || o.Why() == nil {
		t.Error("an answer without an address became knowledge")
	}
	if !None().Same(None()) || None().Same(known("192.0.2.1")) {
		t.Error("None is the same as None and as nothing else")
	}
}

func TestKnownIsASetWithHostBits(t *testing.T) {
	a, b := netip.MustParsePrefix("2001:db8::2/64"), netip.MustParsePrefix("2001:db8::1/64")
	given := []netip.Prefix{a, b, a}
	o := Known(given...)
	if want := []netip.Prefix{b, a}; !slices.Equal(o.Prefixes(), want) {
		t.Errorf("prefixes are %v, want %v", o.Prefixes(), want)
	}
	if given[0] != a || given[1] != b {
		t.Error("Known sorted what belongs to its caller")
	}
	if !o.Same(Known(b, a)) {
		t.Error("order makes a difference")
	}
	if o.Same(Known(b, netip.MustParsePrefix("2001:db8::2/56"))) {
		t.Error("the prefix length makes no difference")
	}
	twice := Known(a, netip.MustParsePrefix("2001:db8::2/56"))
	if want := []netip.Addr{a.Addr()}; !slices.Equal(twice.Addrs(), want) {
		t.Errorf("addresses are %v, want %v", twice.Addrs(), want)
	}
}

func TestCertainNeedsEveryKnowingVoteToBe(t *testing.T) {
	said := known("192.0.2.1")
	certain := Vote{Voter: Voter{Source: "static", Certain: true}, Said: said}
	asked := Vote{Voter: Voter{Source: "trace"}, Said: said}
	failed := Vote{Voter: Voter{Source: "trace"}, Said: Unknown(errDown)}
	for _, c := range []struct {
		name string
		o    Observation
		want bool
	}{
		{"without votes", said, false},
		{"all certain", said.With(certain, certain), true},
		{"one asked", said.With(certain, asked), false},
		{"the others failed", said.With(failed, certain), true},
		{"not known", Unknown(errDown).With(failed), false},
	} {
		if got := c.o.Certain(); got != c.want {
			t.Errorf("%s: certain is %v", c.name, got)
		}
	}
}

func TestDescribeIsForPeople(t *testing.T) {
	for want, o := range map[string]Observation{
		"not known: no source was asked": {},
		"not known: the line is down":    Unknown(errDown),
		"no address":                     None(),
		"192.0.2.1, 192.0.2.9":           known("192.0.2.9", "192.0.2.1"),
	} {
		if got := o.Describe(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
