// Package year lives a year with homing, in seconds: the real engine, detectors
// and provider clients in a simulated world that goes wrong in every way that is
// known, and after each step the promises of homing are checked. A number, the
// seed, decides all that happens, so that a year that broke a promise can be
// lived again. Nothing of homing imports it.
package year

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Options says which year is lived.
type Options struct {
	Seed  uint64
	Days  int           // 0: 365
	Trace io.Writer     // told all that happens, a line each; nil: nobody is
	Calm  func(day int) // called in each calm, while no round is under way; may be nil
}

// A Report is what happened in one year, or in several.
type Report struct {
	Seed    uint64
	Wire    bool // the provider's real client was used, over HTTP
	Seeds   int
	Rounds  int // those that were made
	Worked  int // of these: something was changed, tried, or in the way
	Skipped int // silent ones that were not made, because nothing had changed
	Changes int // of records, confirmed
	Moves   int // of addresses
	Calls   int64
	Looks   int64
	Faults  map[string]int // by kind

	Broken string // the first promise that was not kept, and when; empty: all were
}

// Live lives the year of a seed. It makes a synctest bubble, so it may run
// beside others.
func Live(t *testing.T, o Options) (r Report) {
	if o.Days == 0 {
		o.Days = 365
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(o)
		defer w.close()
		w.live(o)
		r = w.report
	})
	return r
}

// Add puts the figures of another year to those of r.
func (r *Report) Add(other Report) {
	r.Seeds++
	r.Rounds += other.Rounds
	r.Worked += other.Worked
	r.Skipped += other.Skipped
	r.Changes += other.Changes
	r.Moves += other.Moves
	r.Calls += other.Calls
	r.Looks += other.Looks
	if r.Faults == nil {
		r.Faults = make(map[string]int)
	}
	for kind, n := range other.Faults {
		r.Faults[kind] += n
	}
}

// Full says whether enough happened in every year.
func (r Report) Full() bool { return r.Worked >= 1000*r.Seeds && r.Sum() >= 200*r.Seeds }

// Sum is how many faults there were.
func (r Report) Sum() (n int) {
	for _, of := range r.Faults {
		n += of
	}
	return n
}

// Describe is the report in a few lines.
func (r Report) Describe() string {
	s := fmt.Sprintf("%d rounds, %d of them did something, and %d silent ones were skipped\n"+
		"%d changes of records, %d moves of addresses, %d calls to DNS hosts, %d looks at addresses\n%d faults:",
		r.Rounds, r.Worked, r.Skipped, r.Changes, r.Moves, r.Calls, r.Looks, r.Sum())
	for _, kind := range slices.Sorted(maps.Keys(r.Faults)) {
		s += fmt.Sprintf("\n  %6d  %s", r.Faults[kind], kind)
	}
	return s
}

// live is the year: calm, then trouble, and so on.
func (w *world) live(o Options) {
	w.unknown = true
	w.start()
	w.recover("the first rounds", 2*every)
	w.locked(func() { w.unknown = false })
	for end := w.began.AddDate(0, 0, o.Days); w.report.Broken == "" && time.Now().Before(end); {
		calm := w.dice.between(20*time.Hour, 100*time.Hour)
		switch worked := w.report.Worked * o.Days; { // so that it comes to a thousand
		case worked < 1000*w.day():
			calm /= 12
		case worked < 1080*w.day():
			calm /= 4
		}
		w.rest(calm)
		if o.Calm != nil {
			o.Calm(w.day())
		}
		if w.report.Broken == "" {
			w.episode()
		}
	}
	w.stop()
}

// day is how many days the year is old, from 1.
func (w *world) day() int { return int(time.Since(w.began)/(24*time.Hour)) + 1 }

// rest lets calm reign for so long; rounds in which nothing can happen are skipped.
func (w *world) rest(d time.Duration) {
	w.locked(func() { w.next, w.calm = time.Now().Add(d), time.Now() })
	time.Sleep(d)
	w.locked(func() { w.calm = time.Time{} })
}

// episode is some trouble, and what homing makes of it.
func (w *world) episode() {
	d := w.dice
	length := d.between(time.Minute, 9*time.Minute)
	if d.oneIn(25) {
		length = d.between(30*time.Minute, 2*time.Hour)
	}
	var kinds []fault
	for range d.among(1, 1, 2, 2, 3) {
		if f := w.faults[d.IntN(len(w.faults))]; !slices.ContainsFunc(kinds, f.clashes) {
			kinds = append(kinds, f)
		}
	}
	if d.oneIn(12) {
		kinds = nil // an address changes, and all is well
	}
	mild, within := len(kinds) < 2, 2*every // one liar is outvoted, two are not
	var ends []func()
	for _, f := range kinds {
		w.report.Faults[f.kind]++
		w.tell("▼ %s, for %v", f.kind, length.Round(time.Second))
		ends = append(ends, f.begin(w))
		mild, within = mild && f.mild, max(within, f.within)
	}
	if len(kinds) > 1 {
		w.locked(func() { w.damped = damped{} })
	}
	w.moves(length, mild, len(kinds) < 2)
	w.locked(func() { w.damped = damped{} })
	for i, end := range ends {
		end()
		w.tell("▲ %s is over", kinds[i].kind)
	}
	w.locked(w.heal)
	w.recover("what went wrong had ended", within)
	w.locked(func() {
		for _, do := range w.later {
			do()
		}
		w.later = nil
	})
}

// moves lets the time of an episode pass, in which addresses change. Where the
// truth comes through all the same it has to be published within three rounds.
func (w *world) moves(length time.Duration, mild, alone bool) {
	end := time.Now().Add(length)
	if mild && w.dice.oneIn(4) {
		w.recover("something went wrong that is no trouble", 5*every)
	}
	for range w.dice.among(0, 1, 1, 1, 2, 3) {
		time.Sleep(w.dice.between(0, max(time.Second, time.Until(end)/2)))
		if p := w.move(); p != nil && alone {
			w.asserted(p)
		}
		if mild && w.report.Broken == "" {
			w.recover("an address had changed", 5*every)
		}
	}
	if left := time.Until(end); left > 0 {
		time.Sleep(left)
	}
}

// recover waits until all is right; within so long it has to be.
func (w *world) recover(after string, within time.Duration) {
	if within += slack; len(w.settings.first) > 0 {
		within += holds
	}
	select {
	case <-w.right:
	default:
	}
	w.locked(func() { w.awaited = true })
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-w.right:
	case <-timer.C:
		w.locked(func() {
			if why := w.wrong(w.truth()); why != "" {
				w.fail("not all is right %v after %s: %s", within, after, why)
			}
		})
	}
	w.locked(func() { w.awaited = false })
}

// every is the interval of rounds, and slack what a round itself may take.
const (
	every  = 5 * time.Minute
	resync = 15 * time.Minute
	slack  = 90 * time.Second
)
