package main

// mutant is a deliberate fault in a product file: old stands there exactly once
// and is replaced.
type mutant struct {
	what     string // what homing does then
	report   string // the point of the reports that it brings back; empty: none
	file     string // below internal
	old, new string
}

// mutants are the faults that the year has to find, each within foundWithin seeds.
func mutants() []mutant {
	return []mutant{
		{what: "publishes an address nobody confirmed", file: "engine/origin.go",
			old: "s.publishable = !at.confirm || o.Certain() || o.Same(at.confirmed)", new: "s.publishable = true"},
		{what: "believes one look of two that differ", file: "addr/confirm.go",
			old: "if earlier.Way != v.Way && earlier.Said.Same(v.Said) {", new: "if earlier.Way != v.Way {"},
		{what: "always asks the same way first", file: "detect/hedge.go",
			old: "h.turn, h.owed = (turn+1)%len(h.ways), false", new: "h.owed = false"},
		{what: "takes addresses that are not public", file: "addr/public.go",
			old: "MUTATE", new: ""},
	}
}
