package engine

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

func TestWhatWasNotTriedBecauseOfAStaleViewIsTriedInTheSameRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		tries := map[dns.Key]int{}
		h.host.SetHook(func(c memory.Call) *provider.Error {
			if c.Step != memory.WriteRRset || c.Done {
				return nil
			}
			if tries[c.Key]++; tries[c.Key] > 1 {
				return nil
			}
			if c.Key.Name == mustName(t, "a.example.org") {
				return &provider.Error{Kind: provider.Stale, Err: errors.New("the record is gone")}
			}
			return &provider.Error{Kind: provider.NotTried, Err: errors.New("an earlier call went wrong")}
		})
		r := h.engine([]string{"a.example.org", "b.example.org"}).round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
		h.wants("b.example.org", dns.A, home1)
		if r.Outcome() != status.Changed {
			t.Errorf("%v: %v", r.Outcome(), r.Conditions)
		}
	})
}
