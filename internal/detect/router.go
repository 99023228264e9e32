package detect

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/router"
)

// RouterWord is the source that asks the router.
const RouterWord = "router"

// NoPublic is why a router that is connected tells no address.
type NoPublic = router.NoPublic

// RouterLine is how the gateway of a line is found and reached; it is its
// Watcher too. All of it is needed, but for Line.
type RouterLine struct {
	Dial   httpx.Dial
	Client *httpx.Client // pinned to IPv4
	Line   string        // an interface or a source address; empty: as the system has it

	Gateway netip.Addr // where it is known; zero: the system is asked
}

// Router returns the source router: it asks the gateway of this machine, over IPv4,
// by NAT-PMP or UPnP; for IPv6 a FRITZ!Box, of its own address. Any machine of
// the home can answer in its place, so it is one vote and never enough alone.
func Router(w Wanted, line RouterLine) Source {
	var found routerCache
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		r, err := found.get(line)
		if err != nil {
			return nil, err
		}
		learn := r.IPv4
		if w.Family == addr.IPv6 {
			learn = r.IPv6
		}
		a, err := learn(ctx)
		if err != nil {
			return nil, err
		}
		p, err := parseSingleAddr(a.String(), w)
		if err != nil {
			return nil, fmt.Errorf("the router %s says: %w", r.Gateway(), err)
		}
		return []netip.Prefix{p}, nil
	}
	return &routeSource{voter: addr.Voter{Source: RouterWord, Operator: RouterWord, Route: "the router", Weak: true}, ask: ask, client: line.Client}
}

// routerCache keeps what the gateway was learnt to be, as long as it is the same.
type routerCache struct {
	mu sync.Mutex
	r  *router.Router
}

func (l *routerCache) get(line RouterLine) (*router.Router, error) {
	gateway, err := line.Gateway, error(nil)
	if !gateway.IsValid() {
		gateway, err = Gateway(addr.IPv4, line.Line)
	}
	if err != nil {
		return nil, fmt.Errorf("find the router: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.r == nil || l.r.Gateway() != gateway {
		l.r, err = router.New(gateway, line.Dial, line.Client)
	}
	return l.r, err
}

// Check asks the router for its address.
func (line RouterLine) Check(ctx context.Context) error {
	var found routerCache
	r, err := found.get(line)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err = r.IPv4(ctx)
	line.Client.CloseIdle()
	if _, ok := errors.AsType[*NoPublic](err); ok {
		return nil // it speaks
	}
	return err
}

// How soon the gateway is looked for again, and asked again to tell its events.
const (
	gatewayCheckInterval = time.Minute
	firstResubscribe     = 2 * time.Second
	maxResubscribe       = 5 * time.Minute
)

// Watch hears the announcements of NAT-PMP and PCP, and the events of UPnP. It
// opens a UDP port for the first and a TCP port for the others.
func (line RouterLine) Watch(ctx context.Context, ring func(what string)) error {
	var found routerCache
	for ctx.Err() == nil {
		r, err := found.get(line)
		if err != nil {
			sleep(ctx, gatewayCheckInterval)
			continue
		}
		hearing, cancel := context.WithCancel(ctx)
		var both sync.WaitGroup
		both.Go(func() { retryUntilDone(hearing, func() error { return r.Announcements(hearing, ring) }) })
		both.Go(func() { retryUntilDone(hearing, func() error { return r.Events(hearing, ring) }) })
		for same := true; same && sleep(ctx, gatewayCheckInterval); {
			now, err := found.get(line)
			same = err != nil || now == r // while it is away it may come back
		}
		cancel()
		both.Wait()
		line.Client.CloseIdle()
	}
	return nil
}

// retryUntilDone listens again when that has ended, after growing pauses.
func retryUntilDone(ctx context.Context, listen func() error) {
	for pause := firstResubscribe; ctx.Err() == nil; pause = min(2*pause, maxResubscribe) {
		began := time.Now()
		_ = listen() // doctor says what cannot be heard
		if time.Since(began) > maxResubscribe {
			pause = firstResubscribe
		}
		sleep(ctx, pause)
	}
}

// sleep reports whether the time went by before ctx was done.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
