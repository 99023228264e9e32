package plan

import (
	"errors"
	"fmt"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
)

// HostID is the part of an IPv6 address behind the prefix. Its zero value,
// preserve, is the one that was observed.
type HostID struct {
	literal netip.Addr // behind any prefix that ends before its first 1 bit
	mac     [6]byte    // behind a /64, as a modified EUI-64
	isMAC   bool
}

// ParseHostID reads preserve, an IPv6 address whose first bits are zero, or
// mac(aa:bb:cc:dd:ee:ff), where all the colons may be hyphens.
func ParseHostID(s string) (HostID, error) {
	if s == "preserve" {
		return HostID{}, nil
	}
	if inner, ok := strings.CutPrefix(s, "mac("); ok {
		inner, closed := strings.CutSuffix(inner, ")")
		mac, ok := parseMAC(inner)
		if !ok || !closed {
			return HostID{}, fmt.Errorf("%q is not written as mac(aa:bb:cc:dd:ee:ff) or mac(aa-bb-cc-dd-ee-ff)", s)
		}
		return HostID{mac: mac, isMAC: true}, nil
	}
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return HostID{}, fmt.Errorf("%q is no host id: write preserve, an IPv6 address such as ::1, or mac(aa:bb:cc:dd:ee:ff)", s)
	case a.Zone() != "":
		return HostID{}, fmt.Errorf("the host id %q names an interface; leave out what begins with %%", s)
	case !addr.IPv6.Holds(a):
		return HostID{}, fmt.Errorf("the host id %q is an IPv4 address; it has to be an IPv6 one", s)
	}
	return HostID{literal: a}, nil
}

// parseMAC reads six octets of two digits, all separated by : or all by -.
func parseMAC(s string) (mac [6]byte, ok bool) {
	if len(s) != len("aa:bb:cc:dd:ee:ff") || s[2] != ':' && s[2] != '-' {
		return mac, false
	}
	for i := range mac {
		octet, err := strconv.ParseUint(s[3*i:3*i+2], 16, 8)
		if err != nil || i > 0 && s[3*i-1] != s[2] {
			return mac, false
		}
		mac[i] = byte(octet)
	}
	return mac, true
}

// String is h as ParseHostID reads it.
func (h HostID) String() string {
	switch {
	case h.isMAC:
		m := h.mac
		return fmt.Sprintf("mac(%02x:%02x:%02x:%02x:%02x:%02x)", m[0], m[1], m[2], m[3], m[4], m[5])
	case h.literal.IsValid():
		return h.literal.String()
	}
	return "preserve"
}

// Suspicious says why hardly a host has this id; it is empty for all others.
func (h HostID) Suspicious() string {
	switch {
	case h.isMAC && h.mac == [6]byte{}:
		return h.String() + " is all zeros, which no device has"
	case h.isMAC && h.mac == [6]byte{255, 255, 255, 255, 255, 255}:
		return h.String() + " is the broadcast address, which no device has"
	case h.isMAC && h.mac[0]&1 != 0: // IEEE 802, the I/G bit
		return h.String() + " is the address of a group, which no device has"
	}
	return ""
}

// Fits returns nil where h can stand behind a prefix of this length, in bits.
func (h HostID) Fits(length int) error {
	switch {
	case length < 0 || length > 128:
		return fmt.Errorf("an IPv6 prefix has from 0 to 128 bits, not %d", length)
	case h.isMAC && length != 64:
		return fmt.Errorf("%s needs a prefix of exactly /64, not /%d", h, length)
	case h.literal.IsValid() && length > h.zeros():
		return fmt.Errorf("%s fits behind a prefix of at most /%d, not /%d", h, h.zeros(), length)
	}
	return nil
}

// zeros is how many bits of a literal come before its first 1.
func (h HostID) zeros() int {
	for i, b := range h.literal.As16() {
		if b != 0 {
			return 8*i + bits.LeadingZeros8(b)
		}
	}
	return 128
}

// In is the address of this host behind p, an IPv6 prefix. The host bits of p
// are what was observed, and so what preserve means.
func (h HostID) In(p netip.Prefix) (netip.Addr, error) {
	if !p.IsValid() || !addr.IPv6.Holds(p.Addr()) {
		return netip.Addr{}, errors.New("a host id needs an IPv6 prefix")
	}
	if err := h.Fits(p.Bits()); err != nil {
		return netip.Addr{}, fmt.Errorf("make an address behind %s: %w", p.Masked(), err)
	}
	if h == (HostID{}) {
		return p.Addr(), nil
	}
	a, host := p.Masked().Addr().As16(), h.bits()
	for i := range a {
		a[i] |= host[i]
	}
	return netip.AddrFrom16(a), nil
}

// bits are those h sets: the literal's, or a modified EUI-64 (RFC 4291, appendix A).
func (h HostID) bits() [16]byte {
	if !h.isMAC {
		return h.literal.As16()
	}
	m := h.mac
	return [16]byte{8: m[0] ^ 0x02, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]}
}
