package engine

import (
	"context"
	"errors"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/plan"
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

// How soon an origin that was in doubt is looked at again.
const doubtPause = 5 * time.Second

// look observes the origin and decides whether what it sees may be published:
// it must be confirmed, or need no confirmation, and must not be flapping. stays
// are what was published lately; last says that no other round follows.
func (at *origin) look(ctx context.Context, bells *bells, stays []addr.Stay, last bool, wouldWrite func(addr.Observation) bool) (s lookResult) {
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
	s.seen, s.interrupted = o, !o.Known() && isStopped(ctx)

	var doubt *addr.Doubt
	if at.doubts++; !errors.As(o.Why(), &doubt) {
		at.doubts = 0
	} else {
		s.retry = time.Now().Add(backoff(doubtPause, doubtMost, at.doubts))
		at.resolveTwoLineDoubt(ctx, &s, stays, last)
	}
	if !o.Known() || !s.publishable {
		return s
	}
	if !o.Certain() {
		if at.keepOnReturn(ctx, &s, stays, last); !s.publishable {
			return s
		}
	}
	at.confirmed = o
	if !o.Certain() {
		at.damp(&s)
	}
	return s
}

// reconsider ends a round in which what was believed could not be confirmed when it
// was to be written: it is not known, and looked at again soon.
func (at *origin) reconsider(s *lookResult) {
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
func (at *origin) damp(s *lookResult) {
	var hold time.Time
	if at.damper, hold = at.damper.Next(time.Now().In(at.place), s.seen); !hold.IsZero() {
		s.seen = addr.Unknown(&addr.DampedError{Seen: s.seen, Until: hold}).With(s.seen.Votes()...)
		s.publishable, s.retry = false, hold
	}
}
