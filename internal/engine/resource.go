package engine

import (
	"context"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// resource is a zone or an IP list: what is read, planned and changed as one.
type resource interface {
	state() *resourceState

	begin(now time.Time) // forgets the round before
	retryAll()           // has it read again, and what waits tried at once
	forgetContentions()

	needs(plan.Origin) bool
	mayHaveRecords(addr.Family) bool  // it holds something of the family, or was not read
	wouldChange() (wouldChange, bool) // by the view as it stands; false: it has to be read first
	retries() []time.Time             // when what failed is to be tried again
	conditions() []status.Condition   // what a person should know of it
	report(*status.Round)             // adds what was found and done

	known() bool
	invalidate() // has it read again before anything is planned
	load(context.Context) error
	await(pending lookSet, dry bool) []plan.Origin // waits for what is planned for next, and takes it out
	planChanges(ctx context.Context, t task, seen plan.Seen, fresh []plan.Origin, try int) (due bool)
	apply(ctx context.Context, most time.Duration, try int) (again bool) // and learns from the answers
	confirmDone() (restore func())                                       // drops of what was done all that does not stand there
	settle()                                                             // ends the round
	fail(err *provider.Error, most time.Duration)
}

// resourceState is what is kept of each of them from round to round.
type resourceState struct {
	account *account
	readAt  time.Time       // when the view was read
	pause   pause           // before anything is tried here again
	failure *provider.Error // what went wrong here last; nil when nothing did
	asked   bool            // somebody wants everything put right now, whatever rival there is
}

func (s *resourceState) state() *resourceState { return s }

// keep does the job for one resource: it reads what the host holds, waits for what
// was observed, and plans, applies and learns for each group of origins that
// settle together.
func keep(ctx context.Context, r resource, t task) {
	s := r.state()
	if !s.pause.isOver(s.account.now) {
		return
	}
	s.failure = nil
	t.looks = maps.Clone(t.looks)
	maps.DeleteFunc(t.looks, func(o plan.Origin, _ *pendingLook) bool { return !r.needs(o) })
	pending := maps.Clone(t.looks)
	for more := true; more && s.failure == nil; more = len(pending) > 0 {
		if !read(ctx, r, t.most) { // what proved stale is read again for those that come late
			return
		}
		change(ctx, r, t, r.await(pending, t.dry))
	}
	if t.last && isKind(s.failure, provider.Unconfirmed) {
		verify(ctx, r, t)
	}
	if s.failure == nil {
		s.pause, s.asked = pause{}, false
	}
	r.settle()
}

// read has the view read where it is not known.
func read(ctx context.Context, r resource, most time.Duration) bool {
	if r.known() {
		return true
	}
	a := r.state().account
	ctx, cancel := context.WithTimeoutCause(ctx, a.timeout, errUpdateTimeout)
	defer cancel()
	defer a.acquireTurn()()
	if err := r.load(ctx); err != nil {
		r.fail(asError(err), most)
		return false
	}
	r.state().readAt = time.Now()
	return true
}

// change plans for what needs any of these origins, with what all that have
// settled turned out to be, and applies it. What proves stale is read, planned and
// tried once more.
func change(ctx context.Context, r resource, t task, fresh []plan.Origin) {
	sort.Slice(fresh, func(i, j int) bool { return fresh[i].Compare(fresh[j]) < 0 })
	seen := t.looks.settledSoFar()
	for try := 0; ; try++ {
		if due := r.planChanges(ctx, t, seen, fresh, try); !due || t.dry || ctx.Err() != nil {
			return
		}
		if again := r.apply(ctx, t.most, try); !again || !read(ctx, r, t.most) {
			return
		}
	}
}

// verify reads a resource again after an answer was lost, where no other round does
// so: what stands there as it was asked is confirmed, and what does not is
// planned and tried once more.
func verify(ctx context.Context, r resource, t task) {
	if !waitForPendingWrite(ctx) || !read(ctx, r, t.most) {
		return
	}
	r.state().failure = nil
	restore := r.confirmDone()
	change(ctx, r, t, slices.Collect(maps.Keys(t.looks)))
	restore()
}

// waitForPendingWrite waits a moment for a write that may still be under way.
func waitForPendingWrite(ctx context.Context) (waited bool) {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(zoneFirst):
		return true
	}
}
