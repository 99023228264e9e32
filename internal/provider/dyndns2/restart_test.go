package dyndns2

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/plan"
)

// restart is another process, which knows what the history says was confirmed.
func (b *bubble) restart(old, now string, ago time.Duration) {
	b.Helper()
	c := b.p.config
	c.Memory = &Memory{}
	p, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	b.p = p
	change := plan.Change{Action: plan.ToUpdate, Old: recordOf(b.names[0], addr(b.T, old)), New: recordOf(b.names[0], addr(b.T, now))}
	p.Recall(change, time.Now().Add(-ago))
}

func TestARestartWithinTheLagSendsNothingAgain(t *testing.T) {
	const first, second, third, theirs = "198.51.100.1", "198.51.100.2", "198.51.100.3", "192.0.2.7"
	lags := [][]time.Duration{{4 * time.Minute}, {4 * time.Minute, 0}, {30 * time.Minute, 0}}
	begin := func(t *testing.T, lag []time.Duration) *bubble {
		b := within(t, lag, "a.example.org")
		b.Put("a.example.org", a(first))
		b.moves(second)
		if n := b.round(); n != 1 {
			t.Fatalf("%d updates for a change: %v", n, b.last)
		}
		time.Sleep(10 * time.Second)
		b.restart(first, second, 10*time.Second)
		return b
	}
	for _, lag := range lags {
		synctest.Test(t, func(t *testing.T) {
			b := begin(t, lag)
			for range 8 {
				if n := b.round(); n != 0 {
					t.Errorf("lag %v: %d updates of what was confirmed", lag, n)
				}
				time.Sleep(time.Minute)
			}
			b.calm()
		})
		synctest.Test(t, func(t *testing.T) {
			b := begin(t, lag)
			b.moves(third)
			if n := b.round(); n != 1 {
				t.Errorf("lag %v: %d updates for a new address: %v", lag, n, b.last)
			}
			b.calm()
			b.holds("a.example.org", third)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, lags[0])
		b.Set("a.example.org", a(theirs))
		if n := b.round(); n != 1 {
			t.Errorf("%d updates where another hand was at it: %v", n, b.last)
		}
		b.holds("a.example.org", second)
	})
	synctest.Test(t, func(t *testing.T) { // the history says it, and long ago
		b := within(t, lags[0], "a.example.org")
		b.Put("a.example.org", a(first))
		b.moves(second)
		b.restart(first, second, 6*time.Minute)
		if n := b.round(); n != 1 {
			t.Errorf("%d updates of what does not stand there: %v", n, b.last)
		}
	})
}
