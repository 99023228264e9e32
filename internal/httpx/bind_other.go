//go:build !linux && !darwin && !windows

package httpx

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// bindSocket makes an address of the interface the source: the first one of the
// family that leads out of the local network.
func bindSocket(fd uintptr, iface string, ip6 bool) error {
	i, err := FindInterface(iface)
	if err != nil {
		return err
	}
	list, err := i.Addrs()
	if err != nil {
		return fmt.Errorf("list its addresses: %w", err)
	}
	for _, entry := range list {
		n, ok := entry.(*net.IPNet)
		if !ok {
			continue
		}
		a, _ := netip.AddrFromSlice(n.IP)
		switch a = a.Unmap(); {
		case a.IsLinkLocalUnicast() || a.Is6() != ip6 || ip6 && a.IsPrivate():
		case ip6:
			return syscall.Bind(int(fd), &syscall.SockaddrInet6{Addr: a.As16()})
		default:
			return syscall.Bind(int(fd), &syscall.SockaddrInet4{Addr: a.As4()})
		}
	}
	return errors.New("the interface has no address of that family")
}
