package daemon

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
)

// ringer has rounds made because of what is heard, as often as schedule.Bells
// says. A bell that is heard while another of the same ringer waits is no other.
type ringer struct {
	ring func(status.Bell) bool // engine.Ring
	log  *slog.Logger
	wake chan struct{} // something below is another

	mu      sync.Mutex
	pace    schedule.Bells
	waiting map[schedule.Ringer]status.Bell // for their look
	after   map[schedule.Ringer]status.Bell // for the end of the round that they interrupted
}

func newRinger(ring func(status.Bell) bool, log *slog.Logger) *ringer {
	return &ringer{ring: ring, log: log, wake: make(chan struct{}, 1),
		waiting: make(map[schedule.Ringer]status.Bell), after: make(map[schedule.Ringer]status.Bell)}
}

// ringers are who rings, by the word for each.
func ringers() map[string]schedule.Ringer {
	return map[string]schedule.Ringer{status.BySystem: schedule.System, status.ByRouter: schedule.Router}
}

// hear takes a bell; it never blocks.
func (r *ringer) hear(by, what string) {
	b := status.Bell{At: time.Now(), By: by, What: what}
	r.mu.Lock()
	if _, waits := r.waiting[ringers()[by]]; !waits {
		r.waiting[ringers()[by]] = b
	}
	r.mu.Unlock()
	r.poke()
}

// looked is told the end of each round, and whether it found anything another.
func (r *ringer) looked(changed bool) {
	r.mu.Lock()
	r.pace = r.pace.Looked(time.Now(), changed)
	for by, b := range r.after {
		if _, waits := r.waiting[by]; !waits {
			r.waiting[by] = b
		}
	}
	clear(r.after)
	r.mu.Unlock()
	r.poke()
}

func (r *ringer) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run rings until ctx is done. While nothing is heard it sleeps.
func (r *ringer) run(ctx context.Context) {
	for {
		var due <-chan time.Time
		if wait, rings := r.next(); rings {
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

// next rings what is due, and says how long the next one has to wait.
func (r *ringer) next() (wait time.Duration, rings bool) {
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
		r.pace = r.pace.Look(now, by)
		r.log.Debug("something was heard that may have changed an address", "from", b.By, "what", b.What)
		if !r.ring(b) {
			r.after[by] = b
		}
	}
	return wait, rings
}
