package engine

import (
	"testing"
	"testing/synctest"

	"github.com/homing-dns/homing/internal/status"
)

func TestHeldIsWhatTheHostsHoldAndTheSameWhileNothingChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org", "example.net")
		e := h.engine([]string{"a.example.org", "b.example.net"})
		b := status.NewBoard(status.Wanted{Spec: e.cfg.Accounts[0].Spec})
		b.Done(e.round(t.Context(), looping), e.Held())
		if tally := b.Now().Tally(); tally.Right != 2 {
			t.Errorf("%+v", tally)
		}
		before := b.Now().Records
		b.Done(e.round(t.Context(), looping), e.Held())
		if b.Now().Records != before {
			t.Error("a quiet round looks like a change")
		}
		h.moveTo(home2)
		b.Done(e.round(t.Context(), looping), e.Held())
		if tally := b.Now().Tally(); tally.Right != 2 || b.Now().Records == before {
			t.Errorf("%+v", tally)
		}
	})
}
