package provider

import (
	"iter"

	"github.com/homing-dns/homing/internal/plan"
)

// Batches cuts sets into groups that each fit into one call, by the limits of
// their zone; none is split, nor parted from those it goes together with, and one
// that is too large is a group of its own.
// octets is what a set adds to the length of a call; nil where that has no bound.
func Batches(sets []plan.Set, l *plan.Limits, octets func(*plan.Set) int) iter.Seq[[]plan.Set] {
	return func(yield func([]plan.Set) bool) {
		from, size := 0, batchLoad{}
		for i := 0; i < len(sets); {
			end, more := i+plan.GroupLen(sets[i:]), batchLoad{}
			for k := i; k < end; k++ {
				more = more.plus(loadOfSet(&sets[k], l, octets))
			}
			if next := size.plus(more); i > from && !next.fitsIn(l) {
				if !yield(sets[from:i]) {
					return
				}
				from, size = i, batchLoad{}
			}
			i, size = end, size.plus(more)
		}
		if from < len(sets) {
			yield(sets[from:])
		}
	}
}

// batchLoad is what a call carries.
type batchLoad struct{ changes, values, octets int }

func loadOfSet(s *plan.Set, l *plan.Limits, octets func(*plan.Set) int) batchLoad {
	more := batchLoad{changes: len(s.Changes)}
	if l.BatchValues > 0 {
		more.values = len(s.After())
	}
	if octets != nil {
		more.octets = octets(s)
	}
	return more
}

func (a batchLoad) plus(b batchLoad) batchLoad {
	return batchLoad{a.changes + b.changes, a.values + b.values, a.octets + b.octets}
}

func (a batchLoad) fitsIn(l *plan.Limits) bool {
	within := func(n, most int) bool { return most == 0 || n <= most }
	return within(a.changes, l.Batch) && within(a.values, l.BatchValues) && within(a.octets, l.BatchOctets)
}
