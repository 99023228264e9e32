// Package status holds what happened, as values: the rounds, the conditions a
// person should know of, and the current snapshot for whoever shows it.
package status

import (
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// Round is one comparison of what is wanted with what is there, and what came of it.
type Round struct {
	Number  int // from 1, in this process
	Started time.Time
	Took    time.Duration
	Dry     bool // stopped before anything was changed

	Seen       plan.Seen // what was believed, by family; absent when out of scope
	Zones      []Zone    // by account and name
	Conditions []Condition
	Calls      int64     // calls to DNS hosts
	Next       time.Time // when the next round is due; zero when none is
}

// Zone is what a round found and did in one zone.
type Zone struct {
	Account string
	Name    dns.Name // zero when the zones themselves could not be read
	Plan    plan.Plan
	Done    []Done // one for each change that was carried out or tried
}

// Done is what became of one change.
type Done struct {
	plan.Change
	Stored dns.Record // what the host says it holds now
	Err    error      // nil when it is confirmed
	Hint   string     // what a person should do about Err
}

// Outcome is how a round ended. Its zero value claims nothing.
type Outcome uint8

const (
	NotDone   Outcome = iota
	Unchanged         // everything was right already
	Changed           // everything is right now
	Failed            // something is not right, or not known
)

func (o Outcome) String() string {
	switch o {
	case Unchanged:
		return "unchanged"
	case Changed:
		return "changed"
	case Failed:
		return "failed"
	}
	return "not done"
}

// Outcome is worked out from what the round holds: it failed when any
// condition is a failure.
func (r Round) Outcome() Outcome {
	if r.Started.IsZero() {
		return NotDone
	}
	for _, c := range r.Conditions {
		if c.Code.Failure() {
			return Failed
		}
	}
	if done, _ := r.Count(); done > 0 {
		return Changed
	}
	return Unchanged
}

// Count is the number of confirmed changes, and of those that failed.
func (r Round) Count() (done, failed int) {
	for _, z := range r.Zones {
		for _, d := range z.Done {
			if d.Err == nil {
				done++
			} else {
				failed++
			}
		}
	}
	return done, failed
}

// Right is the number of records that are as they should be after the round.
func (r Round) Right() int {
	n := 0
	for _, z := range r.Zones {
		n += z.Plan.Kept
		for _, d := range z.Done {
			if d.Err == nil && d.Action != plan.ToDelete {
				n++
			}
		}
	}
	return n
}

// Pending is the number of changes planned.
func (r Round) Pending() int {
	n := 0
	for _, z := range r.Zones {
		n += len(z.Plan.Changes)
	}
	return n
}
