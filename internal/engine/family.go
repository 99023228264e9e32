package engine

import (
	"context"
	"errors"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// family is what the engine keeps of one address family from round to round.
type family struct {
	addr.Family
	panel   *detect.Panel
	confirm bool
	place   *time.Location

	confirmed addr.Observation // the latest one that was confirmed
	damper    addr.Damper
	doubts    int // rounds in a row that ended in doubt

	lines    addr.Lines
	other    addr.Observation // the address of the second line, where there is one
	returned time.Time        // when that was seen last
}

// sight is what one round sees of a family. Its fields are set when settled is
// closed, but for line, which is set when the round's goroutines have ended.
type sight struct {
	settled chan struct{}
	line    []status.Condition // what there is to say of the line it was seen over

	seen        addr.Observation // what may be planned with
	publishable bool             // what is seen may also be written
	cut         bool             // nothing was learnt because the round was stopped
	retry       time.Time        // when to look again, before the schedule says so; or zero
}

func seenOf(sights map[addr.Family]*sight) plan.Seen {
	seen := make(plan.Seen, len(sights))
	for f, s := range sights {
		seen[f] = s.seen
	}
	return seen
}

// How soon a family that was in doubt is looked at again.
const doubtPause = 5 * time.Second

// look observes the family and decides whether what it sees may be published:
// it must be confirmed, or need no confirmation, and must not be flapping. stays
// are what was published lately; last says that no other round follows.
func (f *family) look(ctx context.Context, s *sight, stays []addr.Stay, last bool, wouldWrite func(addr.Observation) bool) {
	o := f.panel.Observe(ctx)
	s.publishable = !f.confirm || o.Certain() || o.Same(f.confirmed)
	if o.Known() && !s.publishable && (f.damper.Holding() || wouldWrite(o)) {
		o = f.panel.Confirm(ctx, o)
		s.publishable = o.Known()
	}
	s.seen, s.cut = o, !o.Known() && stopped(ctx)

	var doubt *addr.Doubt
	if f.doubts++; !errors.As(o.Why(), &doubt) {
		f.doubts = 0
	} else {
		s.retry = time.Now().Add(backoff(doubtPause, doubtMost, f.doubts))
	}
	if !o.Known() || !s.publishable {
		return
	}
	if !o.Certain() {
		if f.hold(ctx, s, stays, last); !s.publishable {
			return
		}
	}
	f.confirmed = o
	if !o.Certain() {
		f.damp(s)
	}
}

// damp holds back a change of a family that changes too often.
func (f *family) damp(s *sight) {
	var hold time.Time
	if f.damper, hold = f.damper.Judge(time.Now().In(f.place), s.seen); !hold.IsZero() {
		s.seen = addr.Unknown(&addr.Held{Seen: s.seen, Until: hold}).With(s.seen.Votes()...)
		s.publishable, s.retry = false, hold
	}
}
