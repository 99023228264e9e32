package engine

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

func bell(by string) status.Bell { return status.Bell{At: time.Now(), By: by, What: "it is another"} }

func TestABellMakesARoundAndItsTimeToTruthIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.host.SetLatency(60*time.Millisecond, 120*time.Millisecond)
		var rounds []status.Round
		e := h.engine([]string{"a.example.org"}, counted(&rounds))
		time.AfterFunc(time.Minute, func() {
			h.moveTo(home2)
			if !e.Ring(bell(status.BySystem)) {
				t.Error("no round ran, and yet the bell was not taken")
			}
		})
		run(t, e, 2*time.Minute)
		if len(rounds) != 2 || rounds[1].Bell == nil || rounds[1].Bell.What != "it is another" || rounds[1].Truth != 120*time.Millisecond {
			t.Fatalf("%d rounds; the bell %+v, the truth %v", len(rounds), rounds[1].Bell, rounds[1].Truth)
		}
		if rounds[0].Bell != nil || rounds[0].Truth != 0 {
			t.Errorf("the first round: %+v, %v", rounds[0].Bell, rounds[0].Truth)
		}
		h.wants("a.example.org", dns.A, home2)
	})
}

// When the link comes back, a look that waits for answers to questions from
// before does not hold up the truth.
func TestABellHasARoundLookAnewForWhatItDoesNotKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var rounds []status.Round
		e := h.engine([]string{"a.example.org"}, counted(&rounds))
		time.AfterFunc(time.Minute, func() {
			h.delay(addr.IPv4, time.Hour)
			e.Ring(bell(status.ByRouter))
		})
		time.AfterFunc(time.Minute+2*time.Second, func() {
			h.delay(addr.IPv4, 0)
			h.moveTo(home2)
			if e.Ring(bell(status.ByRouter)) {
				t.Error("the bell was taken though a round ran")
			}
		})
		run(t, e, time.Minute+3*time.Second)
		h.wants("a.example.org", dns.A, home2)
		if len(rounds) != 2 || rounds[1].Took != 2*time.Second || rounds[1].Truth != 2*time.Second {
			t.Errorf("%d rounds, the last took %v, the truth %v: %v", len(rounds), rounds[1].Took, rounds[1].Truth, rounds[1].Conditions)
		}
	})
}

// Bells without end do not keep a round from its end.
func TestARoundAsksAnewAFewTimesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var rounds []status.Round
		e := h.engine([]string{"a.example.org"}, counted(&rounds))
		h.delay(addr.IPv4, time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var ringing sync.WaitGroup
		ringing.Go(func() {
			for ctx.Err() == nil {
				time.Sleep(2 * time.Second)
				e.Ring(bell(status.ByRouter))
			}
		})
		run(t, e, time.Minute)
		cancel()
		ringing.Wait()
		if len(rounds) < 3 {
			t.Errorf("%d rounds in a minute", len(rounds))
		}
	})
}

// What failed while there was no network is tried at once when there is one.
func TestAfterTheLinkCameBackNoPauseIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		down := false
		h.hook(func(memory.Call) *provider.Error {
			if down {
				return &provider.Error{Kind: provider.Unavailable}
			}
			return nil
		})
		e := h.engine([]string{"a.example.org"})
		e.round(t.Context(), looping)
		down = true
		h.moveTo(home2)
		for range 8 {
			time.Sleep(time.Minute)
			e.round(t.Context(), looping)
		}
		down = false
		time.Sleep(time.Second)
		b := bell(status.BySystem)
		e.roundWithBell(&b, func() status.Round { return e.round(t.Context(), looping) })
		h.wants("a.example.org", dns.A, home2)
	})
}
