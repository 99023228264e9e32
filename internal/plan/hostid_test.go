package plan

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

func hostID(t testing.TB, s string) HostID {
	t.Helper()
	h, err := ParseHostID(s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHostIDsAreReadAsPeopleWriteThem(t *testing.T) {
	for written, want := range map[string]string{
		"preserve":                     "preserve",
		"::":                           "::",
		"::1":                          "::1",
		"0:0::1":                       "::1",
		"::1.2.3.4":                    "::102:304",
		"fe80::1":                      "fe80::1",
		"2001:db8:1:2:3:4:5:6":         "2001:db8:1:2:3:4:5:6",
		"mac(aa:bb:cc:dd:ee:ff)":       "mac(aa:bb:cc:dd:ee:ff)",
		"mac(AA-bb-CC-dd-EE-0f)":       "mac(aa:bb:cc:dd:ee:0f)",
		"mac(00:00:00:00:00:00)":       "mac(00:00:00:00:00:00)",
		"keep":                         "keep",
		"neighbour(AA-bb-CC-dd-EE-0f)": "neighbour(aa:bb:cc:dd:ee:0f)",
		"::aBcD":                       "::abcd",
		"0000:0000:0000::0000:0001 ":   "", // a blank belongs to who cuts the list
	} {
		h, err := ParseHostID(written)
		if (err != nil) != (want == "") || err == nil && h.String() != want {
			t.Errorf("%q is %s, %v; want %q", written, h, err, want)
		}
	}
}

func TestWhatIsNoHostIDIsRefusedAndSaysWhy(t *testing.T) {
	const mac = "must be written as mac(aa:bb:cc:dd:ee:ff)"
	for written, why := range map[string]string{
		"":                             "is not a valid host ID",
		"Preserve":                     "is not a valid host ID",
		"1":                            "is not a valid host ID",
		"::1/64":                       "is not a valid host ID",
		"MAC(aa:bb:cc:dd:ee:ff)":       "is not a valid host ID",
		"aa:bb:cc:dd:ee:ff":            "is not a valid host ID",
		"192.0.2.1":                    "is an IPv4 address",
		"::ffff:192.0.2.1":             "is an IPv4 address",
		"::ffff:c000:201":              "is an IPv4 address",
		"fe80::1%eth0":                 "names an interface",
		"mac(":                         mac,
		"mac()":                        mac,
		"mac(aa:bb:cc:dd:ee:ff":        mac,
		"mac(aa:bb:cc:dd:ee:ff))":      mac,
		"mac(aa:bb:cc:dd:ee-ff)":       mac,
		"mac(aa-bb:cc:dd:ee:ff)":       mac,
		"mac(aabb.ccdd.eeff)":          mac,
		"mac(aabbccddeeff)":            mac,
		"mac(a:bb:cc:dd:ee:ff)":        mac,
		"mac(aa:bb:cc:dd:ee:+f)":       mac,
		"mac(aa:bb:cc:dd:ee:gg)":       mac,
		"mac( aa:bb:cc:dd:ee:ff)":      mac,
		"mac(aa:bb:cc:dd:ee:ff:00:11)": mac,
		"neighbour(aa:bb)":             "must be written as neighbour(aa:bb:cc:dd:ee:ff)",
		"keep()":                       "is not a valid host ID",
		"neighbor(aa:bb:cc:dd:ee:ff)":  "is not a valid host ID",
	} {
		if h, err := ParseHostID(written); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q is %s, %v; want an error with %q", written, h, err, why)
		}
	}
}

func TestAHostHasItsAddressBehindThePrefix(t *testing.T) {
	for _, tt := range []struct{ id, prefix, want string }{
		{"preserve", "2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2:3:4:5:6"},
		{"preserve", "2001:db8::6/128", "2001:db8::6"},
		{"::1", "2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::1"},
		{"::1", "2001:db8:1:2:3:4:5:6/127", "2001:db8:1:2:3:4:5:7"},
		{"::", "2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::"},
		{"::", "2001:db8:1:2:3:4:5:6/128", "2001:db8:1:2:3:4:5:6"},
		{"0:0:0:2::1", "2001:db8:1:ff::9/56", "2001:db8:1:2::1"},
		{"0:0:0:ff::1", "2001:db8:1:ff::9/56", "2001:db8:1:ff::1"},
		{"fe80::1", "2001:db8::9/0", "fe80::1"},
		{"mac(00:11:22:33:44:55)", "2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2:211:22ff:fe33:4455"},
		{"mac(02-11-22-33-44-55)", "2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2:11:22ff:fe33:4455"},
	} {
		a, err := hostID(t, tt.id).In(netip.MustParsePrefix(tt.prefix))
		if err != nil || a.String() != tt.want {
			t.Errorf("%s behind %s is %s, %v; want %s", tt.id, tt.prefix, a, err, tt.want)
		}
	}
}

func TestAHostThatDoesNotFitHasNoAddress(t *testing.T) {
	for _, tt := range []struct{ id, prefix, why string }{
		{"::1", "2001:db8::9/128", "make an address behind 2001:db8::9/128: ::1 fits behind a prefix of at most /127, not /128"},
		{"fe80::1", "2001:db8::9/64", "make an address behind 2001:db8::/64: fe80::1 fits behind a prefix of at most /0, not /64"},
		{"0:0:0:80::1", "2001:db8::9/57", "make an address behind 2001:db8::/57: ::80:0:0:0:1 fits behind a prefix of at most /56, not /57"},
		{"mac(00:11:22:33:44:55)", "2001:db8::9/56", "make an address behind 2001:db8::/56: mac(00:11:22:33:44:55) needs a prefix of exactly /64, not /56"},
		{"mac(00:11:22:33:44:55)", "2001:db8::9/65", "make an address behind 2001:db8::/65: mac(00:11:22:33:44:55) needs a prefix of exactly /64, not /65"},
		{"::1", "192.0.2.1/24", "a host ID needs an IPv6 prefix"},
		{"preserve", "192.0.2.1/32", "a host ID needs an IPv6 prefix"},
		{"::1", "::ffff:192.0.2.1/120", "a host ID needs an IPv6 prefix"},
	} {
		a, err := hostID(t, tt.id).In(netip.MustParsePrefix(tt.prefix))
		if err == nil || err.Error() != tt.why || a.IsValid() {
			t.Errorf("%s behind %s is %s, %v; want %q", tt.id, tt.prefix, a, err, tt.why)
		}
	}
	if _, err := (HostID{}).In(netip.Prefix{}); err == nil {
		t.Error("the zero prefix has an address")
	}
	for _, length := range []int{-1, 129} {
		if (HostID{}).Fits(length) == nil {
			t.Errorf("a host id fits behind /%d", length)
		}
	}
}

func TestOnlyAHostIDThatHardlyAHostHasIsSuspicious(t *testing.T) {
	for id, want := range map[string]string{
		"preserve": "", "keep": "", "::": "", "::1": "", "ff02::1": "", "neighbour(00:11:22:33:44:55)": "",
		"neighbour(00:00:00:00:00:00)": "neighbour(00:00:00:00:00:00) is all zeros, which no device has",
		"mac(00:11:22:33:44:55)":       "", "mac(02:00:00:00:00:00)": "",
		"mac(00:00:00:00:00:00)": "mac(00:00:00:00:00:00) is all zeros, which no device has",
		"mac(ff:ff:ff:ff:ff:ff)": "mac(ff:ff:ff:ff:ff:ff) is the broadcast address, which no device has",
		"mac(01:00:5e:00:00:01)": "mac(01:00:5e:00:00:01) is a multicast address, which no device has",
	} {
		if got := hostID(t, id).Suspicious(); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func FuzzParseHostID(f *testing.F) {
	for _, s := range []string{"preserve", "::", "::1", "::1.2.3.4", "fe80::1%eth0", "::ffff:1.2.3.4", "mac(aa-bb-cc-dd-ee-ff)",
		"mac(AA:BB:CC:DD:EE:FF)", "neighbour(AA:BB:CC:DD:EE:FF)", "keep", "mac(aa:bb", "mac())", "1.2.3.4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHostID(s)
		if err != nil {
			if h != (HostID{}) {
				t.Errorf("%q is refused and yet %s", s, h)
			}
			return
		}
		if again, err := ParseHostID(h.String()); err != nil || again != h {
			t.Errorf("%q is %s, which is %s, %v", s, h, again, err)
		}
		if h == (HostID{}) && s != "preserve" {
			t.Errorf("%q is the zero host id", s)
		}
	})
}

// An address lies in the prefix and ends as the host id says; and what is made
// from a public address of at least a /64 is public.
func FuzzHostIDIn(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), []byte("fedcba9876543210"), uint8(64), true)
	f.Add(netip.MustParseAddr("2001:db8::1").AsSlice(), netip.MustParseAddr("::1").AsSlice(), uint8(56), false)
	f.Add(netip.MustParseAddr("2600::1").AsSlice(), make([]byte, 16), uint8(128), false)
	f.Fuzz(func(t *testing.T, address, id []byte, length uint8, mac bool) {
		var a, i [16]byte
		copy(a[:], address)
		copy(i[:], id)
		h := HostID{literal: netip.AddrFrom16(i)}
		if mac {
			h = HostID{mac: [6]byte(i[:6]), kind: eui64}
		}
		p := netip.PrefixFrom(netip.AddrFrom16(a), int(length))
		got, err := h.In(p)
		if err != nil {
			return
		}
		if !p.Contains(got) {
			t.Errorf("%s behind %s is %s, which lies outside", h, p, got)
		}
		bits := h.bits()
		for n := range 128 {
			want := a
			if n >= int(length) {
				want = bits
			}
			if bit(got.As16(), n) != bit(want, n) {
				t.Fatalf("%s behind %s is %s: bit %d is wrong", h, p, got, n)
			}
		}
		if addr.Public(p.Addr(), 0) == nil && length >= 64 && addr.Public(got, 0) != nil {
			t.Errorf("%s behind %s is %s, which is not public", h, p, got)
		}
	})
}

// What is kept behind another prefix differs in that alone, and again in nothing.
func TestAKeptHostChangesItsPrefixAlone(t *testing.T) {
	for _, tt := range []struct{ was, prefix, want string }{
		{"2001:db8:1:2:3:4:5:6", "2600:0:0:9::1/64", "2600:0:0:9:3:4:5:6"},
		{"2001:db8:1:27:3:4:5:6", "2600:0:0:900::/60", "2600:0:0:907:3:4:5:6"},
		{"2001:db8:1:2:3:4:5:6", "2600::9/128", "2600::9"},
		{"2001:db8:1:2:3:4:5:6", "::/0", "2001:db8:1:2:3:4:5:6"},
	} {
		p := netip.MustParsePrefix(tt.prefix)
		got := withPrefix(netip.MustParseAddr(tt.was), p)
		if got != netip.MustParseAddr(tt.want) || withPrefix(got, p) != got {
			t.Errorf("%s behind %s is %s; want %s", tt.was, p, got, tt.want)
		}
	}
}

func bit(b [16]byte, n int) bool { return b[n/8]&(0x80>>(n%8)) != 0 }
