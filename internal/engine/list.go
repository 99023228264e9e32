package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// list is what the engine keeps of one IP list from round to round.
type list struct {
	plan.List
	account *account
	host    provider.Lists // nil where the host keeps none

	view     *provider.List // what the host holds; nil when that is not known
	read     time.Time      // when it was read
	previous *provider.List // the view that was dropped last, until the next one was worked with

	pause      pause           // before anything is tried here again
	failure    *provider.Error // what went wrong here last; nil when nothing did
	contention contention      // zero as a rule
	contended  plan.Seen       // what this place had when the rival changed it back last
	asked      bool            // somebody wants everything put right now, whatever rival there is
	cache      cached[provider.List, plan.ListPlan]
	plan       plan.ListPlan     // of this round
	done       []status.ListDone // in this round
}

// begin forgets the round before.
func (l *list) begin(now time.Time) {
	l.plan, l.done = plan.ListPlan{List: l.List}, nil
	if l.contention.times > 0 && l.contention.calm(now) {
		l.contention = contention{}
	}
}

// invalidate has the list read again before anything is planned.
func (l *list) invalidate() {
	if l.view != nil {
		l.view, l.previous = nil, l.view
	}
}

// retryAll has the list read again, and what waits tried at once.
func (l *list) retryAll() {
	l.invalidate()
	l.pause, l.failure = l.pause.ended(l.failure)
	l.asked = true
}

var errNoLists = errors.New("this DNS host keeps no IP lists")

// work brings the list to what the families turn out to be. It waits for all
// of them: a change of a list takes the host seconds, and only one runs at a time.
func (l *list) work(ctx context.Context, t task) {
	if !l.pause.over(l.account.now) {
		return
	}
	l.failure = nil
	if l.host == nil {
		l.failure = &provider.Error{Kind: provider.Rejected, Err: errNoLists, Hint: "take the list out of the settings of this account"}
		return
	}
	if !l.load(ctx, t.most) {
		return
	}
	needs := make(looks)
	for _, o := range l.Needs() {
		if s := t.sights[o]; s != nil {
			<-s.settled
			needs[o] = s
		}
	}
	t.sights = needs
	l.change(ctx, t)
	if t.last && isKind(l.failure, provider.Unconfirmed) {
		l.verify(ctx, t)
	}
	if l.failure == nil {
		l.pause, l.asked = pause{}, false
	}
	if l.view != nil {
		l.previous = nil
	}
}

// load reads the list where it is not known.
func (l *list) load(ctx context.Context, most time.Duration) bool {
	if l.view != nil {
		return true
	}
	ctx, cancel := context.WithTimeoutCause(ctx, l.account.timeout, errUpdateTimeout)
	defer cancel()
	defer l.account.enter()()
	got, err := l.host.List(ctx, l.List)
	if err != nil {
		l.fail(asError(err), most)
		return false
	}
	l.view, l.read = &got, time.Now()
	return true
}

// change plans with what the families turned out to be and carries it out.
// What proves stale is read, planned and tried once more.
func (l *list) change(ctx context.Context, t task) {
	seen := t.sights.soFar()
	for try := 0; ; try++ {
		p := l.planned(seen)
		p.Changes = slices.DeleteFunc(slices.Clone(p.Changes), func(c plan.ListChange) bool {
			return !l.may(c, t.sights)
		})
		if try == 0 {
			l.plan = p
		}
		l.plan.Kept = p.Kept // of a stale try nothing is done
		if t.dry || len(p.Changes) == 0 || ctx.Err() != nil {
			return
		}
		l.findForeign(seen)
		if !l.asked && !l.contention.over(l.account.now) && l.contended.Same(seen) {
			return // what a rival would only change back; new addresses are no part of that
		}
		if p.Changes = standingItems(ctx, p.Changes, t.sights); len(p.Changes) == 0 {
			l.plan = p
			return
		}
		if stale := l.apply(ctx, p.Changes, t.most, try > 0); !stale || !l.load(ctx, t.most) {
			return
		}
	}
}

// may says whether a change may be made: of several sites those that may not be
// published yet had no part in it.
func (l *list) may(c plan.ListChange, sights looks) bool {
	var of []*pendingLook
	for o, s := range sights {
		if o.Family == itemFamily(c) {
			of = append(of, s)
		}
	}
	return len(of) > 1 || len(of) == 1 && of[0].publishable
}

// standingItems is changes without those of families of which something turns out not
// to be what was believed of it.
func standingItems(ctx context.Context, changes []plan.ListChange, sights looks) []plan.ListChange {
	return slices.DeleteFunc(changes, func(c plan.ListChange) bool {
		for o, s := range sights {
			if o.Family == itemFamily(c) && !s.holdsStill(ctx) {
				return true
			}
		}
		return false
	})
}

func itemFamily(c plan.ListChange) addr.Family {
	if c.Item.Prefix.Addr().Is4() {
		return addr.IPv4
	}
	return addr.IPv6
}

// planned is what these observations come to in the list.
func (l *list) planned(seen plan.Seen) plan.ListPlan {
	if l.cache.view == l.view && l.cache.seen.Same(seen) {
		return l.cache.plan
	}
	p := l.diff(l.view, seen)
	l.cache = cached[provider.List, plan.ListPlan]{}
	if len(p.Changes) == 0 {
		l.cache = cached[provider.List, plan.ListPlan]{l.view, seen, p}
	}
	return p
}

// diff is what the observations come to in v. It reads only what never changes.
func (l *list) diff(v *provider.List, seen plan.Seen) plan.ListPlan {
	return plan.DiffList(l.List, v.Limits, seen, l.account.memory, v.Items, l.account.Spec.OwnsItem)
}

// findForeign counts a list that needs a change now and needed none before it
// was read again, for the same addresses.
func (l *list) findForeign(seen plan.Seen) {
	if l.previous != nil && len(l.diff(l.previous, seen).Changes) == 0 {
		l.contention, l.contended = l.contention.again(l.account.now, "changes its items", nil), seen
	}
}
