package detect

import (
	"context"
	"net"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// FamilyAvailable reports whether this machine has a family at all: an address that can be
// reached from elsewhere, be it behind a router, or a way to the network. A
// machine that cannot tell has it for all we know. Nothing is sent.
func FamilyAvailable(ctx context.Context, f addr.Family, dial httpx.Dial) bool {
	all, err := net.InterfaceAddrs()
	if err != nil || hasGlobalAddress(all, f) {
		return true
	}
	_, err = Uplink(ctx, f, dial)
	return err == nil || ctx.Err() != nil
}

// hasGlobalAddress reports whether one of these addresses is a global one of f: any
// unicast address of IPv4 that is not link-local, and of IPv6 2000::/3.
func hasGlobalAddress(all []net.Addr, f addr.Family) bool {
	for _, a := range all {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		ip := p.Addr().Unmap()
		if f.Holds(ip) && ip.IsGlobalUnicast() && (f == addr.IPv4 || netip.MustParsePrefix("2000::/3").Contains(ip)) {
			return true
		}
	}
	return false
}
