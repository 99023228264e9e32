package daemon

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// rounds stands for the engine: a round takes a while, and bells meanwhile are
// not taken.
type rounds struct {
	r       *changeListener
	takes   time.Duration
	changed bool
	running bool
	began   []time.Time
	bells   []status.Bell
	hurried int
}

func (e *rounds) ring(b status.Bell) bool {
	if e.running {
		e.hurried++
		return false
	}
	e.running = true
	e.began, e.bells = append(e.began, time.Now()), append(e.bells, b)
	time.AfterFunc(e.takes, func() { e.r.mu.Lock(); e.running = false; e.r.mu.Unlock(); e.r.roundDone(e.changed) })
	return true
}

func ringing(t *testing.T, takes time.Duration, changed bool) *rounds {
	e := &rounds{takes: takes, changed: changed}
	e.r = newChangeListener(e.ring, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); e.r.run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return e
}

func TestAStormOfBellsMakesFewRoundsAndNeverTwoInARow(t *testing.T) {
	for name, c := range map[string]struct {
		takes   time.Duration
		changed bool
		most    int
	}{
		"for nothing":       {50 * time.Millisecond, false, 5 + 10},
		"each a change":     {50 * time.Millisecond, true, 3 + 300},
		"with slow answers": {5 * time.Second, true, 115},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := ringing(t, c.takes, c.changed)
				for range 100 * 600 { // a hundred a second, for ten minutes
					time.Sleep(10 * time.Millisecond)
					e.r.signal(status.ByRouter, "its address is another")
				}
				synctest.Wait()
				if n := len(e.began); n < 5 || n > c.most {
					t.Errorf("%d rounds", n)
				}
				for i := 1; i < len(e.began); i++ {
					if rest := e.began[i].Sub(e.began[i-1]) - c.takes; rest < 200*time.Millisecond {
						t.Errorf("round %d follows %v after the one before", i, rest)
					}
				}
			})
		})
	}
}

func TestABellInARoundHurriesItAndIsHeardAgainAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := ringing(t, 5*time.Second, true)
		e.r.signal(status.ByRouter, "it is down")
		time.Sleep(time.Second)
		heard := time.Now()
		e.r.signal(status.BySystem, "this machine has 84.1.2.3 on eth0")
		synctest.Wait()
		if e.hurried != 1 {
			t.Errorf("the round was hurried %d times", e.hurried)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(e.bells) != 2 || e.bells[1].By != status.BySystem || !e.bells[1].At.Equal(heard) {
			t.Errorf("%+v", e.bells)
		}
	})
}

// Nothing wakes who waits for bells.
func TestWhereNothingIsHeardNothingIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := ringing(t, time.Second, true)
		e.r.signal(status.BySystem, "x")
		time.Sleep(time.Hour)
		if wait, rings := e.r.deliverDue(); rings {
			t.Errorf("it waits for %v", wait)
		}
		if len(e.began) != 1 {
			t.Errorf("%d rounds", len(e.began))
		}
	})
}
