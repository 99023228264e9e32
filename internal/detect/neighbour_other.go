//go:build !linux

package detect

import (
	"errors"
	"net"
	"net/netip"
)

// neighbourTable is not read: no system but Linux tells its table to a program
// without rights, in one way.
func neighbourTable() ([]neighbour, error) {
	return nil, errors.New("this is not Linux, the only system whose table homing reads; write the host as ::10 or mac(…), or keep what stands there with keep")
}

// prefixesOf is the IPv6 addresses of an interface with their prefixes.
func prefixesOf(i *net.Interface) ([]linkPrefix, error) {
	list, err := i.Addrs()
	if err != nil {
		return nil, err
	}
	var found []linkPrefix
	for _, entry := range list {
		n, ok := entry.(*net.IPNet)
		if !ok {
			continue
		}
		bits, _ := n.Mask.Size()
		if a, _ := netip.AddrFromSlice(n.IP); a.Is6() && !a.Is4In6() {
			found = append(found, linkPrefix{ifaceAddr{Addr: a}, bits})
		}
	}
	return found, nil
}

func linkPrefixes() (map[int][]linkPrefix, error) { return nil, nil }
