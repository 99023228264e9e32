package expr

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

func TestAddrsMatch(t *testing.T) {
	tests := []struct {
		family        addr.Family
		expr, yes, no string
	}{
		{addr.IPv4, " keep-all ", "192.0.2.1 8.8.8.8", ""},
		{addr.IPv4, "addr-in(192.0.2.0/24)", "192.0.2.0 192.0.2.255", "192.0.3.0"},
		{addr.IPv4, "addr-in(192.0.2.77/24)", "192.0.2.1", "192.0.3.1"},
		{addr.IPv4, "!addr-in(10.0.0.0/8) && !addr-in( 192.168.0.0/16 )", "8.8.8.8", "10.1.2.3 192.168.1.1"},
		{addr.IPv6, "addr-in(2001:db8::/32) && !addr-in(2001:db8:1::/48)", "2001:db8::1", "2001:db8:1::1 2001:db9::"},
		{addr.IPv6, "addr-in(::ffff:192.0.2.0/120)", "", "2001:db8::1 ::1"},
		{addr.IPv6, "addr-in(fd00::/8)||addr-in(2000::/3)", "fd00::1 2001:db8::1", "fe80::1"},
	}
	for _, tt := range tests {
		e, err := ParseAddrs(tt.expr, tt.family)
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		for _, s := range strings.Fields(tt.yes) {
			if !e.Match(netip.MustParseAddr(s)) {
				t.Errorf("%s does not hold for %s", tt.expr, s)
			}
		}
		for _, s := range strings.Fields(tt.no) {
			if e.Match(netip.MustParseAddr(s)) {
				t.Errorf("%s holds for %s", tt.expr, s)
			}
		}
	}
	if !(Addrs{}).Match(netip.MustParseAddr("192.0.2.1")) || (Addrs{}).String() != keepAll {
		t.Error("the zero value is not keep-all")
	}
}

func TestAddrsConstant(t *testing.T) {
	tests := []struct {
		expr      string
		value, ok bool
	}{
		{"keep-all", true, true},
		{"addr-in(0.0.0.0/0)", true, true},
		{"!addr-in(0.0.0.0/0)", false, true},
		{"addr-in(10.0.0.0/8)", false, false},
	}
	for _, tt := range tests {
		e, err := ParseAddrs(tt.expr, addr.IPv4)
		if err != nil {
			t.Fatal(err)
		}
		if value, ok := e.Constant(); value != tt.value || ok != tt.ok {
			t.Errorf("%s: constant %v, %v; want %v, %v", tt.expr, value, ok, tt.value, tt.ok)
		}
	}
}

func TestAddrsErrorsSayWhereAndWhat(t *testing.T) {
	tests := []struct {
		family     addr.Family
		expr, want string
	}{
		{addr.IPv4, "", `column 1: expected addr-in(…), "!" or "(", found the end`},
		{addr.IPv4, "true", `column 1: expected addr-in(…), found "true"`},
		{addr.IPv4, "(keep-all)", `column 2: keep-all must stand alone`},
		{addr.IPv4, "keep-all || keep-all", `column 1: keep-all must stand alone`},
		{addr.IPv4, "addr-in 10.0.0.0/8", `column 9: expected "(", found "10.0.0.0/8"`},
		{addr.IPv4, "addr-in()", `column 9: expected an address block such as 192.0.2.0/24, found ")"`},
		{addr.IPv4, "addr-in(10.0.0.1)", `column 9: 10.0.0.1 is one address; write 10.0.0.1/32 if that is what you mean`},
		{addr.IPv6, "addr-in(2001:db8::1)", `column 9: 2001:db8::1 is one address; write 2001:db8::1/128 if that is what you mean`},
		{addr.IPv4, "addr-in(2001:db8::/32)", `column 9: 2001:db8::/32 is not an IPv4 block`},
		{addr.IPv6, "addr-in(10.0.0.0/8)", `column 9: 10.0.0.0/8 is not an IPv6 block`},
		{addr.IPv4, "addr-in(10.0.0.0/8,11.0.0.0/8)", `column 9: expected an address block such as 192.0.2.0/24, found "10.0.0.0/8,11.0.0.0/8"`},
		{addr.IPv6, "addr-in(fe80::%eth0/64)", `column 9: expected an address block such as 2001:db8::/32, found "fe80::%eth0/64"`},
		{addr.IPv4, "addr-in(10.0.0.0/8 11.0.0.0/8)", `column 20: expected ")", found "11.0.0.0/8"`},
	}
	for _, tt := range tests {
		_, err := ParseAddrs(tt.expr, tt.family)
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%q: the error is %T", tt.expr, err)
			continue
		}
		if err.Error() != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.expr, err, tt.want)
		}
	}
}

func FuzzParseAddrs(f *testing.F) {
	for _, s := range []string{"keep-all", "addr-in(10.0.0.0/8) && !addr-in(10.1.2.3/9)", "addr-in(::ffff:1.2.3.4/100)||addr-in(::/0)", "(keep-all)", "addr-in(10.0.0.1)"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, six bool) {
		family := addr.IPv4
		if six {
			family = addr.IPv6
		}
		e, err := ParseAddrs(s, family)
		if err != nil {
			return
		}
		again, err := ParseAddrs(e.String(), family)
		if err != nil || again.String() != e.String() {
			t.Fatalf("%q is written %q, which reads as %q, %v", s, e, again, err)
		}
	})
}
