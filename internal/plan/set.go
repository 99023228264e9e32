package plan

import (
	"slices"
	"sort"

	"github.com/homing-dns/homing/internal/dns"
)

// Set is an RRset that is to change. A DNS host that writes records goes by the
// Changes; one that writes whole sets reads what is to be there from After, and
// can hold what it has against Records.
type Set struct {
	Key     dns.Key
	Needs   []Origin     // what the changes come from
	Records []dns.Record // all of this name and type as they were read, ours or not, in the order of dns.Record.Compare
	Changes []Change     // in the order they are carried out; at least one

	// Joined says that it goes with the set before it: into the same call, and not
	// at all where that one fails.
	Joined bool
	// Mark is the key of the TXT records that say whose the set is, where they do
	// and none of them changes, and Marks is these as they were read.
	Mark  dns.Key
	Marks []dns.Record
}

// GroupLen returns how many sets, from the first, go together.
func GroupLen(sets []Set) int {
	n := min(1, len(sets))
	for n < len(sets) && sets[n].Joined {
		n++
	}
	return n
}

// HalfLen returns how many of these sets are about the half of them, where none is parted
// from those it goes together with; all, where all go together.
func HalfLen(sets []Set) int {
	n := 0
	for n < len(sets) && (n == 0 || n < len(sets)/2) {
		n += GroupLen(sets[n:])
	}
	return n
}

// After returns the records of the set as they should stand once the changes were
// made: what nobody changes is among them. New records have no id.
func (s *Set) After() []dns.Record {
	after := slices.Clone(s.Records)
	for _, c := range s.Changes {
		i := slices.IndexFunc(after, func(r dns.Record) bool { return c.Action != ToCreate && r.SameRecord(&c.Old) })
		switch {
		case c.Action == ToDelete && i >= 0:
			after = slices.Delete(after, i, i+1)
		case c.Action == ToDelete:
		case i >= 0:
			after[i] = c.New
		default:
			after = append(after, c.New)
		}
	}
	sort.Slice(after, func(i, j int) bool { return less(after[i], after[j]) })
	return after
}

// CountChanges returns how many changes these sets have.
func CountChanges(sets []Set) (changes int) {
	for _, s := range sets {
		changes += len(s.Changes)
	}
	return changes
}
