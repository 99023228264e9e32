package engine

import (
	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

// wouldChange reports whether an observation would change anything, by a view that
// nobody changes.
type wouldChange func(plan.Origin, addr.Observation) bool

// wouldChange returns one of every view as it stands, safe to use while the round
// works on them; ok is false when something still has to be read.
func (a *account) wouldChange() (would []wouldChange, ok bool) {
	ok = len(a.unassigned()) == 0 && !a.survey
	for _, r := range a.resources() {
		one, known := r.wouldChange()
		if ok = ok && known; one != nil {
			would = append(would, one)
		}
	}
	return would, ok
}

func (z *zone) wouldChange() (wouldChange, bool) {
	if z.view == nil {
		return nil, !z.pause.isOver(z.account.now)
	}
	s, firsts := z.snapshot(), z.account.firsts
	return func(of plan.Origin, o addr.Observation) bool {
		seen, fresh := seenAlone(of, o, firsts)
		return len(s.diff(seen, fresh).Sets) > 0
	}, true
}

func (l *list) wouldChange() (wouldChange, bool) {
	v := l.view
	if v == nil {
		return nil, l.host == nil || !l.pause.isOver(l.account.now)
	}
	return func(of plan.Origin, o addr.Observation) bool {
		seen, _ := seenAlone(of, o, l.account.firsts)
		return len(l.diff(v, seen).Changes) > 0
	}, true
}

// seenAlone returns what is seen where only this origin is known, and so it is the first of
// several too. One that waits for its turn is confirmed so.
func seenAlone(of plan.Origin, o addr.Observation, firsts []plan.Origin) (plan.Seen, []plan.Origin) {
	seen := plan.Seen{of: o}
	for _, f := range firsts {
		if plan.Involves([]plan.Origin{f}, of) {
			seen[f] = o
		}
	}
	return seen, seen.Origins()
}
