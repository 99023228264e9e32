package engine

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// uplinkTimeout bounds a question to a local socket: the round must not wait
// for a machine that is too busy to answer.
const uplinkTimeout = time.Second

// Line is what this machine tells of its way to the network, without sending
// anything. A nil function tells nothing.
type Line struct {
	// Uplink is the address by which this machine reaches the network.
	Uplink func(context.Context, addr.Family) (netip.Addr, error)
	// Own is what this machine says of an address.
	Own func(netip.Addr) detect.Own
	// Here reports whether this machine has a family at all.
	Here func(context.Context, addr.Family) bool
	// Named says that somebody chose the line: a tunnel is then meant.
	Named bool
	// Down reports whether the line has no link or no route of a family.
	Down func(context.Context, addr.Family) bool
}

// Notes returns the conditions of a line over which seen was learnt, which is not
// what this machine or a person said themselves.
func (l Line) Notes(ctx context.Context, of plan.Origin, seen addr.Observation) []status.Condition {
	cs := l.notes(ctx, of.Family, seen)
	if of.Site != "" {
		for i := range cs {
			cs[i].Subject, cs[i].Hint = of.String(), OfSite(cs[i].Hint, of.Site)
		}
	}
	return cs
}

func (l Line) notes(ctx context.Context, f addr.Family, seen addr.Observation) []status.Condition {
	var cs []status.Condition
	if up := l.uplinkAddr(ctx, f); up.IsValid() {
		own := l.ownAddr(up)
		switch tunnel := own.Tunnel && addr.Public(up, 0) != nil && !isTransitionAddress(up); {
		case tunnel && !l.Named:
			cs = append(cs, tunnelCondition(f, own.Iface, up))
		case !tunnel && f == addr.IPv4 && addr.IsSharedByCarrier(up):
			cs = append(cs, sharedAddressCondition(f, up))
		}
	}
	if f == addr.IPv4 && len(cs) == 0 {
		cs = routerConditions(seen)
	}
	for _, a := range seen.Addrs() {
		if own := l.ownAddr(a); own.Stable.IsValid() {
			return append(cs, temporaryAddressCondition(f, a, own))
		}
	}
	return cs
}

// isTransitionAddress reports whether a is the home's end of DS-Lite or 464XLAT: those are
// tunnels too, and the provider's.
func isTransitionAddress(a netip.Addr) bool { return addr.IsSharedByCarrier(a) && a.As4()[0] == 192 }

// uplinkAddr returns the uplink; a machine that cannot tell has none for all we know.
func (l Line) uplinkAddr(ctx context.Context, f addr.Family) netip.Addr {
	if l.Uplink == nil {
		return netip.Addr{}
	}
	ctx, cancel := context.WithTimeout(ctx, uplinkTimeout)
	defer cancel()
	up, err := l.Uplink(ctx, f)
	if err != nil {
		return netip.Addr{}
	}
	return up
}

func (l Line) ownAddr(a netip.Addr) detect.Own {
	if l.Own == nil {
		return detect.Own{}
	}
	return l.Own(a)
}

func sharedAddressCondition(f addr.Family, up netip.Addr) status.Condition {
	how := "behind its provider's carrier-grade NAT (CGNAT)"
	if isTransitionAddress(up) {
		how = "over IPv6 (DS-Lite or 464XLAT), behind its provider's NAT"
	}
	return status.Condition{Code: status.BehindCGNAT, Subject: f.String(),
		Text: fmt.Sprintf("this network goes online by %s, %s: "+
			"the address that others see is shared by many customers, so nobody can reach you by it and no updater can help", up, how),
		Hint: "ask the provider for a public IPv4 address, use IPv6, or use a tunnel"}
}

// routerConditions returns what the router says of the line behind it.
func routerConditions(seen addr.Observation) []status.Condition {
	for _, v := range seen.Votes() {
		if v.Source != detect.RouterWord || v.Said.Known() {
			continue
		}
		c := status.Condition{Code: status.BehindCGNAT, Subject: addr.IPv4.String(), Hint: "ask the provider for a public IPv4 address, use IPv6, or use a tunnel"}
		if r, ok := errors.AsType[*addr.Refusal](v.Said.Why()); ok && addr.IsSharedByCarrier(r.Addr) {
			return []status.Condition{sharedAddressCondition(addr.IPv4, r.Addr)}
		} else if ok && r.Addr.IsPrivate() {
			c.Code, c.Hint = status.BehindTwoNATs, "forward the ports on both routers, or put the outer one in bridge mode or have it forward everything to the inner one"
			c.Text = fmt.Sprintf("your router has the address %s, so it is behind another router: nobody can reach you unless both forward the ports", r.Addr)
			return []status.Condition{c}
		}
		if none, ok := errors.AsType[*detect.NoPublic](v.Said.Why()); ok {
			c.Text = none.Error() + ": nobody can reach you over IPv4, and no updater can help"
			return []status.Condition{c}
		}
	}
	return nil
}

func tunnelCondition(f addr.Family, iface string, up netip.Addr) status.Condition {
	return status.Condition{Code: status.BehindTunnel, Subject: f.String(),
		Text: fmt.Sprintf("this machine goes online through the tunnel %s (%s), so others see the address of the tunnel's far end, not of your line", iface, up),
		Hint: "if you want the line's own address, name the line: {network.bind=<interface>}, or read the address from it (local.iface:<interface>)"}
}

func temporaryAddressCondition(f addr.Family, a netip.Addr, own detect.Own) status.Condition {
	return status.Condition{Code: status.AddressFleeting, Subject: f.String(),
		Text: fmt.Sprintf("%s is a temporary address of %s, which changes every day; %s also has %s, which stays", a, own.Iface, own.Iface, own.Stable),
		Hint: text.Advise("to publish the permanent one, set %s, or give the name a host part ({records.ipv6_host})",
			text.The("detect.ipv6.sources").To("local.iface.stable:"+own.Iface))}
}

// publishesVerbatim reports whether an address of o is published as it was seen somewhere:
// behind a prefix it does not matter what else it is.
func (e *Engine) publishesVerbatim(o plan.Origin) bool {
	for _, a := range e.accounts {
		for _, r := range a.Spec.Records {
			for _, t := range r.Types {
				if plan.Involves(r.Needs(t), o) && (len(r.Hosts) == 0 || slices.Contains(r.Hosts, plan.HostID{})) {
					return true
				}
			}
		}
	}
	return false
}
