//go:build !linux

package detect

import (
	"net"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
)

const hasAddressFlags = false

// interfaceAddrs lists the addresses of one family.
func interfaceAddrs(i *net.Interface, f addr.Family) ([]ifaceAddr, error) {
	list, err := i.Addrs()
	if err != nil {
		return nil, err
	}
	var found []ifaceAddr
	for _, entry := range list {
		n, ok := entry.(*net.IPNet)
		if !ok {
			continue
		}
		if a, _ := netip.AddrFromSlice(n.IP); f.Holds(a.Unmap()) {
			bits, _ := n.Mask.Size()
			found = append(found, ifaceAddr{ip: a.Unmap(), bits: bits})
		}
	}
	return found, nil
}
