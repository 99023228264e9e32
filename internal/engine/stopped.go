package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// isStopped reports whether somebody ended ctx; the end of the time for cleaning up
// is no stop.
func isStopped(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), errNoTime)
}

// isInterruption reports whether a stop is all that err is about. A write without
// an answer is not among those: it may have happened.
func isInterruption(ctx context.Context, err *provider.Error) bool {
	given := isKind(err, provider.NotTried) || isKind(err, provider.Unavailable)
	return given && isStopped(ctx) && (errors.Is(err, context.Cause(ctx)) || errors.Is(err, ctx.Err()))
}

// clearInterrupted reports whether a stop interrupted anything, and forgets the failures that
// are nothing else.
func (e *Engine) clearInterrupted(ctx context.Context, looks lookSet) (any bool) {
	if !isStopped(ctx) {
		return false
	}
	for _, s := range looks {
		any = any || s.interrupted
	}
	for _, a := range e.accounts {
		any = a.clearInterrupted(ctx) || any
	}
	return any
}

// stoppedConditions returns the conditions cs of a round that was stopped. What was so
// before lasts where nobody looked whether it is over.
func (e *Engine) stoppedConditions(cs []status.Condition, left int) []status.Condition {
	found := make(map[string]bool, len(cs))
	for _, c := range cs {
		found[c.ID()] = true
	}
	for _, c := range e.standing.Conditions {
		if !found[c.ID()] && c.Code != status.Stopped {
			cs = append(cs, c)
		}
	}
	text := "stopped before everything was checked"
	if left > 0 {
		text = fmt.Sprintf("stopped with %d changes still to make", left)
	}
	return append(cs, status.Condition{Code: status.Stopped, Subject: "round", Text: text})
}

// clearInterrupted forgets the failures that the stop is to blame for; any says whether
// there were some.
func (a *account) clearInterrupted(ctx context.Context) (any bool) {
	forgive := func(failure **provider.Error) {
		if isInterruption(ctx, *failure) {
			*failure, any = nil, true
		}
	}
	forgive(&a.failure)
	for n, l := range a.unplaced {
		if isInterruption(ctx, l.err) {
			delete(a.unplaced, n)
			any = true
		}
	}
	for _, r := range a.resources() {
		forgive(&r.state().failure)
	}
	return any
}

// countUnfinished returns how many planned changes were neither made nor refused, nor lost on
// their way.
func countUnfinished(ctx context.Context, r status.Round) int {
	if r.Dry {
		return 0
	}
	done, failed := r.Count()
	n := r.Pending() - done - failed
	given := func(err error) {
		if err != nil && isInterruption(ctx, asError(err)) {
			n++
		}
	}
	for _, z := range r.Zones {
		for _, d := range z.Done {
			given(d.Err)
		}
	}
	for _, l := range r.Lists {
		for _, d := range l.Done {
			given(d.Err)
		}
	}
	return n
}
