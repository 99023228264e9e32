package status

import (
	"context"
	"time"
)

// Subscribe gives a channel that is ready whenever the Board was changed since
// it was last received from. Who is slow misses the snapshots in between.
// After cancel it is not ready again.
func (b *Board) Subscribe() (changed <-chan struct{}, cancel func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listeners[c] = true
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.listeners, c)
	}
}

// Await waits for the first round that began after t.
func (b *Board) Await(ctx context.Context, t time.Time) (Round, error) {
	changed, cancel := b.Subscribe()
	defer cancel()
	for {
		if r := b.Now().Round; r.Started.After(t) {
			return r, nil
		}
		select {
		case <-ctx.Done():
			return Round{}, context.Cause(ctx)
		case <-changed:
		}
	}
}
