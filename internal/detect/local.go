package detect

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// Local is the source local: the address from which a connection to Cloudflare
// would leave. Nothing is sent. A nil dial is a net.Dialer.
func Local(w Wanted, allow addr.Allow, dial httpx.Dial) Source {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	// Cloudflare's resolver: the only hosts of theirs whose address is known
	// without asking DNS.
	to := "1.1.1.1:443"
	if w.Family == addr.IPv6 {
		to = "[2606:4700:4700::1111]:443"
	}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		conn, err := dial(ctx, w.network("udp"), to)
		if err != nil {
			return nil, fmt.Errorf("find the way to the network: %w", err)
		}
		defer conn.Close()
		from, err := netip.ParseAddrPort(conn.LocalAddr().String())
		if err != nil {
			return nil, fmt.Errorf("read the local address: %w", err)
		}
		p, err := parseEntry(from.Addr().String(), w, public(allow))
		if err != nil {
			return nil, err
		}
		return []netip.Prefix{p}, nil
	}
	return &way{voter: certain("local"), ask: ask}
}
