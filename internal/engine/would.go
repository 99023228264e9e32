package engine

import (
	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

// wouldChange reports whether an observation would change anything, by a view that
// nobody changes.
type wouldChange func(plan.Origin, addr.Observation) bool

// wouldChange is one of every view as it stands, safe to use while the round
// works on them; ok is false when something still has to be read.
func (a *account) wouldChange() (would []wouldChange, ok bool) {
	ok = len(a.unassigned()) == 0 && !a.survey
	for _, z := range a.zones {
		if z.view == nil && z.pause.over(a.now) {
			ok = false
		}
		if z.view != nil {
			s := z.snapshot()
			would = append(would, func(of plan.Origin, o addr.Observation) bool {
				seen, fresh := alone(of, o, a.firsts)
				return len(s.diff(seen, fresh).Sets) > 0
			})
		}
	}
	for _, l := range a.lists {
		if l.view == nil && l.host != nil && l.pause.over(a.now) {
			ok = false
		}
		if v := l.view; v != nil {
			would = append(would, func(of plan.Origin, o addr.Observation) bool {
				seen, _ := alone(of, o, a.firsts)
				return len(l.diff(v, seen).Changes) > 0
			})
		}
	}
	return would, ok
}

// alone is what is seen where only this origin is known, and so it is the first of
// several too. One that waits for its turn is confirmed so.
func alone(of plan.Origin, o addr.Observation, firsts []plan.Origin) (plan.Seen, []plan.Origin) {
	seen := plan.Seen{of: o}
	for _, f := range firsts {
		if plan.Involves([]plan.Origin{f}, of) {
			seen[f] = o
		}
	}
	return seen, seen.Origins()
}
