package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// lookResult is what a round learnt of an origin.
type lookResult struct {
	seen        addr.Observation // what may be planned with
	publishable bool             // what is seen may also be written
	interrupted bool             // nothing was learnt because the round was stopped
	retry       time.Time        // when to look again, before the schedule says so; or zero
	recheck     *recheck         // before something is written; nil where that was confirmed by this look
}

// known returns what is seen; tentative where nothing may be written on account of it.
func (r lookResult) known() addr.Observation {
	if r.publishable {
		return r.seen
	}
	return r.seen.Tentative()
}

// stillHolds reports whether what is seen may be written. It may ask another way.
func (r lookResult) stillHolds(ctx context.Context) bool {
	return r.recheck == nil || r.recheck.confirms(ctx, r.seen)
}

// recheck confirms what a look believed because it had been confirmed before. It is
// made when something has to be written, once a round: a round that changes nothing
// asks one way, and a way that is late makes nothing anew that was deleted meanwhile.
type recheck struct {
	ask   func(context.Context) addr.Observation
	asked atomic.Bool
	done  chan struct{} // closed when the rest is set

	again addr.Observation // what was said
	fails bool             // that is something else, or nothing
}

func (r *recheck) confirms(ctx context.Context, seen addr.Observation) bool {
	if !r.asked.CompareAndSwap(false, true) {
		<-r.done
		return !r.fails
	}
	defer close(r.done)
	r.again = r.ask(ctx)
	r.fails = !r.again.Same(seen) && ctx.Err() == nil // who was stopped writes nothing anyway
	return !r.fails
}

// pendingLook is a look under way. Its result may be read once settled is closed,
// and is changed by nobody until the goroutines of the round have ended.
type pendingLook struct {
	settled chan struct{}
	lookResult
	line []status.Condition // what there is to say of the line it was seen over; set when the goroutines have ended

	lost   sync.Once
	isDown bool // the line has no link or no route
}

func newPendingLook() *pendingLook { return &pendingLook{settled: make(chan struct{})} }

// settle ends the look.
func (p *pendingLook) settle(r lookResult) {
	p.lookResult = r
	close(p.settled)
}

// isLineDown reports whether the line it was seen over has no link or no route. It is asked
// at most once, and only of what is not known.
func (p *pendingLook) isLineDown(ctx context.Context, l Line, f addr.Family) bool {
	p.lost.Do(func() { p.isDown = l.Down != nil && l.Down(ctx, f) })
	return p.isDown
}

// lookSet is the looks of a round.
type lookSet map[plan.Origin]*pendingLook

// seen returns the results, when all have settled.
func (ls lookSet) seen() plan.Seen {
	seen := make(plan.Seen, len(ls))
	for o, l := range ls {
		seen[o] = l.seen
	}
	return seen
}

// settledSoFar returns the results in the midst of a round: what has not settled yet is not known.
func (ls lookSet) settledSoFar() plan.Seen {
	seen := make(plan.Seen, len(ls))
	for o, l := range ls {
		select {
		case <-l.settled:
			seen[o] = l.known()
		default:
			seen[o] = addr.Observation{}
		}
	}
	return seen
}
