package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// apply has the host carry out changes. A list is believed only as it was read
// after them; whatever goes wrong, it is read again before anything is written.
// stale says that the view was wrong; the second time that is a failure like
// any other.
func (l *list) apply(ctx context.Context, most time.Duration, try int) (stale bool) {
	changes := l.due
	ctx, cancel := context.WithTimeoutCause(ctx, l.account.timeout, errUpdateTimeout)
	defer cancel()
	leave := l.account.acquireTurn()
	got, err := l.host.ApplyList(ctx, l.List, *l.view, changes)
	leave()

	l.invalidate()
	if err != nil {
		failed := timeoutError(ctx, asError(err))
		if stale = failed.Kind == provider.Stale && try == 0; !stale {
			l.recordResults(changes, func(plan.ListChange) *provider.Error { return failed }, most)
		}
		return stale
	}
	l.view, l.readAt = &got, time.Now()
	l.recordResults(changes, func(c plan.ListChange) *provider.Error { return confirmItem(c, got.Items) }, most)
	return false
}

// recordResults remembers what became of each change.
func (l *list) recordResults(changes []plan.ListChange, of func(plan.ListChange) *provider.Error, most time.Duration) {
	var failed *provider.Error
	for _, c := range changes {
		d := status.ListDone{ListChange: c}
		if err := of(c); err != nil {
			d.Err, d.Hint, failed = err, l.account.qualifyHint(err.Hint), err
		}
		l.done = append(l.done, d)
	}
	if failed != nil {
		l.fail(failed, most)
	} else if l.contention.isFight() {
		l.contention = l.contention.pauseLonger(l.account.now)
	}
}

var errNotHeld = errors.New("the host reports success, but the list does not show the change")

// confirmItem reports whether the items are those after c.
func confirmItem(c plan.ListChange, items []plan.ListItem) *provider.Error {
	created := c.Action == plan.ToCreate
	there := slices.ContainsFunc(items, func(i plan.ListItem) bool {
		return created && i.Prefix == c.Item.Prefix || !created && i.ID == c.Item.ID
	})
	if there == created {
		return nil
	}
	return &provider.Error{Kind: provider.Unconfirmed, Err: errNotHeld}
}

// fail leaves the list alone for a while.
func (l *list) fail(err *provider.Error, most time.Duration) {
	l.failure = err
	l.invalidate()
	if err.Kind == provider.Rejected || err.Kind == provider.Stale {
		l.pause = l.pause.afterRefusal(time.Now())
	} else {
		l.pause = l.pause.afterFailure(time.Now(), err, most)
	}
}

// conditions returns what a person should know of the list.
func (l *list) conditions() []status.Condition {
	var cs []status.Condition
	subject := l.account.subject("list " + l.Account + "/" + l.Name)
	say := func(code status.Code, what string, hint text.Hint) {
		cs = append(cs, status.Condition{Code: code, Subject: subject, Text: what, Hint: hint})
	}
	if l.failure != nil {
		failed := errorCondition(status.ListFailed, subject, dns.Key{}, l.failure)
		failed.Refused = false // a list is told of when it lasts
		cs = append(cs, failed)
	}
	if l.contention.isFight() {
		say(status.Rival, l.contention.describe(), "two programs manage this list: stop one, or give each its own items by {policy.list_owner}")
	}
	for _, n := range l.plan.Notes {
		code := status.SettingAdapted
		if n.Failure() {
			code = status.ListFailed
		}
		say(code, n.Text, n.Hint)
	}
	return cs
}
