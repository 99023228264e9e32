package detect

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// IsLineDown reports whether nothing can leave by a line: its interface is gone or has
// no carrier, or no route of the family leads out. line is an interface or a source
// address; empty: whatever the system takes. Nothing is sent. What cannot be told
// is not so.
func IsLineDown(ctx context.Context, f addr.Family, dial httpx.Dial, line string) bool {
	from, err := Uplink(ctx, f, dial)
	for _, gone := range []error{syscall.ENETUNREACH, syscall.ENETDOWN, syscall.ENODEV, syscall.EADDRNOTAVAIL} {
		if errors.Is(err, gone) {
			return true
		}
	}
	if _, missing := errors.AsType[*httpx.NoInterface](err); missing {
		return true
	}
	return err == nil && !isInterfaceUp(line, from)
}

// isInterfaceUp reports whether the interface is up and has a carrier: the one of this
// name, else the one that has the address.
func isInterfaceUp(name string, from netip.Addr) bool {
	links, err := net.Interfaces()
	if err != nil {
		return true
	}
	_, noAddress := netip.ParseAddr(name)
	for _, l := range links {
		if l.Name == name && name != "" || (name == "" || noAddress == nil) && hasAddr(l, from) {
			return l.Flags&net.FlagUp != 0 && l.Flags&net.FlagRunning != 0
		}
	}
	return true
}

// hasAddr reports whether a link has the address.
func hasAddr(l net.Interface, a netip.Addr) bool {
	addrs, err := l.Addrs()
	if err != nil {
		return false
	}
	for _, on := range addrs {
		if p, err := netip.ParsePrefix(on.String()); err == nil && p.Addr().Unmap() == a.Unmap().WithZone("") {
			return true
		}
	}
	return false
}
