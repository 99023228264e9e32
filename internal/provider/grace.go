package provider

import (
	"context"
	"time"
)

// WriteGrace is how long a write that is under way when its context ends may
// still wait for its answer. Whoever stops a process kills it after ten
// seconds, as Docker does; four leave room for what comes after.
const WriteGrace = 4 * time.Second

// GraceContext returns the context of one write: it outlives ctx by WriteGrace, so that
// stopping does not turn a write that succeeds into one that nobody confirmed.
// A write is begun only while ctx itself is alive.
func GraceContext(ctx context.Context) (lingering context.Context, done context.CancelFunc) {
	lingering, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-lingering.Done():
		case <-time.After(WriteGrace):
			cancel(context.Cause(ctx))
		}
	})
	return lingering, func() {
		stop()
		cancel(context.Canceled)
	}
}
