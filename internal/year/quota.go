package year

import "time"

// quota is what a DNS host allows, and what it asked for.
type quota struct {
	calls []time.Time      // of the latest five minutes
	pause map[string]pause // by zone; empty: of the host
}

// pause is a time in which nobody is to call.
type pause struct{ from, until time.Time }

// callsMost is how many calls Cloudflare takes in five minutes.
const callsMost = 1200

// called is called at each call to the host. w.mu is held.
func (w *world) called(of string) {
	now := time.Now()
	for len(w.quota.calls) > 0 && now.Sub(w.quota.calls[0]) > 5*time.Minute {
		w.quota.calls = w.quota.calls[1:]
	}
	if w.quota.calls = append(w.quota.calls, now); len(w.quota.calls) > callsMost {
		w.fail("%d calls within five minutes", len(w.quota.calls))
	}
	if p := w.quota.pause[of]; now.After(p.from) && now.Before(p.until) {
		w.fail("the host (%s) was called %v before it was to be", of, p.until.Sub(now))
	}
}

// wait has the host ask for so much patience, which is heard a moment later. A
// new process knows nothing of it.
func (w *world) wait(of string, d time.Duration) {
	now := time.Now()
	w.quota.pause[of] = pause{now.Add(heardIn), now.Add(d)}
}

// heardIn is longer than an answer is on its way.
const heardIn = 250 * time.Millisecond
