package addr

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// A line is a family as the Damper sees it.
type line struct {
	t      *testing.T
	damper Damper
	now    time.Time
}

// sees checks for how long what is seen now is held back.
func (l *line) sees(a string, hold time.Duration) {
	l.t.Helper()
	var until time.Time
	l.damper, until = l.damper.Next(l.now, known(a))
	got := time.Duration(0)
	if !until.IsZero() {
		got = until.Sub(l.now)
	}
	if got != hold {
		l.t.Errorf("%s at %s is held for %v, want %v", a, l.now.Format(time.TimeOnly), got, hold)
	}
}

func (l *line) later(d time.Duration) { l.now = l.now.Add(d) }

// holds sees a change, and sees it published after exactly so long.
func (l *line) holds(a string, hold time.Duration) {
	l.t.Helper()
	l.sees(a, hold)
	if hold > 0 {
		l.later(hold - time.Second)
		l.sees(a, time.Second)
		l.later(time.Second)
		l.sees(a, 0)
	}
}

// flapping is a line that was published three times, a minute apart.
func flapping(t *testing.T) *line {
	l := &line{t: t, now: noon}
	for _, a := range []string{"192.0.2.8", "192.0.2.9", "192.0.2.1"} {
		l.sees(a, 0)
		l.later(time.Minute)
	}
	return l
}

func TestDamperHoldsTheThirdChangeAndTheOnesAfterItLongerAndLonger(t *testing.T) {
	l := flapping(t)
	for i, hold := range []time.Duration{30, 60, 120, 240, 300, 300} {
		l.holds([]string{"192.0.2.3", "192.0.2.4"}[i%2], hold*time.Second)
		l.later(time.Second)
	}
}

func TestDamperLetsChangesFarApartPass(t *testing.T) {
	l := &line{t: t, now: noon}
	for i := range 20 {
		l.sees([]string{"192.0.2.1", "192.0.2.2"}[i%2], 0)
		l.later(5*time.Minute + time.Second)
	}
	if l.damper.Damped() {
		t.Error("a change every five minutes is damped")
	}
}

func TestDamperCountsTheWindowToTheSecond(t *testing.T) {
	for gap, hold := range map[time.Duration]time.Duration{
		10 * time.Minute:             30 * time.Second,
		10*time.Minute + time.Second: 0,
	} {
		l := &line{t: t, now: noon}
		l.sees("192.0.2.1", 0)
		l.sees("192.0.2.2", 0) // the first change
		l.later(gap - time.Minute)
		l.sees("192.0.2.1", 0) // the second
		l.later(time.Minute)
		l.sees("192.0.2.3", hold) // the third
	}
}

func TestDamperForgetsAChangeThatGoesBack(t *testing.T) {
	l := flapping(t)
	l.sees("192.0.2.3", 30*time.Second)
	l.later(20 * time.Second)
	l.sees("192.0.2.1", 0) // as published
	l.later(20 * time.Second)
	l.sees("192.0.2.3", 30*time.Second) // begins anew, no longer than before
}

func TestDamperStartsAnewWhenTheHeldChangeChanges(t *testing.T) {
	l := flapping(t)
	l.sees("192.0.2.3", 30*time.Second)
	l.later(20 * time.Second)
	l.sees("192.0.2.4", 30*time.Second)
	l.later(20 * time.Second)
	l.sees("192.0.2.4", 10*time.Second)
}

func TestDamperEndsAfterTenCalmMinutes(t *testing.T) {
	l := flapping(t)
	l.holds("192.0.2.3", 30*time.Second)
	l.holds("192.0.2.4", 60*time.Second)
	l.holds("192.0.2.3", 120*time.Second)
	l.later(8*time.Minute - time.Second)
	l.sees("192.0.2.3", 0)
	if !l.damper.Damped() {
		t.Fatal("damping ended too soon")
	}
	l.later(time.Second) // ten minutes after it moved
	l.sees("192.0.2.3", 0)
	if l.damper.Damped() {
		t.Fatal("damping goes on")
	}
	l.sees("192.0.2.4", 0)
	l.later(time.Minute)
	l.sees("192.0.2.5", 0)
	l.later(time.Minute)
	l.sees("192.0.2.6", 30*time.Second)
}

func TestDamperTakesGoingBackForAMovement(t *testing.T) {
	l := flapping(t)
	l.sees("192.0.2.3", 30*time.Second)
	l.later(20 * time.Second)
	l.sees("192.0.2.1", 0) // as published
	l.later(10*time.Minute - time.Second)
	l.sees("192.0.2.1", 0)
	if !l.damper.Damped() {
		t.Error("damping ended too soon")
	}
	l.later(time.Second)
	l.sees("192.0.2.1", 0)
	if l.damper.Damped() {
		t.Error("damping goes on")
	}
}

func TestDamperIgnoresWhatIsNotKnown(t *testing.T) {
	l := flapping(t)
	before := l.damper
	next, hold := l.damper.Next(l.now, Unknown(errDown))
	if !hold.IsZero() {
		t.Error("what is not known is held back")
	}
	l.damper = next
	l.sees("192.0.2.3", 30*time.Second)
	l.later(30 * time.Second)
	l.damper, _ = l.damper.Next(l.now, Unknown(errDown))
	l.sees("192.0.2.3", 0) // an outage in between changes nothing
	if before.Damped() {
		t.Error("Judge changed the Damper it was called on")
	}
}

// A source that flaps costs one change, not two, before it is damped.
func TestDamperHoldsAChangeThatSoonGoesBack(t *testing.T) {
	for gap, hold := range map[time.Duration]time.Duration{5 * time.Minute: 30 * time.Second, 5*time.Minute + time.Second: 0} {
		l := &line{t: t, now: noon}
		l.sees("192.0.2.1", 0)
		l.sees("192.0.2.2", 0)
		l.later(gap)
		l.sees("192.0.2.1", hold)
	}
}

func TestDamperHoldsNothingAtFirst(t *testing.T) {
	var d Damper
	if d, hold := d.Next(noon, known("192.0.2.1")); !hold.IsZero() || d.Damped() {
		t.Error("the first address ever seen is held back")
	}
}
