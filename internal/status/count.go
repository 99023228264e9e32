package status

import "github.com/homing-dns/homing/internal/plan"

// Count is the number of confirmed changes, and of those that failed, of
// records and of list items.
//
//go:noinline // many callers: see dependencies.md
func (r *Round) Count() (done, failed int) {
	tried := 0
	for _, z := range r.Zones {
		tried += len(z.Done)
		for i := range z.Done {
			if z.Done[i].Err == nil {
				done++
			}
		}
	}
	for _, l := range r.Lists {
		tried += len(l.Done)
		for i := range l.Done {
			if l.Done[i].Err == nil {
				done++
			}
		}
	}
	return done, tried - done
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
		for i := range l.Done {
			if d := &l.Done[i]; d.Err == nil && d.Action != plan.ToDelete {
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
	for i := range done {
		if d := &done[i]; d.Err == nil && d.Action != plan.ToDelete {
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
		n += plan.CountChanges(z.Plan.Sets)
	}
	for _, l := range r.Lists {
		n += len(l.Plan.Changes)
	}
	return n
}
