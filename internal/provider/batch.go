package provider

import (
	"iter"

	"github.com/homing-dns/homing/internal/plan"
)

// Batches cuts sets into groups of at most size changes; none is split, and one
// that is larger is a group of its own. A size of zero has no bound.
func Batches(sets []plan.Set, size int) iter.Seq[[]plan.Set] {
	return func(yield func([]plan.Set) bool) {
		from, n := 0, 0
		for i, s := range sets {
			if size > 0 && n > 0 && n+len(s.Changes) > size {
				if !yield(sets[from:i]) {
					return
				}
				from, n = i, 0
			}
			n += len(s.Changes)
		}
		if n > 0 {
			yield(sets[from:])
		}
	}
}
