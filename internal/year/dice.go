package year

import (
	"math/rand/v2"
	"time"
)

// dice decide over what happens in order. What may happen side by side is
// decided by lot, which depends on nothing that was decided before.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))} }

func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

func (d dice) among(ns ...int) int { return ns[d.IntN(len(ns))] }

// between is a time to the nanosecond, so that no two things happen at once.
func (d dice) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.Int64N(int64(most-least)))
}

// A lot is drawn by name and number.
type lots struct {
	seed  uint64
	drawn map[string]uint64
}

// draw is the next number of this name. The caller holds the lock of the world.
func (l *lots) draw(name string) uint64 {
	l.drawn[name]++
	return l.lot(name, l.drawn[name])
}

// lot is the nth of this name.
func (l *lots) lot(name string, n uint64) uint64 {
	h := l.seed ^ 14695981039346656037
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	h ^= n * 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
