package web

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// throttle slows down who guesses tokens: after ten wrong ones in a minute the
// requests of an address wait for each other, a second apart.
type throttle struct {
	mu      sync.Mutex
	clients map[string]*guesses
}

// guesses is what is remembered of a client that was wrong.
type guesses struct {
	failed []time.Time // in the last minute, at most guessesFree
	next   time.Time   // when the next request may go on
}

const (
	guessesFree   = 10
	guessesWithin = time.Minute
	guessPause    = time.Second
	guessQueue    = 8 // requests of one address that may wait
	maxGuessers   = 1024
)

func newThrottle() *throttle { return &throttle{clients: make(map[string]*guesses)} }

// network is what one client can have addresses in: a /64 of IPv6.
func network(client string) string {
	if a, err := netip.ParseAddr(client); err == nil && a.Is6() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return client
}

// failed remembers a wrong guess.
func (t *throttle) failed(client string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	g := t.clients[network(client)]
	if g == nil {
		t.forget(now)
		g = &guesses{}
		t.clients[network(client)] = g
	}
	g.failed = append(g.since(now), now)
	g.failed = g.failed[max(0, len(g.failed)-guessesFree):]
}

func (g *guesses) since(now time.Time) []time.Time {
	for i, at := range g.failed {
		if now.Sub(at) < guessesWithin {
			return g.failed[i:]
		}
	}
	return nil
}

// forget makes room for one more client.
func (t *throttle) forget(now time.Time) {
	for c, g := range t.clients {
		if len(g.since(now)) == 0 {
			delete(t.clients, c)
		}
	}
	for c := range t.clients { // any one of them: none is worth more than another
		if len(t.clients) < maxGuessers {
			return
		}
		delete(t.clients, c)
	}
}

// wait returns when the client may try; at once for who did not guess.
func (t *throttle) wait(ctx context.Context, client string) *refusal {
	pause := t.pause(client)
	if pause > guessQueue*guessPause {
		return &refusal{status: http.StatusTooManyRequests, detail: "Too many wrong tokens; wait a little", retry: pause}
	}
	if pause <= 0 {
		return nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &refusal{status: http.StatusServiceUnavailable, detail: "homing stops"}
	}
}

// pause takes the client's next turn and gives how far away it is; a turn too
// far away is not taken.
func (t *throttle) pause(client string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	g := t.clients[network(client)]
	if g == nil || len(g.since(now)) < guessesFree {
		return 0
	}
	turn := g.next
	if turn.Before(now) {
		turn = now
	}
	turn = turn.Add(guessPause)
	if turn.Sub(now) <= guessQueue*guessPause {
		g.next = turn
	}
	return turn.Sub(now)
}
