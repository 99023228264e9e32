package addr

import "net/netip"

// Family is one of the two families of IP addresses. Its zero value is neither.
type Family uint8

const (
	IPv4 Family = 4
	IPv6 Family = 6
)

// Families lists both, in the order people expect to read them.
func Families() [2]Family { return [2]Family{IPv4, IPv6} }

//go:noinline // many callers: see dependencies.md
func (f Family) String() string {
	switch f {
	case IPv4:
		return "IPv4"
	case IPv6:
		return "IPv6"
	}
	return "no family"
}

// Bits returns the length of an address: 32 or 128.
func (f Family) Bits() int {
	if f == IPv4 {
		return 32
	}
	return 128
}

// Holds reports whether a belongs to f. An IPv4 address written inside IPv6
// (::ffff:0:0/96) belongs to neither: nobody can be reached at one.
func (f Family) Holds(a netip.Addr) bool {
	switch f {
	case IPv4:
		return a.Is4()
	case IPv6:
		return a.Is6() && !a.Is4In6() && a.Zone() == ""
	}
	return false
}
