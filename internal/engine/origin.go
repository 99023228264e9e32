package engine

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// origin is what the engine keeps of one origin of addresses from round to round.
type origin struct {
	plan.Origin
	panel   *detect.Detector
	confirm bool
	place   *time.Location

	confirmed addr.Observation // the latest one that was confirmed
	damper    addr.Damper
	doubts    int // rounds in a row that ended in doubt

	lines    addr.MultiWAN
	other    addr.Observation // the address of the second line, where there is one
	returned time.Time        // when that was seen last
}

// sight is what one round sees of an origin. Its fields are set when settled is
// closed, but for line, which is set when the round's goroutines have ended.
type sight struct {
	settled chan struct{}
	line    []status.Condition // what there is to say of the line it was seen over

	seen        addr.Observation // what may be planned with
	publishable bool             // what is seen may also be written
	interrupted bool             // nothing was learnt because the round was stopped
	retry       time.Time        // when to look again, before the schedule says so; or zero
	recheck     *recheck         // before something is written; nil where that was confirmed by this look

	lost   sync.Once
	isDown bool // the line has no link or no route
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

// stands reports whether what is seen may be written. It may ask another way.
func (s *sight) stands(ctx context.Context) bool {
	r := s.recheck
	if r == nil {
		return true
	}
	if !r.asked.CompareAndSwap(false, true) {
		<-r.done
		return !r.fails
	}
	defer close(r.done)
	r.again = r.ask(ctx)
	r.fails = !r.again.Same(s.seen)
	return !r.fails
}

// down says whether the line it was seen over has no link or no route. It is asked
// at most once, and only of what is not known.
func (s *sight) down(ctx context.Context, l Line, f addr.Family) bool {
	s.lost.Do(func() { s.isDown = l.Down != nil && l.Down(ctx, f) })
	return s.isDown
}

// known is what is seen; tentative where nothing may be written on account of it.
func (s *sight) known() addr.Observation {
	if s.publishable {
		return s.seen
	}
	return s.seen.Tentative()
}

// chosenOf is what the firsts of several have.
func chosenOf(firsts map[plan.Origin]*chosen) plan.Seen {
	if len(firsts) == 0 {
		return nil
	}
	seen := make(plan.Seen, len(firsts))
	for o, c := range firsts {
		seen[o] = c.seen.With() // the votes are those of the site
	}
	return seen
}

func seenOf(sights map[plan.Origin]*sight) plan.Seen {
	seen := make(plan.Seen, len(sights))
	for o, s := range sights {
		seen[o] = s.seen
	}
	return seen
}

// settledOf is seenOf in the midst of a round: what has not settled yet is not
// known.
func settledOf(sights map[plan.Origin]*sight) plan.Seen {
	seen := make(plan.Seen, len(sights))
	for o, s := range sights {
		select {
		case <-s.settled:
			seen[o] = s.known()
		default:
			seen[o] = addr.Observation{}
		}
	}
	return seen
}

// How soon an origin that was in doubt is looked at again.
const doubtPause = 5 * time.Second

// look observes the origin and decides whether what it sees may be published:
// it must be confirmed, or need no confirmation, and must not be flapping. stays
// are what was published lately; last says that no other round follows.
func (at *origin) look(ctx context.Context, s *sight, bells *bells, stays []addr.Stay, last bool, wouldWrite func(addr.Observation) bool) {
	o := bells.observe(ctx, at.panel)
	// What was confirmed once is believed by one look, but not out of a doubt, nor where
	// another address is about to come back: it may be what was true before.
	s.publishable = !at.confirm && !o.Weak() || o.Certain()
	if !s.publishable && at.doubts == 0 && !at.lines.Undecided() && o.Same(at.confirmed) {
		s.publishable, s.recheck = true, &recheck{done: make(chan struct{}), ask: func(ctx context.Context) addr.Observation { return at.panel.Confirm(ctx, o) }}
	}
	if o.Known() && !s.publishable && (at.damper.Holding() || wouldWrite(o)) {
		o = at.panel.Confirm(ctx, o)
		s.publishable = o.Known()
	}
	s.seen, s.interrupted = o, !o.Known() && stopped(ctx)

	var doubt *addr.Doubt
	if at.doubts++; !errors.As(o.Why(), &doubt) {
		at.doubts = 0
	} else {
		s.retry = time.Now().Add(backoff(doubtPause, doubtMost, at.doubts))
		at.torn(ctx, s, stays, last)
	}
	if !o.Known() || !s.publishable {
		return
	}
	if !o.Certain() {
		if at.hold(ctx, s, stays, last); !s.publishable {
			return
		}
	}
	at.confirmed = o
	if !o.Certain() {
		at.damp(s)
	}
}

// reconsider ends a round in which what was believed could not be confirmed when it
// was to be written: it is not known, and looked at again soon.
func (at *origin) reconsider(s *sight) {
	if s.recheck == nil || !s.recheck.fails {
		return
	}
	at.doubts++
	s.seen, s.publishable = s.recheck.again, false
	if votes := s.seen.Votes(); s.seen.Known() {
		s.seen = addr.Unknown(&addr.Doubt{Needed: 2, Of: len(votes), Votes: votes,
			Reason: "the address seems to have changed just now, and the next round looks again"}).With(votes...)
	}
	s.retry = time.Now().Add(backoff(doubtPause, doubtMost, at.doubts))
}

// damp holds back a change of an origin that changes too often.
func (at *origin) damp(s *sight) {
	var hold time.Time
	if at.damper, hold = at.damper.Next(time.Now().In(at.place), s.seen); !hold.IsZero() {
		s.seen = addr.Unknown(&addr.DampedError{Seen: s.seen, Until: hold}).With(s.seen.Votes()...)
		s.publishable, s.retry = false, hold
	}
}
