package detect

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

func TestHedgeAsksOneWhenItIsQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		h := many(j.host("a", 499*ms, truth), j.host("b", 0, stale), j.host("c", 0, stale))
		o := h.Observe(t.Context())
		wantSame(t, o, truth)
		j.asked(t, "a 0s")
		if got := ways(o.Votes()); got != "a 8.8.4.4" {
			t.Errorf("votes are %s", got)
		}
		if v := o.Votes()[0]; v.Took != 499*ms || v.Voter != h.routes[0].Voter() {
			t.Errorf("the vote is %+v", v)
		}
	})
}

func TestHedgeAsksTheNextWhenOneIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		o := many(j.host("a", never, truth), j.host("b", never, truth), j.host("c", 100*ms, truth)).Observe(t.Context())
		wantSame(t, o, truth)
		j.asked(t, "a 0s", "b 500ms", "c 1s")
		j.took(t, 1100*ms)
		if got := ways(o.Votes()); got != "c 8.8.4.4" {
			t.Errorf("those called off have votes: %s", got)
		}
	})
}

func TestHedgeWaitsForATenthOfLittleTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		j := newJournal()
		many(j.host("a", never, truth), j.host("b", never, truth), j.host("c", 0, truth)).Observe(ctx)
		j.asked(t, "a 0s", "b 200ms", "c 380ms")
	})
}

func TestHedgeAsksTheNextAtOnceWhenOneFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		o := many(j.host("a", 10*ms, down), j.host("b", 20*ms, truth), j.host("c", 0, stale)).Observe(t.Context())
		wantSame(t, o, truth)
		j.asked(t, "a 0s", "b 10ms")
		if got := ways(o.Votes()); got != "a not known: the line is down; b 8.8.4.4" {
			t.Errorf("votes are %s", got)
		}
	})
}

// A slow one that fails says nothing about the one that is being asked now.
func TestHedgeIsNotHurriedByAnEarlierFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		many(j.host("a", 600*ms, down), j.host("b", 200*ms, truth), j.host("c", 0, stale)).Observe(t.Context())
		j.asked(t, "a 0s", "b 500ms")
	})
}

func TestHedgeTakesASlowAnswerThatIsFirstAfterAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		wantSame(t, many(j.host("a", 600*ms, truth), j.host("b", 200*ms, stale)).Observe(t.Context()), truth)
		j.took(t, 600*ms)
	})
}

func TestHedgeSaysWhatEachOfThemSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		o := many(j.host("a", 0, down), j.host("b", 0, down)).Observe(t.Context())
		wantRefused(t, o, "no answer from a, b (the line is down)")
		if len(o.Votes()) != 2 {
			t.Errorf("votes are %s", ways(o.Votes()))
		}
	})
}

func TestHedgeRotatesWhoIsAskedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		h := many(j.host("a", 0, truth), j.host("b", 0, truth), j.host("c", 0, truth))
		for range 4 {
			h.Observe(t.Context())
		}
		j.asked(t, "a 0s", "b 0s", "c 0s", "a 0s")
	})
}

func TestHedgeEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		j := newJournal()
		time.AfterFunc(100*ms, func() { cancel(errDown) })
		o := many(j.host("a", never, truth), j.host("b", 0, truth)).Observe(ctx)
		wantRefused(t, o, "the line is down")
		j.took(t, 100*ms)
		j.asked(t, "a 0s")
	})
}

// Two answers of the same moment are both heard: they may confirm each other.
func TestHedgeKeepsWhatIsLearntInTheSameMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		both := false
		for range 100 {
			o := many(j.host("a", 550*ms, truth), j.host("b", 50*ms, truth)).Observe(t.Context())
			wantSame(t, o, truth)
			both = both || len(o.Votes()) == 2
			if len(o.Votes()) == 2 && !hasTwoAgreeing(o) {
				t.Fatalf("votes are %s", ways(o.Votes()))
			}
		}
		if !both {
			t.Error("the second answer was never heard")
		}
	})
}

func TestRelayWithNobodyToAskHearsNothing(t *testing.T) {
	if got := (race{nil, adaptiveDelay, anyKnown}).run(t.Context()); got != nil {
		t.Errorf("heard %v", got)
	}
	o := panelOf(addr.First()).Observe(t.Context())
	wantRefused(t, o, "no source was asked")
}
