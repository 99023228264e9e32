package provider

import (
	"errors"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

var errNotHeld = errors.New("the host says that it is done, and does not hold it")

// Confirm returns the SetResult of a set that the host says it wrote, and of which it
// now holds these records. A change is confirmed where they show it, with every
// attribute that was asked for; where something is gone that stood beside the
// changes none is.
func Confirm(set *plan.Set, held []dns.Record) SetResult {
	r := SetResult{Records: held, Errs: make([]*Error, len(set.Changes))}
	for i := range set.Records {
		beside := &set.Records[i]
		if !isChanged(set.Changes, beside) && !containsRecord(held, beside, 0) {
			err := &Error{Kind: Unconfirmed, Err: fmt.Errorf("%s: what stood beside is gone: %s", set.Key, beside.Content())}
			return SetResult{Records: held, Errs: slices.Repeat([]*Error{err}, len(set.Changes))}
		}
	}
	for i := range set.Changes {
		if c := &set.Changes[i]; !isApplied(held, c) {
			r.Errs[i] = &Error{Kind: Rejected, Err: fmt.Errorf("%s %s: %w", c.Action, c.Key(), errNotHeld),
				Hint: "look at the record at the DNS host; something there may decide this"}
		}
	}
	return r
}

// isChanged reports whether a change is about a record that was there.
func isChanged(changes []plan.Change, r *dns.Record) bool {
	for i := range changes {
		if c := &changes[i]; c.Action != plan.ToCreate && r.SameRecord(&c.Old) {
			return true
		}
	}
	return false
}

// isApplied reports whether records are as c leaves them. Of an update only what it
// changes counts.
func isApplied(held []dns.Record, c *plan.Change) bool {
	switch c.Action {
	case plan.ToDelete:
		return !containsRecord(held, &c.Old, 0)
	case plan.ToUpdate:
		return containsRecord(held, &c.New, c.Fields())
	}
	return containsRecord(held, &c.New, plan.Proxied|plan.TTL|plan.Comment|plan.Tags)
}

// containsRecord reports whether one of the records has the data of r, with none of these
// fields otherwise.
func containsRecord(held []dns.Record, r *dns.Record, fields plan.Fields) bool {
	for i := range held {
		if h := &held[i]; h.Content() == r.Content() && !plan.Differ(r, h).Has(fields) {
			return true
		}
	}
	return false
}
