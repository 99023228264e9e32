package engine

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
)

// counted makes an engine keep count of its rounds.
func counted(rounds *[]status.Round) func(*Config) {
	return func(c *Config) { c.Done = func(r status.Round) { *rounds = append(*rounds, r) } }
}

func TestADayOfRoundsCostsAListingAndAReadingAQuarterOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var rounds []status.Round
		run(t, h.engine([]string{"a.example.org"}, counted(&rounds)), 24*time.Hour-time.Second)
		if len(rounds) != 288 {
			t.Errorf("%d rounds, want one every five minutes", len(rounds))
		}
		if calls := h.host.Calls(); calls > 1+1+1+2*95 {
			t.Errorf("%d calls in a day", calls)
		}
	})
}

// A day in which nothing rings is the same day, question by question, whether or
// not somebody would.
func TestAQuietDayAsksNoMoreWhereBellsAreListenedTo(t *testing.T) {
	type day struct{ rounds, looks, calls int }
	var days []day
	for _, told := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			var rounds []status.Round
			e := h.engine([]string{"a.example.org"}, h.both, counted(&rounds), func(c *Config) { c.ClockTold = told })
			run(t, e, 24*time.Hour-time.Second)
			days = append(days, day{len(rounds), h.looks(), int(h.host.Calls())})
		})
	}
	if days[0] != days[1] || days[0].rounds != 288 || days[0].looks < 2*288 {
		t.Errorf("without and with: %+v", days)
	}
}

func TestTriggersNeverBlockAndAtMostOneRoundWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.host.SetLatency(time.Second, time.Second)
		var rounds []status.Round
		e := h.engine([]string{"a.example.org"}, counted(&rounds))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		time.AfterFunc(500*time.Millisecond, func() {
			for range 100 {
				e.Trigger()
			}
		})
		e.Run(ctx)
		if len(rounds) != 2 {
			t.Errorf("%d rounds, want the first and one for all the triggers", len(rounds))
		}
	})
}

func TestInvalidateReadsEverythingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"})
		e.round(t.Context(), looping)
		for _, r := range h.host.All() {
			h.host.Remove(r.ID)
		}
		e.Invalidate()
		e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
	})
}

func TestOnceIsOneRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var rounds []status.Round
		e := h.engine([]string{"a.example.org"}, counted(&rounds), every(t, "@once"))
		e.Run(t.Context())
		if len(rounds) != 1 {
			t.Errorf("%d rounds", len(rounds))
		}
	})
}

func TestWithoutOnStartTheFirstRoundWaitsForTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var rounds []status.Round
		e := h.engine([]string{"a.example.org"}, counted(&rounds), func(c *Config) { c.OnStart = false })
		start := time.Now()
		run(t, e, 6*time.Minute)
		if len(rounds) != 1 || rounds[0].Started.Sub(start) != 5*time.Minute {
			t.Errorf("rounds %v", rounds)
		}
	})
}

func TestJitterIsAtMostATenthAndHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"}, func(c *Config) { c.Jitter = func() float64 { return 0.999 } })
		r := e.round(t.Context(), looping)
		if wait := r.Next.Sub(r.Started); wait < 5*time.Minute+29*time.Second || wait > 5*time.Minute+30*time.Second {
			t.Errorf("the next round is in %v", wait)
		}
	})
}

func TestTheNextRoundIsNeverInThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.host.SetLatency(3*time.Second, 3*time.Second)
		e := h.engine([]string{"a.example.org"}, every(t, "@every 2s"))
		if r := e.round(t.Context(), looping); !r.Next.After(time.Now()) {
			t.Errorf("a round that took %s has the next one %s before now", r.Took, time.Since(r.Next))
		}
	})
}

func TestStoppingWaitsForTheWriteUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.host.SetLatency(time.Second, 3*time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel) // two reads, then a second into the write
		r := h.engine([]string{"a.example.org"}).round(ctx, looping)
		h.wants("a.example.org", dns.A, home1)
		if done, failed := r.Count(); done != 1 || failed != 0 || r.Outcome() != status.Changed {
			t.Errorf("done %d, failed %d, %v: %v", done, failed, r.Outcome(), r.Conditions)
		}
	})
}

func TestTenThousandRoundsDoNotGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org", "b.example.org", "in.no.zone"})
		rounds := func(n int) uint64 {
			for i := range n {
				if i%100 == 0 { // something happens now and then
					h.moveTo([]string{home1, home2, home3}[i/100%3])
				}
				time.Sleep(time.Hour)
				e.round(t.Context(), looping)
			}
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before := rounds(500)
		after := rounds(10_000)
		if grown := int64(after) - int64(before); grown > 64<<10 {
			t.Errorf("the heap grew by %d bytes in 10,000 rounds", grown)
		}
	})
}

func every(t *testing.T, spec string) func(*Config) {
	s, err := schedule.Parse(spec, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *Config) { c.Schedule = s }
}
