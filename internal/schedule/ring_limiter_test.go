package schedule

import (
	"testing"
	"testing/synctest"
	"time"
)

// storm has one ring every step for so long, and says when somebody looked; a
// look takes takes, and found reports whether the nth finds a change.
func storm(step, long, takes time.Duration, by Ringer, found func(n int) bool) (at []time.Duration) {
	var b RingLimiter
	began := time.Now()
	for time.Since(began) < long {
		time.Sleep(step)
		due := b.Due(time.Now(), by)
		time.Sleep(time.Until(due))
		b = b.RoundStarted(time.Now(), by)
		at = append(at, time.Since(began).Round(10*time.Millisecond))
		time.Sleep(takes)
		b = b.RoundDone(time.Now(), found(len(at)))
	}
	return at
}

func TestBells(t *testing.T) {
	always, never := func(int) bool { return true }, func(int) bool { return false }
	synctest.Test(t, func(t *testing.T) {
		got := storm(time.Millisecond, time.Minute, 50*time.Millisecond, System, always)
		if len(got) < 30 || len(got) > 3+31 {
			t.Errorf("%d looks in a minute of bells that are all true: %v", len(got), got)
		}
		if got[2] > time.Second || got[4]-got[3] < ringInterval {
			t.Errorf("three at once, then one in two seconds: %v", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		got := storm(time.Millisecond, time.Hour, 50*time.Millisecond, Router, never)
		if len(got) > 5+60 {
			t.Errorf("%d looks in an hour of bells for nothing", len(got))
		}
		if got[4] > 10*time.Second || got[5]-got[4] < futileRingInterval {
			t.Errorf("five, then one a minute: %v", got[:8])
		}
	})
	synctest.Test(t, func(t *testing.T) {
		got := storm(time.Millisecond, 10*time.Minute, 50*time.Millisecond, Router, func(n int) bool { return n == 8 })
		if got[8]-got[7] > ringInterval || got[7]-got[6] < futileRingInterval {
			t.Errorf("a change that is found ends the waiting: %v", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		got := storm(time.Millisecond, time.Minute, 5*time.Second, System, always)
		for i := 1; i < len(got); i++ {
			if got[i]-got[i-1] < 5*time.Second+minRingGap {
				t.Errorf("looks follow upon each other: %v", got)
			}
		}
	})
}

// Forged announcements keep nobody from hearing the kernel.
func TestWhoRingsForNothingMakesNoOtherSlower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b RingLimiter
		for range 100 {
			time.Sleep(time.Until(b.Due(time.Now(), Router)))
			b = b.RoundStarted(time.Now(), Router).RoundDone(time.Now(), false)
		}
		time.Sleep(10 * time.Second)
		if wait := time.Until(b.Due(time.Now(), System)); wait > 0 {
			t.Errorf("the kernel waits for %v", wait)
		}
		if wait := time.Until(b.Due(time.Now(), Router)); wait != 50*time.Second {
			t.Errorf("the router waits for %v", wait)
		}
	})
}

// Where nothing was heard for a minute, a bell is worth a look at once.
func TestABellAfterAQuietMinuteIsHeardAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b RingLimiter
		for range 100 {
			time.Sleep(futileRingInterval)
			if wait := time.Until(b.Due(time.Now(), System)); wait > 0 {
				t.Fatalf("it waits for %v", wait)
			}
			b = b.RoundStarted(time.Now(), System).RoundDone(time.Now(), false)
		}
	})
}
