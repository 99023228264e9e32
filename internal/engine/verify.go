package engine

import (
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// confirmDone keeps of what was done that which stands there, or failed for another
// reason. What is planned anew for the rest was planned before.
func (z *zone) confirmDone() (restore func()) {
	planned := z.plan
	z.done = z.view.confirm(z.done)
	return func() { z.plan.Sets, z.plan.Kept = planned.Sets, planned.Kept }
}

// confirm returns what was done, by what v shows: of the changes nobody confirmed
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

// confirmDone does for a list what that of a zone does for it.
func (l *list) confirmDone() (restore func()) {
	planned, done := l.plan, l.done
	l.done = nil
	for _, d := range done {
		if d.Err != nil && confirmItem(d.ListChange, l.view.Items) != nil {
			continue // it is planned anew
		}
		d.Err, d.Hint = nil, ""
		l.done = append(l.done, d)
	}
	return func() { l.plan.Changes, l.plan.Kept = planned.Changes, planned.Kept }
}
