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

// RecordApplier is provider.Provider's Apply at a host that writes records by their ids,
// one a call: what stands there is read before, so that only what was to change is
// changed, and again afterwards.
type RecordApplier struct {
	Host string // its name, in texts
	Zone provider.Zone
	// RereadAfter is how many changes are made before all is read again.
	RereadAfter int
	// Read is the records at the keys of sets, with their ids.
	Read func(ctx context.Context, sets []plan.Set) (map[dns.Key][]dns.Record, *provider.Error)
	// Write makes one change, to what the record is to be, or deletes it. It returns
	// the id of the record.
	Write func(ctx context.Context, what string, c *plan.Change) (id string, err *provider.Error)

	current          map[dns.Key][]dns.Record
	changesMade      int // changes since they were read
	stopReason       error
	unconfirmedInRow int
}

// Apply carries out sets, change by change. Within a set, and sets that go
// together, what comes after a failure is not tried.
func (c *RecordApplier) Apply(ctx context.Context, sets []plan.Set) []provider.SetResult {
	grace, done := provider.GraceContext(ctx)
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
				errs[i][k] = NewError(provider.NotTried, describeChange(&s.Changes[k]), "", "stop before this change: %w", failed)
			default:
				wrote[i][k], failed = c.applyChange(ctx, sets, &s.Changes[k])
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
		results[i] = c.verifySet(&sets[i], wrote[i], errs[i], now, lost)
	}
	return results
}

// applyChange makes a change, and returns what the record is to be now.
func (c *RecordApplier) applyChange(ctx context.Context, sets []plan.Set, change *plan.Change) (*dns.Record, *provider.Error) {
	what := describeChange(change)
	if c.stopReason == nil && ctx.Err() != nil {
		c.stopReason = context.Cause(ctx)
	}
	if c.stopReason != nil {
		return nil, NewError(provider.NotTried, what, "", "stop before this change: %w", c.stopReason)
	}
	if c.changesMade%max(c.RereadAfter, 1) == 0 {
		var err *provider.Error
		if c.current, err = c.Read(ctx, sets); err != nil {
			c.stopReason = fmt.Errorf("an earlier call went wrong: %w", err)
			return nil, NewError(err.Kind, what, err.Hint, "read what stands there: %w", err)
		}
	}
	c.changesMade++
	to, err := c.desiredRecord(change)
	switch {
	case err != nil:
		return to, err
	case ctx.Err() != nil:
		return to, NewError(provider.NotTried, what, "", "stop before this change: %w", context.Cause(ctx))
	case to.ID == "" && change.Action == plan.ToDelete:
		return to, nil // somebody else was faster
	}
	id, err := c.Write(ctx, what, &plan.Change{Action: change.Action, Old: *to, New: *to})
	if c.trackFailure(err); err == nil {
		c.updateCurrent(change, to, id)
	}
	return to, err
}

// desiredRecord returns the record as it stands there now with the change applied; without
// an id where there is none. An error where what it was planned from no longer holds.
func (c *RecordApplier) desiredRecord(change *plan.Change) (*dns.Record, *provider.Error) {
	set, l, says := c.current[change.Key()], &c.Zone.Limits, change.New.Data()
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
		return to, NewError(provider.Stale, describeChange(change), "", "the record is gone")
	case said >= 0 && said != at:
		return to, NewError(provider.Stale, describeChange(change), "", "%s is there already: %s", change.Key(), change.New.Content())
	case l.Comment > 0 && utf8.RuneCountInString(change.New.Comment) > l.Comment:
		return to, NewError(provider.Rejected, describeChange(change), "", "the comment is longer than %d characters", l.Comment)
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

// describeChange names a change for people.
func describeChange(c *plan.Change) string { return fmt.Sprintf("%s %s", c.Action, c.Key()) }

// trackFailure decides whether anything more is written after a failure.
func (c *RecordApplier) trackFailure(err *provider.Error) {
	switch {
	case err == nil:
		c.unconfirmedInRow = 0
		return
	case err.Kind == provider.Rejected || err.Kind == provider.Stale || err.Kind == provider.NotTried:
		return
	case err.Kind == provider.Unconfirmed:
		if c.unconfirmedInRow++; c.unconfirmedInRow < maxUnconfirmed {
			return
		}
	}
	c.stopReason = fmt.Errorf("an earlier call went wrong: %w", err)
}

// updateCurrent updates what stands there after a change.
func (c *RecordApplier) updateCurrent(change *plan.Change, to *dns.Record, id string) {
	k := change.Key()
	var set []dns.Record
	for i := range c.current[k] {
		if old := &c.current[k][i]; change.Action == plan.ToCreate || old.ID != to.ID {
			set = append(set, *old)
		}
	}
	if change.Action == plan.ToCreate {
		to.ID = id
	}
	if change.Action != plan.ToDelete {
		set = append(set, *to)
	}
	c.current[k] = set
}

// verifySet holds what stands there now against what was written.
func (c *RecordApplier) verifySet(s *plan.Set, wrote []*dns.Record, errs []*provider.Error, now map[dns.Key][]dns.Record, lost *provider.Error) provider.SetResult {
	r := provider.SetResult{Records: s.Records, Errs: errs}
	if now != nil {
		r.Records = now[s.Key]
	}
	for k := range s.Changes {
		switch change := &s.Changes[k]; {
		case errs[k] != nil:
		case lost != nil:
			errs[k] = NewError(provider.Unconfirmed, describeChange(change), lost.Hint, "it was written, and could not be read again: %w", lost)
		case !isApplied(r.Records, change.Action, wrote[k]):
			errs[k] = NewError(provider.Rejected, describeChange(change), "look at the record at the DNS host; something there may decide this",
				"the host says that it is done, and does not hold it")
		}
	}
	return r
}

// isApplied reports whether records are as the change was to leave them.
func isApplied(set []dns.Record, action plan.Action, wrote *dns.Record) bool {
	at := slices.IndexFunc(set, func(r dns.Record) bool { return r.ID == wrote.ID })
	if action == plan.ToDelete {
		return wrote.ID == "" || at < 0
	}
	return at >= 0 && plan.Differ(wrote, &set[at]) == 0
}
