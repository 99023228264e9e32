package addr

import (
	"encoding/binary"
	"errors"
	"iter"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
)

func TestPublicLetsOrdinaryAddressesPass(t *testing.T) {
	for _, s := range []string{
		"1.0.0.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
		"126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
		"191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.112.255", "203.0.114.0",
		"223.255.255.255", "104.15.255.255", "104.32.0.0", "172.63.255.255",
		"2000::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2a00:1450::1",
		"2606:46ff:ffff::1", "2606:4701::1", "3ffe:ffff::1", "3fff:1000::1",
	} {
		if err := Public(netip.MustParseAddr(s), 0); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestPublicRefusesEverySpecialBlockFromEndToEnd(t *testing.T) {
	for b := range every() {
		for _, a := range []netip.Addr{b.prefix.Addr(), last(b.prefix)} {
			refused(t, a, 0)
		}
		if b.prefix != b.prefix.Masked() {
			t.Errorf("%s has host bits", b.prefix)
		}
	}
	for _, p := range CloudflareRanges() {
		for _, a := range []netip.Addr{p.Addr(), last(p)} {
			if r := refused(t, a, AllowPrivate|AllowCGNAT|AllowULA); r != nil && !strings.Contains(r.What, "Cloudflare") {
				t.Errorf("%s is refused as %s", a, r.What)
			}
		}
	}
}

func TestPublicRefuses(t *testing.T) {
	for s, says := range map[string]string{
		"0.0.0.0":             "this network",
		"10.1.2.3":            "private address, RFC 1918 (10.0.0.0/8)",
		"100.64.0.1":          "CGNAT",
		"127.0.0.1":           "loopback",
		"169.254.1.1":         "link-local",
		"192.168.1.1":         "private",
		"192.0.2.1":           "documentation",
		"224.0.0.1":           "multicast",
		"240.0.0.1":           "reserved",
		"255.255.255.255":     "reserved",
		"104.16.1.1":          "Cloudflare's own network",
		"::":                  "unspecified",
		"::1":                 "loopback",
		"::1.2.3.4":           "outside 2000::/3",
		"::ffff:8.8.8.8":      "not a plain",
		"64:ff9b::808:808":    "NAT64",
		"2001::1":             "Teredo",
		"2001:db8::1":         "documentation",
		"2002:808:808::1":     "6to4",
		"3fff::1":             "documentation",
		"4000::1":             "outside 2000::/3",
		"fd00::1":             "unique local",
		"fe80::1":             "link-local",
		"2a01::1%eth0":        "not a plain",
		"fec0::1":             "site-local",
		"ff02::1":             "multicast",
		"2606:4700:4700::111": "WARP, a tunnel or a proxy",
	} {
		if r := refused(t, netip.MustParseAddr(s), 0); r != nil && !strings.Contains(r.Error(), says) {
			t.Errorf("%s: %q does not say %q", s, r, says)
		}
	}
	refused(t, netip.Addr{}, AllowPrivate|AllowCGNAT|AllowULA)
}

func TestAllowWidensByItsOwnBlocksOnly(t *testing.T) {
	all := []Allow{AllowPrivate, AllowCGNAT, AllowULA}
	for s, by := range map[string]Allow{
		"10.0.0.1": AllowPrivate, "172.16.0.1": AllowPrivate, "192.168.0.1": AllowPrivate,
		"100.64.0.1": AllowCGNAT, "fd00::1": AllowULA, "127.0.0.1": 0, "fe80::1": 0, "104.16.0.1": 0,
	} {
		for _, allow := range all {
			if err := Public(netip.MustParseAddr(s), allow); (err == nil) != (allow == by) {
				t.Errorf("%s with %d: %v", s, allow, err)
			}
		}
	}
}

func TestCGNATSaysWhatWouldHelp(t *testing.T) {
	msg := Public(netip.MustParseAddr("100.100.1.1"), 0).Error()
	for _, word := range []string{"CGNAT", "no updater can help", "ask the provider for a public address"} {
		if !strings.Contains(msg, word) {
			t.Errorf("%q does not say %q", msg, word)
		}
	}
}

// The standard library knows the coarse classes; Public must never be laxer.
func TestPublicIsStricterThanTheStandardLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var b [16]byte
		binary.BigEndian.PutUint64(b[:], r.Uint64())
		v6 := netip.AddrFrom16(b)
		v4 := netip.AddrFrom4([4]byte(b[:4]))
		for _, a := range []netip.Addr{v4, v6} {
			if Public(a, 0) == nil && (!a.IsGlobalUnicast() || a.IsPrivate()) {
				t.Fatalf("%s passes", a)
			}
		}
		if Public(netip.AddrFrom16(v4.As16()), ^Allow(0)) == nil {
			t.Fatalf("::ffff:%s passes", v4)
		}
	}
}

func TestParseAllow(t *testing.T) {
	for s, want := range map[string]Allow{"private": AllowPrivate, "cgnat": AllowCGNAT, "ula": AllowULA} {
		if got, err := ParseAllow(s); got != want || err != nil {
			t.Errorf("ParseAllow(%q) = %v, %v", s, got, err)
		}
	}
	if _, err := ParseAllow("loopback"); err == nil {
		t.Error("loopback can be allowed")
	}
}

func refused(t *testing.T, a netip.Addr, allow Allow) *Refusal {
	t.Helper()
	err := Public(a, allow)
	r, ok := errors.AsType[*Refusal](err)
	if !ok || r.Addr != a {
		t.Errorf("%s is not refused: %v", a, err)
	}
	return r
}

// last is the highest address of p.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// every is the special blocks of both families.
func every() iter.Seq[block] {
	return func(yield func(block) bool) {
		for _, a := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
			for b := range blocks(a) {
				if !yield(b) {
					return
				}
			}
		}
	}
}
