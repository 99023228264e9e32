package engine

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// What waits inside something that waits longer must not wake the loop: it
// would find nothing to do, and be woken again.
func TestAPauseWithinALongerPauseNeverMakesTheLoopSpin(t *testing.T) {
	deny := func(k provider.Kind) *provider.Error {
		return &provider.Error{Kind: k, RetryAfter: 45 * time.Minute, Err: errors.New("no")}
	}
	tests := map[string]func(h *house, after time.Duration) func(memory.Call) *provider.Error{
		"a refused name in a zone that takes no calls": func(h *house, after time.Duration) func(memory.Call) *provider.Error {
			return func(c memory.Call) *provider.Error {
				switch {
				case c.Step == memory.WriteRRset && !c.Done && c.Key.Name == mustName(h.t, "bad.example.org"):
					return deny(provider.Rejected)
				case c.Step == memory.WriteBatch && len(c.Changes) == 1 && after > 90*time.Second:
					return deny(provider.Throttled)
				}
				return nil
			}
		},
		"a name in no zone of an account that takes no calls": func(h *house, after time.Duration) func(memory.Call) *provider.Error {
			return func(c memory.Call) *provider.Error {
				if c.Step == memory.FindZones && after > 30*time.Second {
					return deny(provider.Throttled)
				}
				return nil
			}
		},
	}
	for what, hook := range tests {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				begun := time.Now()
				h.hook(func(c memory.Call) *provider.Error { return hook(h, time.Since(begun))(c) })
				var rounds []status.Round
				e := h.engine([]string{"bad.example.org", "good.example.org", "in.no.zone"}, counted(&rounds))
				time.AfterFunc(2*time.Minute, func() { h.moveTo(home2) })
				run(t, e, time.Hour)
				if len(rounds) > 60 {
					t.Errorf("%d rounds in an hour", len(rounds))
				}
			})
		})
	}
}

func TestARefusedNameThatARivalChangesNeverMakesTheLoopSpin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var rounds []status.Round
		e := h.engine([]string{"a.example.org"}, counted(&rounds))
		begun, n := time.Now(), 0
		h.hook(func(c memory.Call) *provider.Error {
			if n++; c.Step == memory.WriteRRset && !c.Done && time.Since(begun) > time.Hour && n%2 == 0 {
				return &provider.Error{Kind: provider.Rejected, Err: errors.New("no")}
			}
			return nil
		})
		meddle := time.NewTicker(time.Minute)
		defer meddle.Stop()
		done := make(chan struct{})
		go func() {
			for {
				select {
				case <-done:
					return
				case <-meddle.C:
					for _, r := range h.host.At(mustName(t, "a.example.org")) {
						h.host.Remove(r.ID)
					}
					h.put("a.example.org", "192.0.2.9")
				}
			}
		}()
		run(t, e, 24*time.Hour)
		close(done)
		if len(rounds) > 24*60/2 {
			t.Errorf("%d rounds in a day", len(rounds))
		}
	})
}

func TestTheNextRoundIsNeverDueAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"})
		e.round(t.Context(), looping)
		for _, z := range e.accounts[0].zones { // a pause that nobody ended
			z.failure, z.pause.until = &provider.Error{}, time.Now().Add(-time.Hour)
		}
		if next := e.nextRoundAt(time.Now(), nil, time.Minute); time.Until(next) < time.Second {
			t.Errorf("it is due in %v", time.Until(next))
		}
	})
}
