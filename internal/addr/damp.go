package addr

import "time"

// What the damping of a family that flaps is made of. The numbers are
// decisions of homing, not protocol values: three changes in ten minutes is
// more than any line does that is well.
const (
	dampWindow = 10 * time.Minute
	dampBack   = 5 * time.Minute // within which going back counts as flapping
	dampCalm   = 10 * time.Minute
	dampFirst  = 30 * time.Second
	dampMost   = 300 * time.Second
	dampLevels = 5 // from here on every change waits dampMost
)

// Damper holds back a family that keeps changing. It is a value: Judge returns
// the next one. Its zero value has seen nothing.
//
// The third change within ten minutes, or one that goes back within five,
// must hold for 30 s before it is published, the ones after it for 60, 120, 240
// and 300 s. Going back to what
// is published cancels; ten minutes without movement end it.
type Damper struct {
	published Observation
	left      Observation  // what was published before that
	changed   [2]time.Time // when the two latest changes were published
	level     int          // 0 calm; n: the nth held change is next

	held  Observation
	since time.Time // when held was first seen
	moved time.Time // when the family was last seen to move
}

// Judge takes what was seen and confirmed at now. When hold is zero it may be
// published; otherwise it must still be true at hold.
func (d Damper) Judge(now time.Time, seen Observation) (next Damper, hold time.Time) {
	if !seen.Known() {
		return d, time.Time{}
	}
	if !d.published.Known() {
		return Damper{published: seen}, time.Time{}
	}
	if now.Sub(d.moved) >= dampCalm {
		d.level, d.changed = 0, [2]time.Time{}
	}
	if seen.Same(d.published) {
		if d.held.Known() {
			d.held, d.moved = Observation{}, now
		}
		return d, time.Time{}
	}
	if !seen.Same(d.held) {
		d.held, d.since, d.moved = seen, now, now
	}
	third := !d.changed[0].IsZero() && now.Sub(d.changed[0]) <= dampWindow
	back := seen.Same(d.left) && now.Sub(d.changed[1]) <= dampBack
	if d.level == 0 && (third || back) {
		d.level = 1
	}
	if until := d.since.Add(d.wait()); now.Before(until) {
		return d, until
	}
	if d.level > 0 {
		d.level = min(d.level+1, dampLevels)
	}
	d.left, d.published, d.held = d.published, seen, Observation{}
	d.changed = [2]time.Time{d.changed[1], now}
	return d, time.Time{}
}

// Holding says whether a change is being held back. Then one look that says
// otherwise does not cancel it: that has to be confirmed like any change.
func (d Damper) Holding() bool { return d.held.Known() }

// Damped says whether the next change will be held back.
func (d Damper) Damped() bool { return d.level > 0 }

// wait is how long the change at this level must hold.
func (d Damper) wait() time.Duration {
	if d.level == 0 {
		return 0
	}
	return min(dampFirst<<(d.level-1), dampMost)
}

// Held is why a change that was seen and confirmed is not published yet.
type Held struct {
	Seen  Observation
	Until time.Time
}

func (h *Held) Error() string {
	return "the address changes often; " + h.Seen.Describe() + " is published if it stays until " + h.Until.Format(time.TimeOnly)
}
