package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// Clear makes one round that deletes what is ours in the families in scope,
// and nothing else: nobody is asked for an address and nothing is made or
// changed. Everything is read again before. What could not be deleted is among
// the round's conditions. Where ctx has a deadline no write is begun that
// might not be answered by then. No other round may run meanwhile.
func (e *Engine) Clear(ctx context.Context) status.Round {
	ctx, done := withTimeToAnswer(ctx)
	defer done()
	return e.round(ctx, clearing)
}

// PlanClear makes one round that shows what Clear would delete.
func (e *Engine) PlanClear(ctx context.Context) status.Round { return e.round(ctx, dryClearing) }

var errNoTime = errors.New("time ran out")

// withTimeToAnswer returns ctx, over so much before its deadline that a write begun until then
// can still be answered; at most half of the time is kept for that.
func withTimeToAnswer(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, deadline.Add(-min(provider.WriteGrace, time.Until(deadline)/2)), errNoTime)
}

// timeoutError returns err, or that time ran out where that is why a write
// was not begun: the host is not to be blamed for it.
func timeoutError(ctx context.Context, err *provider.Error) *provider.Error {
	given := isKind(err, provider.NotTried) || isKind(err, provider.Unavailable)
	if given && errors.Is(context.Cause(ctx), errNoTime) && (errors.Is(err, errNoTime) || errors.Is(err, ctx.Err())) {
		return &provider.Error{Kind: provider.NotTried, Err: errNoTime}
	}
	return err
}

// shownLeft is how many of what is left are named.
const shownLeft = 3

// leftoverConditions returns what a cleanup that did not delete all says in the end.
func leftoverConditions(ctx context.Context, r status.Round) []status.Condition {
	var left, unread []string
	for _, z := range r.Zones {
		for _, c := range z.Plan.Changes() {
			gone := func(d status.Done) bool { return d.Old.SameRecord(&c.Old) && d.Err == nil }
			if !slices.ContainsFunc(z.Done, gone) {
				left = append(left, c.Key().String())
			}
		}
	}
	records := len(left)
	for _, l := range r.Lists {
		for _, c := range l.Plan.Changes {
			gone := func(d status.ListDone) bool { return d.Item.ID == c.Item.ID && d.Err == nil }
			if !slices.ContainsFunc(l.Done, gone) {
				left = append(left, c.Item.Prefix.String()+" in the list "+l.Name)
			}
		}
	}
	for _, c := range r.Conditions {
		switch c.Code {
		case status.ZonesUnread, status.ZoneFailed, status.NameUnplaced, status.ListFailed:
			unread = append(unread, c.Subject)
		}
	}
	switch {
	case len(left) > 0:
		what := []string{countOf(records, "record"), countOf(len(left)-records, "list item")}
		what = slices.DeleteFunc(what, func(s string) bool { return s == "" })
		are := map[bool]string{true: " is", false: " are"}[len(left) == 1]
		return leftBehindCondition(strings.Join(what, " and ") + " of homing's" + are + " left" + listNames(left) + timeoutReason(ctx))
	case len(unread) > 0:
		return leftBehindCondition("some of homing's records may remain, because not all could be read" + listNames(unread) + timeoutReason(ctx))
	}
	return nil
}

func leftBehindCondition(text string) []status.Condition {
	return []status.Condition{{Code: status.LeftBehind, Subject: "cleanup", Text: text, Hint: "\"homing clear\" deletes the rest"}}
}

func timeoutReason(ctx context.Context) string {
	if errors.Is(context.Cause(ctx), errNoTime) {
		return "; " + errNoTime.Error()
	}
	return ""
}

// listNames returns the first few of all, no two alike beside each other.
func listNames(all []string) string {
	all = slices.Compact(slices.Clone(all))
	if len(all) <= shownLeft {
		return ": " + strings.Join(all, ", ")
	}
	return ", such as " + strings.Join(all[:shownLeft], ", ") + ", …"
}

func countOf(n int, noun string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// noAddresses returns the knowledge that there is to be no address of any origin in scope.
func (e *Engine) noAddresses() lookSet {
	looks := make(lookSet, len(e.origins))
	for o := range e.origins {
		looks[o] = newPendingLook()
		looks[o].settle(lookResult{seen: addr.None(), publishable: true})
	}
	return looks
}

// retryAll has everything read and tried again. What is left after that is said
// whether or not it was said before; what rivals did is over, because nothing
// is kept any more.
func (e *Engine) retryAll() {
	e.standing.Conditions = nil
	for _, a := range e.accounts {
		a.retryAll()
		for _, r := range a.resources() {
			r.forgetContentions()
		}
	}
}
