package plan

import "net/netip"

// HostID is the part of an IPv6 address behind the prefix. Its zero value,
// preserve, is the one that was observed.
type HostID struct {
	literal netip.Addr // behind any prefix that ends before its first 1 bit
	mac     [6]byte    // behind a /64, as a modified EUI-64
	isMAC   bool
}
