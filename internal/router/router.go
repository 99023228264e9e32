// Package router asks the router of a home for its address, and hears when that
// may be another one: NAT-PMP, the announcements of PCP, UPnP IGD 1 and 2, and
// what a FRITZ!Box adds to these. Any machine of the home can say all of it in
// the router's place, so that what it says is a hint and never a proof. Only the
// gateway itself is asked and heard, and only on a private network.
package router

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
)

// Router is the gateway of a network. Its methods may be called side by side.
type Router struct {
	dial        httpx.Dial
	client      *httpx.Client // to the gateway alone, over IPv4
	gateway     netip.Addr
	searchAddrs []netip.AddrPort // where it is searched for

	mu             sync.Mutex
	cachedServices []service // as it described them last; none: nobody asked
}

const ssdpPort = 1900

// New returns the router at gateway, an IPv4 address of a private network; nothing
// is sent. The client has to be pinned to IPv4.
func New(gateway netip.Addr, dial httpx.Dial, client *httpx.Client) (*Router, error) {
	if !gateway.Is4() || !(gateway.IsPrivate() || gateway.IsLinkLocalUnicast() || gateway.IsLoopback()) {
		return nil, fmt.Errorf("the gateway %s is on no private network, so it is nobody's home router", gateway)
	}
	// Many answer to their own address as well (UPnP 1.1, section 1.3.2), also
	// where a switch keeps multicast to itself.
	search := []netip.AddrPort{netip.MustParseAddrPort("239.255.255.250:1900"), netip.AddrPortFrom(gateway, ssdpPort)}
	return &Router{dial: dial, client: client, gateway: gateway, searchAddrs: search}, nil
}

// Gateway returns its address in the home.
func (r *Router) Gateway() netip.Addr { return r.gateway }

// NoPublic is a router that says it is connected and has no address to tell: it is
// behind a NAT itself, as over CGNAT or DS-Lite.
type NoPublic struct{}

func (*NoPublic) Error() string {
	return "the router is connected and has no public IPv4 address, so it is behind the NAT of its provider (CGNAT, DS-Lite) or of another router"
}

// pmpTimeout is how long NAT-PMP has to itself: it is answered within a few
// milliseconds or never.
const pmpTimeout = 250 * time.Millisecond

// IPv4 asks for the address that the router has towards its provider, whatever it
// is: by NAT-PMP, and where that is not answered by UPnP as well.
func (r *Router) IPv4(ctx context.Context) (netip.Addr, error) {
	ctx, cancel := context.WithCancel(ctx)
	type said struct {
		a   netip.Addr
		err error
	}
	answers := make(chan said, 2)
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel()
	ask := func(f func(context.Context) (netip.Addr, error)) {
		asking.Go(func() { a, err := f(ctx); answers <- said{a, err} })
	}
	ask(r.addrByPMP)
	slow := time.NewTimer(pmpTimeout)
	defer slow.Stop()
	var failed error
	for asked, heard := 1, 0; heard < asked; {
		select {
		case <-slow.C:
			if asked == 1 {
				asked++
				ask(r.addrByUPnP)
			}
		case s := <-answers:
			heard++
			if s.err == nil {
				return s.a, nil
			}
			failed = joinErrors(failed, s.err)
			if asked == 1 {
				asked++
				ask(r.addrByUPnP)
			}
		}
	}
	return netip.Addr{}, fmt.Errorf("ask the router %s: %w", r.gateway, failed)
}

// joinErrors returns two errors in one line.
func joinErrors(a, b error) error {
	if a == nil {
		return b
	}
	return fmt.Errorf("%w; %w", a, b)
}

// localAddr returns the address of this machine that faces the gateway. Nothing is sent.
func (r *Router) localAddr(ctx context.Context) (netip.Addr, error) {
	conn, err := r.dial(ctx, "udp4", netip.AddrPortFrom(r.gateway, ssdpPort).String())
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	from, err := netip.ParseAddrPort(conn.LocalAddr().String())
	return from.Addr(), err
}

// isGateway reports whether it was the gateway that sent something.
func (r *Router) isGateway(from net.Addr) bool {
	at, err := netip.ParseAddrPort(from.String())
	return err == nil && at.Addr().Unmap() == r.gateway
}
