package daemon

import "runtime/debug"

// What memory the start may take, in octets: with a little more for each name it
// is not for the collector to run again and again.
const (
	startHeapGoal = 7 << 20
	heapPerName   = 8 << 10
)

// collectOften makes the garbage of the start be collected before it is spread: without
// it what stays, the CA roots above all, lies scattered over half a megabyte more
// (measured 2026-11). It holds until the first round has ended, when loosen gives
// what was before: a goal that is near what lives makes the collector run all the
// time, and a quiet round cost five times as much. GOMEMLIMIT is left alone.
func collectOften(names int) (loosen func()) {
	const asked = -1
	before := debug.SetMemoryLimit(asked)
	debug.SetMemoryLimit(min(before, startHeapGoal+int64(names)*heapPerName))
	return func() { debug.SetMemoryLimit(before) }
}
