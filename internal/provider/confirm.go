package provider

import (
	"errors"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

var errNotHeld = errors.New("the host says that it is done, and does not hold it")

// Confirm is the SetResult of a set that the host says it wrote, and of which it
// now holds these records. A change is confirmed where they show it, with every
// attribute that was asked for; where something is gone that stood beside the
// changes none is.
func Confirm(set plan.Set, held []dns.Record) SetResult {
	r := SetResult{Records: held, Errs: make([]*Error, len(set.Changes))}
	for _, beside := range set.Records {
		touched := slices.ContainsFunc(set.Changes, func(c plan.Change) bool { return c.Action != plan.ToCreate && beside.Is(c.Old) })
		if !touched && !slices.ContainsFunc(held, func(h dns.Record) bool { return h.Content() == beside.Content() }) {
			return SetResult{Records: held, Errs: slices.Repeat([]*Error{{Kind: Unconfirmed,
				Err: fmt.Errorf("%s: what stood beside is gone: %s", set.Key, beside.Content())}}, len(set.Changes))}
		}
	}
	for i, c := range set.Changes {
		if !shows(held, c) {
			r.Errs[i] = &Error{Kind: Rejected, Err: fmt.Errorf("%s %s: %w", c.Action, c.Key(), errNotHeld),
				Hint: "look at the record at the DNS host; something there may decide this"}
		}
	}
	return r
}

// shows says whether records are as c leaves them. Of an update only what it
// changes counts.
func shows(held []dns.Record, c plan.Change) bool {
	if c.Action == plan.ToDelete {
		return !slices.ContainsFunc(held, func(h dns.Record) bool { return h.Content() == c.Old.Content() })
	}
	asked := plan.Proxied | plan.TTL | plan.Comment | plan.Tags
	if c.Action == plan.ToUpdate {
		asked = c.Fields()
	}
	return slices.ContainsFunc(held, func(h dns.Record) bool {
		return h.Content() == c.New.Content() && !plan.Change{Action: plan.ToUpdate, Old: c.New, New: h}.Fields().Has(asked)
	})
}
