package provider

// Guard is how the writes to a zone are guarded against somebody who writes
// between homing's reading and its writing. Its zero value is not at all.
type Guard uint8

const (
	// Unguarded: the host compares nothing. A Provider that writes whole sets
	// reads each immediately before, and what is left is the time between.
	Unguarded Guard = iota
	// GuardsSet: a write is refused as Stale when its set is not as it was read.
	GuardsSet
	// GuardsBatch: a whole call is refused as Stale when any of its sets is not as
	// it was read.
	GuardsBatch
)

func (g Guard) String() string {
	switch g {
	case GuardsSet:
		return "a set"
	case GuardsBatch:
		return "a batch"
	}
	return "not at all"
}
