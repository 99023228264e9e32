package daemon

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
)

// changeListener triggers rounds when a change is heard of, as often as
// schedule.RingLimiter allows. Changes heard while one from the same source waits
// are merged into it.
type changeListener struct {
	trigger func(status.Bell) bool // engine.Ring
	log     *slog.Logger
	wake    chan struct{} // something below is another

	mu      sync.Mutex
	pace    schedule.RingLimiter
	waiting map[schedule.Ringer]status.Bell // for their look
	after   map[schedule.Ringer]status.Bell // for the end of the round that they interrupted
}

func newChangeListener(ring func(status.Bell) bool, log *slog.Logger) *changeListener {
	return &changeListener{trigger: ring, log: log, wake: make(chan struct{}, 1),
		waiting: make(map[schedule.Ringer]status.Bell), after: make(map[schedule.Ringer]status.Bell)}
}

// ringersByName are who rings, by the word for each.
func ringersByName() map[string]schedule.Ringer {
	return map[string]schedule.Ringer{status.BySystem: schedule.System, status.ByRouter: schedule.Router}
}

// signal takes a bell; it never blocks.
func (r *changeListener) signal(by, what string) {
	b := status.Bell{At: time.Now(), By: by, What: what}
	r.mu.Lock()
	if _, waits := r.waiting[ringersByName()[by]]; !waits {
		r.waiting[ringersByName()[by]] = b
	}
	r.mu.Unlock()
	r.wakeUp()
}

// roundDone is told the end of each round, and whether it found anything another.
func (r *changeListener) roundDone(changed bool) {
	r.mu.Lock()
	r.pace = r.pace.RoundDone(time.Now(), changed)
	for by, b := range r.after {
		if _, waits := r.waiting[by]; !waits {
			r.waiting[by] = b
		}
	}
	clear(r.after)
	r.mu.Unlock()
	r.wakeUp()
}

func (r *changeListener) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run rings until ctx is done. While nothing is heard it sleeps.
func (r *changeListener) run(ctx context.Context) {
	for {
		var due <-chan time.Time
		if wait, rings := r.deliverDue(); rings {
			due = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-due:
		}
	}
}

// deliverDue rings what is due, and says how long the next one has to wait.
func (r *changeListener) deliverDue() (wait time.Duration, rings bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for by, b := range r.waiting {
		left := r.pace.Due(now, by).Sub(now)
		if left > 0 {
			if !rings || left < wait {
				wait, rings = left, true
			}
			continue
		}
		delete(r.waiting, by)
		r.pace = r.pace.RoundStarted(now, by)
		r.log.Debug("noticed something that may have changed an address", "from", b.By, "what", b.What)
		if !r.trigger(b) {
			r.after[by] = b
		}
	}
	return wait, rings
}
