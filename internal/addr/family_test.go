package addr

import (
	"net/netip"
	"testing"
)

func TestFamilyHoldsOnlyItsOwnPlainAddresses(t *testing.T) {
	for _, c := range []struct {
		a      string
		v4, v6 bool
	}{
		{"192.0.2.1", true, false},
		{"2001:db8::1", false, true},
		{"::ffff:192.0.2.1", false, false},
		{"fe80::1%eth0", false, false},
	} {
		a := netip.MustParseAddr(c.a)
		if got := IPv4.Holds(a); got != c.v4 {
			t.Errorf("IPv4.Holds(%s) = %v", a, got)
		}
		if got := IPv6.Holds(a); got != c.v6 {
			t.Errorf("IPv6.Holds(%s) = %v", a, got)
		}
		if Family(0).Holds(a) {
			t.Errorf("no family holds %s", a)
		}
	}
	if IPv4.Holds(netip.Addr{}) || IPv6.Holds(netip.Addr{}) {
		t.Error("a family holds the zero address")
	}
}

func TestFamilyNamesItself(t *testing.T) {
	for f, want := range map[Family]string{IPv4: "IPv4", IPv6: "IPv6", 0: "no family"} {
		if f.String() != want {
			t.Errorf("Family(%d) = %q, want %q", f, f, want)
		}
	}
	if Families() != [2]Family{IPv4, IPv6} || IPv4.Bits() != 32 || IPv6.Bits() != 128 {
		t.Error("the families are IPv4 with 32 bits and IPv6 with 128")
	}
}
