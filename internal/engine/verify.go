package engine

import (
	"context"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// verify reads a zone again after an answer was lost, where no other round does
// so: what stands there as it was asked is confirmed, and what does not is
// planned and tried once more.
func (z *zone) verify(ctx context.Context, t task, all []plan.Origin) {
	planned := z.plan
	if !underWay(ctx) || !z.load(ctx, t.most) {
		return
	}
	z.failure, z.done = nil, z.view.confirm(z.done)
	z.change(ctx, t, all)
	z.plan.Sets, z.plan.Kept = planned.Sets, planned.Kept
}

// confirm is what was done, by what v shows: of the changes nobody confirmed
// those remain that stand there.
func (v *view) confirm(done []status.Done) []status.Done {
	var out []status.Done
	for _, d := range done {
		err := asError(d.Err)
		switch {
		case d.Err == nil, err.Kind != provider.Unconfirmed && err.Kind != provider.NotTried:
			out = append(out, d)
		case v.shows(d.Change):
			out = append(out, status.Done{Change: d.Change, Needs: d.Needs})
		}
	}
	return out
}

// shows reports whether v has what a change was to bring about.
func (v *view) shows(c plan.Change) bool {
	i := slices.IndexFunc(v.records, func(r dns.Record) bool {
		if c.Action != plan.ToCreate {
			return r.SameRecord(&c.Old)
		}
		wanted := c.New
		wanted.ID = r.ID
		return r.Equal(&wanted)
	})
	switch {
	case c.Action == plan.ToDelete:
		return i < 0
	case c.Action == plan.ToCreate:
		return i >= 0
	case i < 0: // its id, or where the host gives none what it says, is another one by now
		return c.New.ID == "" && slices.ContainsFunc(v.records, func(r dns.Record) bool { return c.New.Equal(&r) })
	}
	return v.records[i].Equal(&c.New)
}

// underWay waits a moment for a write that may still be under way.
func underWay(ctx context.Context) (waited bool) {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(zoneFirst):
		return true
	}
}

// verify reads a list again after an answer was lost, as that of a zone does.
func (l *list) verify(ctx context.Context, t task) {
	planned := l.plan
	if !underWay(ctx) || !l.load(ctx, t.most) {
		return
	}
	l.failure = nil
	done := l.done
	l.done = nil
	for _, d := range done {
		if d.Err != nil && confirm(d.ListChange, l.view.Items) != nil {
			continue // it is planned anew
		}
		d.Err, d.Hint = nil, ""
		l.done = append(l.done, d)
	}
	l.change(ctx, t)
	l.plan.Changes, l.plan.Kept = planned.Changes, planned.Kept
}
