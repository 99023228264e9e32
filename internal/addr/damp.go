package addr

import "time"

// What the damping of a family that flaps is made of. The numbers are
// decisions of homing, not protocol values: three changes in ten minutes is
// more than any line does that is well.
const (
	flapWindow     = 10 * time.Minute
	flapBackWindow = 5 * time.Minute // within which going back counts as flapping
	calmPeriod     = 10 * time.Minute
	firstHold      = 30 * time.Second
	maxHold        = 300 * time.Second
	maxHoldLevel   = 5 // from here on every change waits maxHold
)

// Damper holds back a family that keeps changing. It is a value: Next returns
// the next one. Its zero value has seen nothing.
//
// The third change within ten minutes, or one that goes back within five,
// must hold for 30 s before it is published, the ones after it for 60, 120, 240
// and 300 s. Going back to what
// is published cancels; ten minutes without movement end it.
type Damper struct {
	published Observation
	previous  Observation  // what was published before that
	changedAt [2]time.Time // when the two latest changes were published
	level     int          // 0 calm; n: the nth held change is next

	pending      Observation
	pendingSince time.Time // when held was first seen
	lastMoved    time.Time // when the family was last seen to move
}

// Next takes what was seen and confirmed at now. When hold is zero it may be
// published; otherwise it must still be true at hold.
func (d Damper) Next(now time.Time, seen Observation) (next Damper, hold time.Time) {
	if !seen.Known() {
		return d, time.Time{}
	}
	if !d.published.Known() {
		return Damper{published: seen}, time.Time{}
	}
	if now.Sub(d.lastMoved) >= calmPeriod {
		d.level, d.changedAt = 0, [2]time.Time{}
	}
	if seen.Same(d.published) {
		if d.pending.Known() {
			d.pending, d.lastMoved = Observation{}, now
		}
		return d, time.Time{}
	}
	if !seen.Same(d.pending) {
		d.pending, d.pendingSince, d.lastMoved = seen, now, now
	}
	third := !d.changedAt[0].IsZero() && now.Sub(d.changedAt[0]) <= flapWindow
	back := seen.Same(d.previous) && now.Sub(d.changedAt[1]) <= flapBackWindow
	if d.level == 0 && (third || back) {
		d.level = 1
	}
	if until := d.pendingSince.Add(d.holdTime()); now.Before(until) {
		return d, until
	}
	if d.level > 0 {
		d.level = min(d.level+1, maxHoldLevel)
	}
	d.previous, d.published, d.pending = d.published, seen, Observation{}
	d.changedAt = [2]time.Time{d.changedAt[1], now}
	return d, time.Time{}
}

// Holding reports whether a change is being held back. Then one look that says
// otherwise does not cancel it: that has to be confirmed like any change.
func (d Damper) Holding() bool { return d.pending.Known() }

// Damped reports whether the next change will be held back.
func (d Damper) Damped() bool { return d.level > 0 }

// holdTime returns how long the change at this level must hold.
func (d Damper) holdTime() time.Duration {
	if d.level == 0 {
		return 0
	}
	return min(firstHold<<(d.level-1), maxHold)
}

// DampedError is why a change that was seen and confirmed is not published yet.
type DampedError struct {
	Seen  Observation
	Until time.Time
}

func (h *DampedError) Error() string {
	return "the address keeps changing; " + h.Seen.Describe() + " will be published if it stays until " + h.Until.Format(time.TimeOnly)
}
