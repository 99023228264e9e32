package web

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// throttle slows down who guesses tokens: after ten wrong ones in a minute the
// requests of an address wait for each other, a second apart; after a hundred of
// all addresses together so do those of everybody who has not shown the right
// one lately.
type throttle struct {
	mu      sync.Mutex
	clients map[string]*guesses
	all     guesses
	proven  map[string]time.Time // who has shown the right token, and when
}

// guesses is what is remembered of who was wrong.
type guesses struct {
	failed []time.Time // in the last minute, at most as many as are free
	next   time.Time   // when the next request may go on
}

const (
	guessesFree   = 10
	guessesOfAll  = 100
	guessesWithin = time.Minute
	guessPause    = time.Second
	guessQueue    = 8 // requests of one address, or of all, that may wait
	maxGuessers   = 1024
	knownFor      = 24 * time.Hour
)

func newThrottle() *throttle {
	return &throttle{clients: make(map[string]*guesses), proven: make(map[string]time.Time)}
}

// network is what one client can have addresses in: a /64 of IPv6.
func network(client string) string {
	if a, err := netip.ParseAddr(client); err == nil && a.Is6() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return client
}

// succeeded takes back what waitTurn counted, and remembers that a client has the token:
// others' guesses are then no trouble of its.
func (t *throttle) succeeded(client string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for _, g := range []*guesses{t.clients[network(client)], &t.all} {
		if g != nil && len(g.failed) > 0 {
			g.failed = g.failed[:len(g.failed)-1]
		}
	}
	for c, at := range t.proven {
		if len(t.proven) >= maxGuessers || now.Sub(at) > knownFor {
			delete(t.proven, c)
		}
	}
	t.proven[network(client)] = now
}

func (g *guesses) add(now time.Time, free int) {
	g.failed = append(g.since(now), now)
	g.failed = g.failed[max(0, len(g.failed)-free):]
}

func (g *guesses) since(now time.Time) []time.Time {
	for i, at := range g.failed {
		if now.Sub(at) < guessesWithin {
			return g.failed[i:]
		}
	}
	return nil
}

// turn is when the next request may go on, once the free guesses are used up.
func (g *guesses) turn(now time.Time) time.Time { return later(g.next, now).Add(guessPause) }

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

// waitTurn returns when the client may try; at once for who did not guess. The try
// counts as a wrong one from the beginning, so that many at once are many.
func (t *throttle) waitTurn(ctx context.Context, client string) *refusal {
	pause := t.reserveTurn(client)
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
		return newRefusal(http.StatusServiceUnavailable, "homing stops")
	}
}

// reserveTurn takes the client's next turn and gives how far away it is; a turn too
// far away is not taken.
func (t *throttle) reserveTurn(client string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, own := time.Now(), t.guessesOf(client)
	turn := now
	var queues []*guesses
	if len(own.since(now)) >= guessesFree {
		turn, queues = own.turn(now), append(queues, own)
	}
	if at, known := t.proven[network(client)]; (!known || now.Sub(at) > knownFor) && len(t.all.since(now)) >= guessesOfAll {
		turn, queues = later(turn, t.all.turn(now)), append(queues, &t.all)
	}
	if turn.Sub(now) <= guessQueue*guessPause {
		for _, g := range queues {
			g.next = turn
		}
		own.add(now, guessesFree)
		t.all.add(now, guessesOfAll)
	}
	return turn.Sub(now)
}

// guessesOf is what is remembered of a client.
func (t *throttle) guessesOf(client string) *guesses {
	g := t.clients[network(client)]
	if g == nil {
		t.forget(time.Now())
		g = &guesses{}
		t.clients[network(client)] = g
	}
	return g
}
