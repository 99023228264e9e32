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
		from, size := 0, load{}
		for i := 0; i < len(sets); {
			end, more := i+plan.Together(sets[i:]), load{}
			for k := i; k < end; k++ {
				more = more.with(loadOf(&sets[k], l, octets))
			}
			if next := size.with(more); i > from && !next.fits(l) {
				if !yield(sets[from:i]) {
					return
				}
				from, size = i, load{}
			}
			i, size = end, size.with(more)
		}
		if from < len(sets) {
			yield(sets[from:])
		}
	}
}

// load is what a call carries.
type load struct{ changes, values, octets int }

func loadOf(s *plan.Set, l *plan.Limits, octets func(*plan.Set) int) load {
	more := load{changes: len(s.Changes)}
	if l.BatchValues > 0 {
		more.values = len(s.After())
	}
	if octets != nil {
		more.octets = octets(s)
	}
	return more
}

func (a load) with(b load) load {
	return load{a.changes + b.changes, a.values + b.values, a.octets + b.octets}
}

func (a load) fits(l *plan.Limits) bool {
	within := func(n, most int) bool { return most == 0 || n <= most }
	return within(a.changes, l.Batch) && within(a.values, l.BatchValues) && within(a.octets, l.BatchOctets)
}
