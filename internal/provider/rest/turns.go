package rest

import (
	"context"
	"sync"
)

// Turns lets one at a time at each of several things, where a host refuses a
// second change of the same one. The zero value is ready.
type Turns struct {
	mu sync.Mutex
	of map[string]chan struct{}
}

// Take waits for the turn of one of them; then release gives it up. false when
// ctx ended before.
func (t *Turns) Take(ctx context.Context, of string) (release func(), ok bool) {
	t.mu.Lock()
	if t.of == nil {
		t.of = map[string]chan struct{}{}
	}
	turn := t.of[of]
	if turn == nil {
		turn = make(chan struct{}, 1)
		t.of[of] = turn
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
