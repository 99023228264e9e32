package detect

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

func TestFirstAsksOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		o := panelOf(addr.First(), j.says("a", 10*ms, down), j.says("b", 20*ms, truth), j.says("c", 0, wrong)).Observe(t.Context())
		wantSame(t, o, truth)
		j.asked(t, "a 0s", "b 10ms")
		if got := ways(o.Votes()); got != "a not known: the line is down; b 8.8.4.4" {
			t.Errorf("votes are %s", got)
		}
	})
}

func TestFirstGivesEachItsShareOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		o := panelOf(addr.First(), j.says("a", never, wrong), j.says("b", never, wrong),
			j.says("c", never, wrong), j.says("d", never, wrong), j.says("e", 500*ms, truth)).Observe(t.Context())
		wantSame(t, o, truth)
		j.asked(t, "a 0s", "b 1s", "c 2s", "d 3s", "e 4s")
		j.took(t, 4500*ms)
	})
}

func TestFirstStillTakesTheEarlierOneWhenItAnswersSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		wantSame(t, panelOf(addr.First(), j.says("a", 2600*ms, truth), j.says("b", 200*ms, wrong)).Observe(t.Context()), truth)
	})
}

// In the same moment the earlier in the list wins, whichever is heard first.
func TestFirstBreaksATieByTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		for range 100 {
			o := panelOf(addr.First(), j.says("a", 2600*ms, truth), j.says("b", 100*ms, wrong)).Observe(t.Context())
			if len(o.Votes()) == 2 && !o.Same(truth) {
				t.Fatalf("it is %s after %s", o.Describe(), ways(o.Votes()))
			}
		}
	})
}

func TestTimeoutBoundsEveryRule(t *testing.T) {
	for _, rule := range []addr.Rule{addr.First(), addr.Majority(), addr.AtLeast(2)} {
		t.Run(rule.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJournal()
				o := panelOf(rule, j.says("a", never, truth), many(j.host("b", never, truth), j.host("c", never, truth))).Observe(t.Context())
				j.took(t, 5*time.Second)
				wantRefused(t, o, "(no answer within 5s)")
				if late, ok := errors.AsType[*TimedOut](o.Votes()[0].Said.Why()); !ok || !errors.Is(late, context.DeadlineExceeded) {
					t.Errorf("why is %v", o.Votes()[0].Said.Why())
				}
			})
		})
	}
}

func TestTimeoutYieldsToAnEarlierEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, errDown)
		defer cancel()
		j := newJournal()
		o := panelOf(addr.First(), j.says("a", never, truth), j.says("b", never, truth)).Observe(ctx)
		wantRefused(t, o, "the line is down")
		j.asked(t, "a 0s", "b 1s") // half of the time that is really left
		j.took(t, 2*time.Second)
	})
}

func TestMajorityAsksAllAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		o := panelOf(addr.Majority(), j.says("a", 30*ms, wrong), j.says("b", 20*ms, truth), j.says("c", 10*ms, truth)).Observe(t.Context())
		wantSame(t, o, truth)
		j.took(t, 20*ms) // the third cannot change it any more
		if got := ways(o.Votes()); got != "b 8.8.4.4; c 8.8.4.4" {
			t.Errorf("votes are %s", got)
		}
	})
}

func TestMajorityWaitsWhileAnswersCanStillChangeIt(t *testing.T) {
	for _, c := range []struct {
		name    string
		rule    addr.Rule
		sources func(*journal) []Source
		took    time.Duration
	}{
		{"a number that is no majority", addr.AtLeast(1), func(j *journal) []Source {
			return []Source{j.says("a", 0, truth), j.says("b", 10*ms, truth), j.says("c", 20*ms, truth)}
		}, 20 * ms},
		{"an operator that may still contradict itself", addr.Majority(), func(j *journal) []Source {
			twin := j.says("twin", 20*ms, wrong)
			twin.voter.Operator = "b"
			return []Source{j.says("a", 0, truth), j.says("b", 10*ms, truth), twin, j.says("c", 30*ms, truth)}
		}, 30 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJournal()
				wantSame(t, panelOf(c.rule, c.sources(j)...).Observe(t.Context()), truth)
				j.took(t, c.took)
			})
		})
	}
}

func TestOperatorsAreCountedOnce(t *testing.T) {
	j := newJournal()
	p := panelOf(addr.Majority(), many(j.host("a", 0, truth), j.host("b", 0, truth)), j.host("c", 0, truth), j.says("d", 0, truth))
	if got := p.Operators(); got != 2 {
		t.Errorf("%d operators, want 2", got)
	}
}

func TestSurveyAsksEveryWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		votes := panelOf(addr.First(), many(j.host("a", 20*ms, truth), j.host("b", 10*ms, down)), j.says("c", never, wrong)).Survey(t.Context())
		want := "a 8.8.4.4; b not known: the line is down; c not known: no answer within 5s"
		if got := ways(votes); got != want {
			t.Errorf("got %s", got)
		}
	})
}

// No minority of liars, whatever they say, in whatever order, however fast,
// changes what a majority that tells the truth says.
func TestMajorityWithstandsLiarsInAnyOrderAndTiming(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		synctest.Test(t, func(t *testing.T) {
			j := newJournal()
			operators := 1 + r.IntN(9)
			liars := r.IntN((operators + 1) / 2)
			var sources []Source
			for i := range operators {
				name := fmt.Sprint("operator", i)
				if i >= liars {
					sources = append(sources, j.says(name, time.Duration(r.IntN(4000))*ms, truth))
					continue
				}
				for k := range 1 + r.IntN(3) {
					lie := j.says(name, time.Duration(r.IntN(7000))*ms, []addr.Observation{wrong, stale, down, addr.None(), truth}[r.IntN(5)])
					lie.voter.Route = fmt.Sprint(name, "/", k)
					sources = append(sources, lie)
				}
			}
			r.Shuffle(len(sources), func(i, k int) { sources[i], sources[k] = sources[k], sources[i] })
			p := panelOf(addr.Majority(), sources...)
			o := p.Observe(t.Context())
			wantSame(t, o, truth)
			wantSame(t, p.Confirm(t.Context(), o), truth)
		})
	}
}
