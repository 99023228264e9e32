//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package detect

import (
	"context"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/net/route"

	"github.com/homing-dns/homing/internal/addr"
)

// Watch hears from the kernel by a routing socket.
func (s System) Watch(ctx context.Context, ring func(what string)) error {
	fd, err := syscall.Socket(syscall.AF_ROUTE, syscall.SOCK_RAW, syscall.AF_UNSPEC)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		syscall.Close(fd)
		return os.NewSyscallError("fcntl", err)
	}
	heard := os.NewFile(uintptr(fd), "route")
	defer heard.Close()
	defer context.AfterFunc(ctx, func() { heard.Close() })()
	told := make(chan struct{}, 1)
	failed := make(chan error, 1)
	go func() {
		b := make([]byte, 4<<10)
		for {
			n, err := heard.Read(b)
			if err != nil {
				failed <- err
				return
			}
			if isRouteMessage(b[:n]) {
				trySignal(told)
			}
		}
	}()
	return s.watchChanges(ctx, told, failed, ring)
}

// Gateway returns the machine that packets of a family go to first on their way to
// the network. Which line is meant these systems are not asked.
func Gateway(f addr.Family, _ string) (netip.Addr, error) {
	family := syscall.AF_INET
	if f == addr.IPv6 {
		family = syscall.AF_INET6
	}
	rib, err := route.FetchRIB(family, route.RIBTypeRoute, 0)
	if err != nil {
		return netip.Addr{}, err
	}
	messages, err := route.ParseRIB(route.RIBTypeRoute, rib)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, m := range messages {
		r, ok := m.(*route.RouteMessage)
		if !ok || len(r.Addrs) <= syscall.RTAX_GATEWAY {
			continue
		}
		if to, ok := toAddr(r.Addrs[syscall.RTAX_DST]); !ok || !to.IsUnspecified() {
			continue
		}
		if by, ok := toAddr(r.Addrs[syscall.RTAX_GATEWAY]); ok {
			return by, nil
		}
	}
	return netip.Addr{}, errNoGateway
}

func toAddr(a route.Addr) (netip.Addr, bool) {
	switch a := a.(type) {
	case *route.Inet4Addr:
		return netip.AddrFrom4(a.IP), true
	case *route.Inet6Addr:
		return netip.AddrFrom16(a.IP), true
	}
	return netip.Addr{}, false
}
