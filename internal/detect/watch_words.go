package detect

import (
	"encoding/binary"
	"net/netip"
)

// isRouteMessage reports whether a message of a routing socket (route(4)) may have to
// do with addresses, links or ways. Of its header only what all systems share is
// read: the length, the version and the type. What cannot be read may.
func isRouteMessage(b []byte) bool {
	const (
		added, deleted, changed = 1, 2, 3          // RTM_ADD, RTM_DELETE, RTM_CHANGE
		newAddr, delAddr, link  = 0x0c, 0x0d, 0x0e // RTM_NEWADDR, RTM_DELADDR, RTM_IFINFO
		arrived, arrivedOpenBSD = 0x11, 0x10       // RTM_IFANNOUNCE: an interface came or went
		shortest                = 4                // bytes that each message has
	)
	for len(b) >= shortest {
		size := int(binary.NativeEndian.Uint16(b))
		if size < shortest || size > len(b) {
			return true
		}
		switch b[3] {
		case added, deleted, changed, newAddr, delAddr, link, arrived, arrivedOpenBSD:
			return true
		}
		b = b[size:]
	}
	return len(b) > 0
}

// parseForwardRow reads the next hop of a MIB_IPFORWARDROW, which Windows'
// GetBestRoute fills: destination, mask, policy, next hop, interface, type and
// more, four bytes each.
func parseForwardRow(b []byte) (netip.Addr, error) {
	const nextHop, kind, indirect = 12, 20, 4 // MIB_IPROUTE_TYPE_INDIRECT
	if len(b) < kind+4 {
		return netip.Addr{}, errMalformed
	}
	to := netip.AddrFrom4([4]byte(b[nextHop : nextHop+4]))
	if binary.LittleEndian.Uint32(b[kind:]) != indirect || to.IsUnspecified() {
		return netip.Addr{}, errNoGateway
	}
	return to, nil
}
