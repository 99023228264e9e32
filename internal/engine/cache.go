package engine

import (
	"slices"

	"github.com/homing-dns/homing/internal/plan"
)

// cached is a plan that changed nothing, and what it was made from. As long as
// that stays the same a round has nothing to work out: with 2,000 names that
// is a megabyte of garbage less.
type cached[View, Plan any] struct {
	view *View
	seen plan.Seen
	plan Plan
}

// planCache is those of a zone, one for each group of origins that settle together.
type planCache []cachedPlan

// cachedPlan is a plan that changed nothing for what needs any of fresh.
type cachedPlan struct {
	cached[view, plan.Plan]
	fresh []plan.Origin // in order
}

// planCacheMost is more than there are such groups where nothing is amiss.
const planCacheMost = 8

func (ms planCache) find(v *view, seen plan.Seen, fresh []plan.Origin) (plan.Plan, bool) {
	for _, m := range ms {
		if m.view == v && slices.Equal(m.fresh, fresh) && m.seen.Same(seen) {
			return m.plan, true
		}
	}
	return plan.Plan{}, false
}

// add returns ms with one more, in the place of what is out of date.
func (ms planCache) add(m cachedPlan) planCache {
	kept := slices.DeleteFunc(slices.Clone(ms), func(o cachedPlan) bool { return o.view != m.view || slices.Equal(o.fresh, m.fresh) })
	return append(kept[:min(len(kept), planCacheMost-1)], m)
}

// planFor returns what these observations come to for all that needs any of fresh.
func (z *zone) planFor(seen plan.Seen, fresh []plan.Origin) plan.Plan {
	if p, ok := z.cache.find(z.view, seen, fresh); ok {
		return p
	}
	p := z.snapshot().diff(seen, fresh)
	if len(p.Sets) == 0 {
		z.cache = z.cache.add(cachedPlan{cached[view, plan.Plan]{z.view, seen, p}, fresh})
	}
	return p
}
