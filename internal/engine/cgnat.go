package engine

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/status"
)

// uplinkTimeout bounds a question to a local socket: the round must not wait
// for a machine that is too busy to answer.
const uplinkTimeout = time.Second

// behindCGNAT is the address by which this machine reaches the network, where
// it is a carrier's shared one (RFC 6598); else zero. Others see an ordinary
// address then, and nobody can reach this place by it.
func (e *Engine) behindCGNAT(ctx context.Context, f addr.Family) netip.Addr {
	if f != addr.IPv4 || e.cfg.Uplink == nil {
		return netip.Addr{}
	}
	return shared(ctx, e.cfg.Uplink)
}

// BehindCGNAT is the condition that this machine's uplink, found as
// Config.Uplink does, is a carrier's shared address; ok is false when it is not.
func BehindCGNAT(ctx context.Context, uplink func(context.Context, addr.Family) (netip.Addr, error)) (c status.Condition, ok bool) {
	up := shared(ctx, uplink)
	return ofShared(addr.IPv4, up), up.IsValid()
}

func shared(ctx context.Context, uplink func(context.Context, addr.Family) (netip.Addr, error)) netip.Addr {
	ctx, cancel := context.WithTimeout(ctx, uplinkTimeout)
	defer cancel()
	up, err := uplink(ctx, addr.IPv4)
	if err != nil || !netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10).Contains(up) {
		return netip.Addr{} // a machine that cannot tell is not behind one for all we know
	}
	return up
}

func ofShared(f addr.Family, up netip.Addr) status.Condition {
	return status.Condition{Code: status.BehindCGNAT, Subject: f.String(),
		Text: fmt.Sprintf("this place reaches the network by %s, behind its provider's carrier-grade NAT (CGNAT): "+
			"the address that others see is shared by many customers, nobody can reach this place by it, and no updater can help", up),
		Hint: "ask the provider for a public IPv4 address, use IPv6, or use a tunnel"}
}
