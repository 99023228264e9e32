package status

import "github.com/homing-dns/homing/internal/plan"

// Count is the number of confirmed changes, and of those that failed, of
// records and of list items.
//
//go:noinline // many callers: see dependencies.md
func (r *Round) Count() (done, failed int) {
	count := func(err error) {
		if err == nil {
			done++
		} else {
			failed++
		}
	}
	for _, z := range r.Zones {
		for _, d := range z.Done {
			count(d.Err)
		}
	}
	for _, l := range r.Lists {
		for _, d := range l.Done {
			count(d.Err)
		}
	}
	return done, failed
}

// Right is the number of records and list items that are as they should be
// after the round.
func (r *Round) Right() int {
	n := 0
	for _, z := range r.Zones {
		n += z.Plan.Kept + StandAfter(z.Done)
	}
	for _, l := range r.Lists {
		n += l.Plan.Kept
		for _, d := range l.Done {
			if d.Err == nil && d.Action != plan.ToDelete {
				n++
			}
		}
	}
	return n
}

// StandAfter is the number of records that were confirmed to stand as they
// should, once these changes were made.
func StandAfter(done []Done) int {
	n := 0
	for _, d := range done {
		if d.Err == nil && d.Action != plan.ToDelete {
			n++
		}
	}
	return n
}

// Pending is the number of changes planned, of records and of list items.
//
//go:noinline // many callers: see dependencies.md
func (r *Round) Pending() int {
	n := 0
	for _, z := range r.Zones {
		n += plan.Size(z.Plan.Sets)
	}
	for _, l := range r.Lists {
		n += len(l.Plan.Changes)
	}
	return n
}
