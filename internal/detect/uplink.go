package detect

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// Uplink returns the local address from which a connection to Cloudflare would
// leave. Nothing is sent, and nothing is said about whether anybody can reach
// it: behind a router it is a private address, behind a carrier's NAT it lies
// in 100.64.0.0/10.
func Uplink(ctx context.Context, f addr.Family, dial httpx.Dial) (netip.Addr, error) {
	to := netip.AddrPortFrom(internetAddr(f), 443)
	conn, err := dial(ctx, Wanted{Family: f}.networkFor("udp"), to.String())
	if err != nil {
		return netip.Addr{}, fmt.Errorf("find the way to the network: %w", err)
	}
	defer conn.Close()
	from, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return netip.Addr{}, fmt.Errorf("read the local address: %w", err)
	}
	return from.Addr(), nil
}

// internetAddr returns an address of the internet: that of Cloudflare's resolver, the only
// host of theirs whose address is known without asking DNS.
func internetAddr(f addr.Family) netip.Addr {
	if f == addr.IPv6 {
		return netip.MustParseAddr("2606:4700:4700::1111")
	}
	return netip.MustParseAddr("1.1.1.1")
}
