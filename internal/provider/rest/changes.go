package rest

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Changes is provider.Provider's Apply at a host that writes records by their ids,
// one a call: what stands there is read before, so that only what was to change is
// changed, and again afterwards.
type Changes struct {
	Host string // its name, in texts
	Zone provider.Zone
	// Most is how many changes are made before all is read again.
	Most int
	// Read is the records at the keys of sets, with their ids.
	Read func(ctx context.Context, sets []plan.Set) (map[dns.Key][]dns.Record, *provider.Error)
	// Write makes one change, to what the record is to be, or deletes it. It returns
	// the id of the record.
	Write func(ctx context.Context, what string, c *plan.Change) (id string, err *provider.Error)

	here    map[dns.Key][]dns.Record
	made    int // changes since they were read
	stopped error
	unknown int
}

// Apply carries out sets, change by change. Within a set, and sets that go
// together, what comes after a failure is not tried.
func (c *Changes) Apply(ctx context.Context, sets []plan.Set) []provider.SetResult {
	grace, done := provider.Linger(ctx)
	defer done()
	errs, wrote := make([][]*provider.Error, len(sets)), make([][]*dns.Record, len(sets))
	any := false
	var failed *provider.Error
	for i := range sets {
		s := &sets[i]
		errs[i], wrote[i] = make([]*provider.Error, len(s.Changes)), make([]*dns.Record, len(s.Changes))
		if !s.Joined {
			failed = nil
		}
		for k := range s.Changes {
			switch {
			case failed != nil:
				errs[i][k] = Fault(provider.NotTried, named(&s.Changes[k]), "", "stop before this change: %w", failed)
			default:
				wrote[i][k], failed = c.one(ctx, sets, &s.Changes[k])
				errs[i][k], any = failed, any || failed == nil
			}
		}
	}
	var now map[dns.Key][]dns.Record
	var lost *provider.Error
	if any {
		now, lost = c.Read(grace, sets)
	}
	results := make([]provider.SetResult, len(sets))
	for i := range sets {
		results[i] = c.confirm(&sets[i], wrote[i], errs[i], now, lost)
	}
	return results
}

// one makes a change, and gives what the record is to be now.
func (c *Changes) one(ctx context.Context, sets []plan.Set, change *plan.Change) (*dns.Record, *provider.Error) {
	what := named(change)
	if c.stopped == nil && ctx.Err() != nil {
		c.stopped = context.Cause(ctx)
	}
	if c.stopped != nil {
		return nil, Fault(provider.NotTried, what, "", "stop before this change: %w", c.stopped)
	}
	if c.made%max(c.Most, 1) == 0 {
		var err *provider.Error
		if c.here, err = c.Read(ctx, sets); err != nil {
			c.stopped = fmt.Errorf("an earlier call went wrong: %w", err)
			return nil, Fault(err.Kind, what, err.Hint, "read what stands there: %w", err)
		}
	}
	c.made++
	to, err := c.merged(change)
	switch {
	case err != nil:
		return to, err
	case ctx.Err() != nil:
		return to, Fault(provider.NotTried, what, "", "stop before this change: %w", context.Cause(ctx))
	case to.ID == "" && change.Action == plan.ToDelete:
		return to, nil // somebody else was faster
	}
	id, err := c.Write(ctx, what, &plan.Change{Action: change.Action, Old: *to, New: *to})
	if c.ponder(err); err == nil {
		c.note(change, to, id)
	}
	return to, err
}

// merged is the record as it stands there now with what is to change of it; without
// an id where there is none. An error where what it was planned from no longer holds.
func (c *Changes) merged(change *plan.Change) (*dns.Record, *provider.Error) {
	set, l, says := c.here[change.Key()], &c.Zone.Limits, change.New.Data()
	at, said := -1, -1
	for i := range set {
		if change.Action != plan.ToCreate && set[i].ID == change.Old.ID {
			at = i
		}
		if set[i].Data() == says {
			said = i
		}
	}
	to := &dns.Record{}
	if at >= 0 {
		*to = set[at]
	}
	switch {
	case change.Action == plan.ToDelete:
		return to, nil
	case change.Action == plan.ToUpdate && at < 0:
		return to, Fault(provider.Stale, named(change), "", "the record is gone")
	case said >= 0 && said != at:
		return to, Fault(provider.Stale, named(change), "", "%s is there already: %s", change.Key(), change.New.Content())
	case l.Comment > 0 && utf8.RuneCountInString(change.New.Comment) > l.Comment:
		return to, Fault(provider.Rejected, named(change), "", "the comment is longer than %d characters", l.Comment)
	case change.Action == plan.ToCreate:
		*to = change.New
		to.ID = ""
		return to, nil
	}
	fields := change.Fields()
	to.Addr, to.Text = says.Addr, says.Text
	if fields.Has(plan.TTL) {
		to.TTL = change.New.TTL
	}
	if fields.Has(plan.Comment) {
		to.Comment = change.New.Comment
	}
	return to, nil
}

// named is a change for people.
func named(c *plan.Change) string { return fmt.Sprintf("%s %s", c.Action, c.Key()) }

// ponder says whether anything more is written after a failure.
func (c *Changes) ponder(err *provider.Error) {
	switch {
	case err == nil:
		c.unknown = 0
		return
	case err.Kind == provider.Rejected || err.Kind == provider.Stale || err.Kind == provider.NotTried:
		return
	case err.Kind == provider.Unconfirmed:
		if c.unknown++; c.unknown < maxUnknown {
			return
		}
	}
	c.stopped = fmt.Errorf("an earlier call went wrong: %w", err)
}

// note keeps what stands there after a change.
func (c *Changes) note(change *plan.Change, to *dns.Record, id string) {
	k := change.Key()
	var set []dns.Record
	for i := range c.here[k] {
		if old := &c.here[k][i]; change.Action == plan.ToCreate || old.ID != to.ID {
			set = append(set, *old)
		}
	}
	if change.Action == plan.ToCreate {
		to.ID = id
	}
	if change.Action != plan.ToDelete {
		set = append(set, *to)
	}
	c.here[k] = set
}

// confirm holds what stands there now against what was written.
func (c *Changes) confirm(s *plan.Set, wrote []*dns.Record, errs []*provider.Error, now map[dns.Key][]dns.Record, lost *provider.Error) provider.SetResult {
	r := provider.SetResult{Records: s.Records, Errs: errs}
	if now != nil {
		r.Records = now[s.Key]
	}
	for k := range s.Changes {
		switch change := &s.Changes[k]; {
		case errs[k] != nil:
		case lost != nil:
			errs[k] = Fault(provider.Unconfirmed, named(change), lost.Hint, "it was written, and could not be read again: %w", lost)
		case !shows(r.Records, change.Action, wrote[k]):
			errs[k] = Fault(provider.Rejected, named(change), "look at the record at the DNS host; something there may decide this",
				"the host says that it is done, and does not hold it")
		}
	}
	return r
}

// shows says whether records are as a change was to leave them.
func shows(set []dns.Record, action plan.Action, wrote *dns.Record) bool {
	at := slices.IndexFunc(set, func(r dns.Record) bool { return r.ID == wrote.ID })
	if action == plan.ToDelete {
		return wrote.ID == "" || at < 0
	}
	return at >= 0 && plan.Differ(wrote, &set[at]) == 0
}
