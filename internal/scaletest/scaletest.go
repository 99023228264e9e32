// Package scaletest holds what reads the words of strangers to a time that grows
// with their length, and no faster.
package scaletest

import (
	"testing"
	"time"
)

// Linear fails where work for sixteen times the input takes more than 2.5 times
// as long for each doubling: what grows with the square takes 256 times as long.
// work makes what is timed, for an input of n. The short work is done sixteen times
// for each long one, so that a busy machine disturbs both alike; what counts is the
// processor's time, of the best of several runs.
func Linear(t *testing.T, what string, n int, work func(n int) func()) {
	t.Helper()
	best := func(d *time.Duration, f func()) {
		began := worked()
		f()
		if took := worked() - began; *d == 0 || took < *d {
			*d = took
		}
	}
	const times = 16
	small, large := work(n), work(times*n)
	var short, long time.Duration
	for began, try := time.Now(), 0; try < 3 || time.Since(began) < 6*time.Second; try++ {
		best(&short, func() {
			for range times {
				small()
			}
		})
		best(&long, large)
		if try >= 1 && times*float64(long) <= 2.5*2.5*2.5*2.5*float64(short) {
			return
		}
	}
	t.Errorf("%s: %v, and %v for sixteen times as much", what, short/times, long)
}
