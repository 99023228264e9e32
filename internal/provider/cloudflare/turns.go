package cloudflare

import (
	"context"
	"sync"
)

// turns lets one change at a time at the lists of each account: Cloudflare
// refuses a second one (its SDK, 2026-01). The zero value is ready.
type turns struct {
	mu sync.Mutex
	of map[string]chan struct{}
}

// take waits for the turn of an account; then release gives it up. false when
// ctx ended before.
func (t *turns) take(ctx context.Context, account string) (release func(), ok bool) {
	t.mu.Lock()
	if t.of == nil {
		t.of = map[string]chan struct{}{}
	}
	turn := t.of[account]
	if turn == nil {
		turn = make(chan struct{}, 1)
		t.of[account] = turn
	}
	t.mu.Unlock()
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil, false
	}
	release = func() { <-turn }
	if ctx.Err() != nil { // both were so
		release()
		return nil, false
	}
	return release, true
}
