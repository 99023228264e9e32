// Package status holds what happened, as values: the rounds, the conditions a
// person should know of, and the current snapshot for whoever shows it.
package status

import (
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// Round is one comparison of what is wanted with what is there, and what came of it.
type Round struct {
	Number  int // from 1, in this process
	Started time.Time
	Took    time.Duration
	Dry     bool // stopped before anything was changed

	Bell  *Bell         // why it was made before its time; nil: it was due, or a person asked for it
	Truth time.Duration // from the first bell of an event until the records were confirmed, where this round did that; else zero

	Seen       plan.Seen // what was believed, by family; absent when out of scope
	Firsts     plan.Seen // what counts of the first of several sites that has an address; nil: nothing asks for it
	Zones      []Zone    // by account and name
	Lists      []List    // IP lists, by account and in the order of its settings
	Conditions []Condition
	Calls      int64     // calls to DNS hosts
	Next       time.Time // when the next round is due; zero when none is
}

// Zone is what a round found and did in one zone.
type Zone struct {
	Account string
	ID      string
	Name    dns.Name // zero when the zones themselves could not be read
	Plan    plan.Plan
	Done    []Done // one for each change that was carried out or tried
}

// all is what was believed of each origin, the first of several among them.
func (r *Round) all() plan.Seen {
	if len(r.Firsts) == 0 {
		return r.Seen
	}
	all := make(plan.Seen)
	for _, seen := range []plan.Seen{r.Firsts, r.Seen} {
		for of, o := range seen {
			all[of] = o
		}
	}
	return all
}

// Houses says which names lie in z, and in no longer zone of its account.
func (r *Round) Houses(z *Zone) func(dns.Name) bool {
	return func(n dns.Name) bool {
		for _, o := range r.Zones {
			if o.Account == z.Account && n.IsWithin(o.Name) && o.Name != z.Name && o.Name.IsWithin(z.Name) {
				return false
			}
		}
		return n.IsWithin(z.Name)
	}
}

// Done is what became of one change.
type Done struct {
	plan.Change
	Needs []plan.Origin // what it comes from
	Err   error         // nil when it is confirmed
	Hint  text.Hint     // what a person should do about Err
}

// changed is the RRsets of which a change was confirmed. One may stand there twice.
func (r *Round) changed() (keys []dns.Key) {
	for _, z := range r.Zones {
		for i := range z.Done {
			if d := &z.Done[i]; d.Err == nil {
				keys = append(keys, d.Key())
			}
		}
	}
	return keys
}

// List is what a round found and did in one IP list.
type List struct {
	Account string
	Name    string
	Plan    plan.ListPlan
	Done    []ListDone // one for each change that was carried out or tried
}

// ListDone is what became of one change of a list.
type ListDone struct {
	plan.ListChange
	Err  error     // nil when it is confirmed
	Hint text.Hint // what a person should do about Err
}

// Outcome is how a round ended. Its zero value claims nothing.
type Outcome uint8

const (
	NotDone   Outcome = iota
	Unchanged         // everything was right already
	Changed           // everything is right now
	Failed            // something is not right, or not known
	Pending           // changes were planned, and a dry round makes none
)

func (o Outcome) String() string {
	switch o {
	case Unchanged:
		return "unchanged"
	case Changed:
		return "changed"
	case Failed:
		return "failed"
	case Pending:
		return "pending"
	}
	return "not done"
}

// Outcome is worked out from what the round holds: it failed when any
// condition is a failure.
func (r *Round) Outcome() Outcome {
	if r.Started.IsZero() {
		return NotDone
	}
	if failing(r.Conditions) {
		return Failed
	}
	if done, _ := r.Count(); done > 0 {
		return Changed
	}
	if r.Dry && r.Pending() > 0 {
		return Pending
	}
	return Unchanged
}
