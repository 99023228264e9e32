package rest

import (
	"context"
	"sync"
)

// KeyedMutex is a mutex for each key, for hosts that refuse a
// second change of the same thing. The zero value is ready.
type KeyedMutex struct {
	mu    sync.Mutex
	locks map[string]chan struct{}
}

// Lock locks a key; release unlocks it. false if
// ctx ended before.
func (t *KeyedMutex) Lock(ctx context.Context, of string) (release func(), ok bool) {
	t.mu.Lock()
	if t.locks == nil {
		t.locks = map[string]chan struct{}{}
	}
	turn := t.locks[of]
	if turn == nil {
		turn = make(chan struct{}, 1)
		t.locks[of] = turn
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
