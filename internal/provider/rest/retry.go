package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/homing-dns/homing/internal/provider"
)

const (
	maxRetries      = 2
	firstRetryPause = 250 * time.Millisecond // before the first repetition; four times as long before the second
)

// Retry makes a call by try, within the timeout, and again where that cannot
// change anything and is worth it: at most twice, and no write. A write outlives
// ctx by provider.WriteGrace. The Meaning of what try returns must be known.
// (Beside that net/http sends a GET once more when the connection it wanted to
// use again turns out to be closed.)
func (c *Client) Retry(ctx context.Context, write bool, try func(context.Context) *Failure) *Failure {
	if write && ctx.Err() == nil {
		var done context.CancelFunc
		ctx, done = provider.GraceContext(ctx)
		defer done()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, &TimeoutError{c.Timeout})
	defer cancel()
	pause := firstRetryPause
	for n := 0; ; n++ {
		f := try(ctx)
		if f == nil {
			return nil
		}
		if f.Kind == provider.Throttled && f.QuotaReason == "" && !f.Busy && f.Status != http.StatusTooManyRequests {
			c.Quota.pauseFor(f.Pause, time.Now()) // the status did not say so
		}
		wait, again := f.shouldRetry(write, pause)
		deadline, _ := ctx.Deadline()
		if !again || n == maxRetries || time.Until(deadline) <= wait || !Sleep(ctx, wait) {
			return f
		}
		pause *= 4
	}
}

// shouldRetry reports whether a call is worth repeating, and after how long.
func (f *Failure) shouldRetry(write bool, pause time.Duration) (time.Duration, bool) {
	if write || f.QuotaReason != "" {
		return 0, false
	}
	switch f.Kind {
	case provider.Throttled:
		return f.Pause, f.Pause > 0
	case provider.Unavailable:
		return max(f.Pause, pause), f.Status == 0 || f.Status >= 500 || f.Status < 300
	}
	return 0, false
}

// Sleep waits for d; false when ctx ended before.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// TimeoutError is why a call was given up.
type TimeoutError struct{ Limit time.Duration }

func (t *TimeoutError) Error() string {
	return fmt.Sprintf("no answer within %s", t.Limit)
}

func (t *TimeoutError) Unwrap() error { return context.DeadlineExceeded }
