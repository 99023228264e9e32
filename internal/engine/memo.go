package engine

import (
	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

// memo is a plan that changed nothing, and what it was made from. As long as
// that stays the same a round has nothing to work out: with 2,000 names that
// is a megabyte of garbage less.
type memo[View, Plan any] struct {
	view *View
	seen plan.Seen
	plan Plan
}

// planned is what these observations come to in the zone.
func (z *zone) planned(seen plan.Seen) plan.Plan {
	var which int
	for f := range seen {
		which |= map[addr.Family]int{addr.IPv4: 1, addr.IPv6: 2}[f]
	}
	m := &z.quiet[which]
	if m.view == z.view && same(m.seen, seen) {
		return m.plan
	}
	p := z.snapshot().diff(seen)
	*m = memo[view, plan.Plan]{}
	if len(p.Sets) == 0 {
		*m = memo[view, plan.Plan]{z.view, seen, p}
	}
	return p
}

// same says whether two observations of the same families plan the same: why
// one is not known makes no difference.
func same(a, b plan.Seen) bool {
	for f, o := range a {
		if !o.Same(b[f]) && (o.Known() || b[f].Known()) {
			return false
		}
	}
	return len(a) == len(b)
}
