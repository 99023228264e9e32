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
	mac     [6]byte
	kind    hostKind
}

type hostKind uint8

const (
	literal       hostKind = iota // or, without one, preserve
	eui64                         // of mac, behind a /64, as a modified EUI-64
	neighbour                     // the address that the machine with mac is seen to have
	keptBehindNew                 // that of a record that stands already
)

// ParseHostID reads preserve, keep, an IPv6 address whose first bits are zero,
// mac(aa:bb:cc:dd:ee:ff) or neighbour(aa:bb:cc:dd:ee:ff), where all the colons
// may be hyphens.
func ParseHostID(s string) (HostID, error) {
	switch s {
	case "preserve":
		return HostID{}, nil
	case "keep":
		return HostID{kind: keptBehindNew}, nil
	}
	for word, kind := range map[string]hostKind{"mac": eui64, "neighbour": neighbour} {
		inner, ok := strings.CutPrefix(s, word+"(")
		if !ok {
			continue
		}
		inner, closed := strings.CutSuffix(inner, ")")
		mac, ok := parseMAC(inner)
		if !ok || !closed {
			return HostID{}, fmt.Errorf("%q must be written as %s(aa:bb:cc:dd:ee:ff) or %s(aa-bb-cc-dd-ee-ff)", s, word, word)
		}
		return HostID{mac: mac, kind: kind}, nil
	}
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return HostID{}, fmt.Errorf("%q is not a valid host ID: write an IPv6 address such as ::1, mac(aa:bb:cc:dd:ee:ff), neighbour(aa:bb:cc:dd:ee:ff), keep or preserve", s)
	case a.Zone() != "":
		return HostID{}, fmt.Errorf("the host ID %q names an interface; remove the part after %%", s)
	case !addr.IPv6.Holds(a):
		return HostID{}, fmt.Errorf("the host ID %q is an IPv4 address; it must be an IPv6 one", s)
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

// String returns h as ParseHostID reads it.
func (h HostID) String() string {
	switch {
	case h.kind == eui64:
		return "mac(" + h.macString() + ")"
	case h.kind == neighbour:
		return "neighbour(" + h.macString() + ")"
	case h.kind == keptBehindNew:
		return "keep"
	case h.literal.IsValid():
		return h.literal.String()
	}
	return "preserve"
}

func (h HostID) macString() string {
	m := h.mac
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// Neighbour returns the MAC address by which the host is looked for among the
// neighbours of this machine; ok is false for all other host ids.
func (h HostID) Neighbour() (mac [6]byte, ok bool) { return h.mac, h.kind == neighbour }

// Keeps reports whether the host is that of a record that stands already.
func (h HostID) Keeps() bool { return h.kind == keptBehindNew }

// Preserves reports whether the host is the one that was observed.
func (h HostID) Preserves() bool { return h == HostID{} }

// Suspicious says why hardly a host has this id; it is empty for all others.
func (h HostID) Suspicious() string {
	switch {
	case h.kind != eui64 && h.kind != neighbour:
	case h.mac == [6]byte{}:
		return h.String() + " is all zeros, which no device has"
	case h.mac == [6]byte{255, 255, 255, 255, 255, 255}:
		return h.String() + " is the broadcast address, which no device has"
	case h.mac[0]&1 != 0: // IEEE 802, the I/G bit
		return h.String() + " is a multicast address, which no device has"
	}
	return ""
}

// Fits returns nil where h can stand behind a prefix of this length, in bits.
func (h HostID) Fits(length int) error {
	switch {
	case length < 0 || length > 128:
		return fmt.Errorf("an IPv6 prefix has from 0 to 128 bits, not %d", length)
	case h.kind == eui64 && length != 64:
		return fmt.Errorf("%s needs a prefix of exactly /64, not /%d", h, length)
	case h.literal.IsValid() && length > h.leadingZeros():
		return fmt.Errorf("%s fits behind a prefix of at most /%d, not /%d", h, h.leadingZeros(), length)
	}
	return nil
}

// leadingZeros returns how many bits of a literal come before its first 1.
func (h HostID) leadingZeros() int {
	for i, b := range h.literal.As16() {
		if b != 0 {
			return 8*i + bits.LeadingZeros8(b)
		}
	}
	return 128
}

// In returns the address of this host behind p, an IPv6 prefix. The host bits of p
// are what was observed, and so what preserve means.
func (h HostID) In(p netip.Prefix) (netip.Addr, error) {
	if !p.IsValid() || !addr.IPv6.Holds(p.Addr()) {
		return netip.Addr{}, errors.New("a host ID needs an IPv6 prefix")
	}
	if err := h.Fits(p.Bits()); err != nil {
		return netip.Addr{}, fmt.Errorf("make an address behind %s: %w", p.Masked(), err)
	}
	if h == (HostID{}) {
		return p.Addr(), nil
	}
	return joinHost(p, h.bits()), nil
}

// inDelegated returns h.In of a prefix that a router has given to it: the network at home
// is then the first /64 of it, as at a FRITZ!Box. A literal says itself where it
// lies.
func (h HostID) inDelegated(p netip.Prefix) (netip.Addr, error) {
	if h.kind == eui64 && p.Bits() < 64 {
		p = netip.PrefixFrom(p.Masked().Addr(), 64)
	}
	return h.In(p)
}

// withPrefix returns a behind p: its prefix is another one, the rest stays.
func withPrefix(a netip.Addr, p netip.Prefix) netip.Addr {
	rest := a.As16()
	for i := range rest {
		rest[i] &^= maskByte(p.Bits() - 8*i)
	}
	return joinHost(p, rest)
}

// maskByte has the upper n bits set, of eight.
func maskByte(n int) byte { return ^byte(0xff >> min(max(n, 0), 8)) }

func joinHost(p netip.Prefix, host [16]byte) netip.Addr {
	a := p.Masked().Addr().As16()
	for i := range a {
		a[i] |= host[i]
	}
	return netip.AddrFrom16(a)
}

// bits returns those h sets: the literal's, or a modified EUI-64 (RFC 4291, appendix A).
func (h HostID) bits() [16]byte {
	if h.kind != eui64 {
		return h.literal.As16()
	}
	m := h.mac
	return [16]byte{8: m[0] ^ 0x02, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]}
}
