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
	resourceState
	host provider.Lists // nil where the host keeps none

	view     *provider.List // what the host holds; nil when that is not known
	previous *provider.List // the view that was dropped last, until the next one was worked with

	contention contention // zero as a rule
	contended  plan.Seen  // what this place had when the rival changed it back last
	cache      cached[provider.List, plan.ListPlan]
	plan       plan.ListPlan     // of this round
	due        []plan.ListChange // what is to be applied
	done       []status.ListDone // in this round
}

// begin forgets the round before.
func (l *list) begin(now time.Time) {
	l.plan, l.done = plan.ListPlan{List: l.List}, nil
	if l.contention.times > 0 && l.contention.isSettled(now) {
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
	l.pause, l.failure = l.pause.cutShort(l.failure)
	l.asked = true
}

var errNoLists = errors.New("this DNS host has no IP lists")

func (l *list) known() bool { return l.view != nil }

func (l *list) needs(o plan.Origin) bool { return slices.Contains(l.Needs(), o) }

// settle forgets the view before, once this one was worked with.
func (l *list) settle() {
	if l.view != nil {
		l.previous = nil
	}
}

// await waits for all origins: a change of a list takes the host seconds, and only
// one runs at a time.
func (l *list) await(pending lookSet, _ bool) (fresh []plan.Origin) {
	for o, look := range pending {
		<-look.settled
		fresh = append(fresh, o)
	}
	clear(pending)
	return fresh
}

// load reads the list.
func (l *list) load(ctx context.Context) error {
	if l.host == nil {
		return &provider.Error{Kind: provider.Rejected, Err: errNoLists, Hint: "remove the list from this account's settings"}
	}
	got, err := l.host.List(ctx, l.List)
	if err != nil {
		return err
	}
	l.view = &got
	return nil
}

// planChanges plans with what the families turned out to be; due says whether
// something is to be applied now.
func (l *list) planChanges(ctx context.Context, t task, seen plan.Seen, _ []plan.Origin, try int) (due bool) {
	p := l.planFor(seen)
	p.Changes = slices.DeleteFunc(slices.Clone(p.Changes), func(c plan.ListChange) bool {
		return !l.isPublishable(c, t.looks)
	})
	if try == 0 {
		l.plan = p
	}
	l.plan.Kept = p.Kept // of a stale try nothing is done
	if l.due = p.Changes; t.dry || len(l.due) == 0 || ctx.Err() != nil {
		return false
	}
	l.findForeign(seen)
	if !l.asked && !l.contention.isOver(l.account.now) && l.contended.Same(seen) {
		return false // what a rival would only change back; new addresses are no part of that
	}
	if l.due = dropUnconfirmedItems(ctx, slices.Clone(l.due), t.looks); len(l.due) < len(p.Changes) {
		l.plan.Changes = l.due
	}
	return len(l.due) > 0
}

func (l *list) forgetContentions() { l.contention = contention{} }

func (l *list) report(r *status.Round) {
	r.Lists = append(r.Lists, status.List{Account: l.account.Account.Name, Name: l.Name, Plan: l.plan, Done: l.done})
}

// retries returns when what failed here is to be tried again.
func (l *list) retries() []time.Time {
	if l.failure == nil || l.host == nil {
		return nil
	}
	return []time.Time{l.pause.until}
}

// isPublishable reports whether a change may be made: of several sites those that may not be
// published yet had no part in it.
func (l *list) isPublishable(c plan.ListChange, looks lookSet) bool {
	var of []*pendingLook
	for o, s := range looks {
		if o.Family == itemFamily(c) {
			of = append(of, s)
		}
	}
	return len(of) > 1 || len(of) == 1 && of[0].publishable
}

// dropUnconfirmedItems returns changes without those of families of which something turns out not
// to be what was believed of it.
func dropUnconfirmedItems(ctx context.Context, changes []plan.ListChange, looks lookSet) []plan.ListChange {
	return slices.DeleteFunc(changes, func(c plan.ListChange) bool {
		for o, s := range looks {
			if o.Family == itemFamily(c) && !s.stillHolds(ctx) {
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

// planFor returns what these observations come to in the list.
func (l *list) planFor(seen plan.Seen) plan.ListPlan {
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

// diff returns what the observations come to in v. It reads only what never changes.
func (l *list) diff(v *provider.List, seen plan.Seen) plan.ListPlan {
	return plan.DiffList(l.List, v.Limits, seen, l.account.memory, v.Items, l.account.Spec.OwnsItem)
}

// findForeign counts a list that needs a change now and needed none before it
// was read again, for the same addresses.
func (l *list) findForeign(seen plan.Seen) {
	if l.previous != nil && len(l.diff(l.previous, seen).Changes) == 0 {
		l.contention, l.contended = l.contention.afterRevert(l.account.now, "changes its items", nil), seen
	}
}
