package detect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// A house is a panel whose sources are drawn at random: some tell the truth,
// some are silent, and the liars, fewer than half of the operators, say
// whatever they like, as often and as fast as they like.
type house struct {
	sources       []Source
	operators     int
	truthful      int  // operators that answer, with the truth
	authenticated bool // one of those cannot be forged
	liars         int
}

func (j *journal) house(r *rand.Rand, operators int, forgeable float64) house {
	h := house{operators: operators, liars: r.IntN((operators + 1) / 2)}
	for i := range operators {
		name := fmt.Sprint("operator", i)
		s := j.says(name, time.Duration(1+r.IntN(4000))*ms, truth)
		s.voter.Authenticated = r.Float64() >= forgeable
		switch {
		case i < h.liars:
			for k := range 1 + r.IntN(3) {
				lie := j.says(name, time.Duration(1+r.IntN(7000))*ms, []addr.Observation{wrong, wrong, stale, down, addr.None(), truth}[r.IntN(6)])
				lie.voter.Route = fmt.Sprint(name, "/", k)
				h.sources = append(h.sources, lie)
			}
			continue
		case r.IntN(6) == 0:
			s.said = down
		default:
			h.truthful++
			h.authenticated = h.authenticated || s.voter.Authenticated
		}
		h.sources = append(h.sources, s)
	}
	r.Shuffle(len(h.sources), func(i, k int) { h.sources[i], h.sources[k] = h.sources[k], h.sources[i] })
	return h
}

// Five operators or more, and a majority or a number that no minority has:
// what liars say is never believed, and what the others say is, where they are
// enough.
func TestNoMinorityOfLiarsChangesTheOutcome(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	believed, doubted := 0, 0
	for range 600 {
		synctest.Test(t, func(t *testing.T) {
			h := newJournal().house(r, 5+r.IntN(5), 0.3)
			rule := addr.Majority()
			if r.IntN(2) == 0 {
				rule = addr.AtLeast(h.liars + 1 + r.IntN(h.operators-h.liars))
			}
			p := panelOf(rule, h.sources...)
			o := p.Observe(t.Context())
			if o.Known() && !o.Same(truth) {
				t.Fatalf("%s of %d operators, %d of them liars: it is %s after %s", rule, h.operators, h.liars, o.Describe(), ways(o.Votes()))
			}
			enough := h.truthful >= rule.Needs(h.operators) && h.truthful > h.liars && h.authenticated
			if enough && !o.Known() {
				t.Fatalf("%s of %d operators, %d truthful: %s", rule, h.operators, h.truthful, o.Describe())
			}
			if c := p.Confirm(t.Context(), o); c.Known() && !c.Same(truth) {
				t.Fatalf("confirmed %s", c.Describe())
			}
			if enough {
				believed++
			} else {
				doubted++
			}
		})
	}
	if believed < 100 || doubted < 50 {
		t.Errorf("%d were believed and %d doubted: the draw is one-sided", believed, doubted)
	}
}

// Nor does it matter in which order they are written, and how fast each of
// those is that answer in time.
func TestAgreementDoesNotDependOnOrderOrTiming(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 100 {
		var first addr.Observation
		seed := r.Uint64()
		rule := []addr.Rule{addr.Majority(), addr.AtLeast(2), addr.AtLeast(3)}[r.IntN(3)]
		for nth := range 4 {
			synctest.Test(t, func(t *testing.T) {
				h := newJournal().house(rand.New(rand.NewPCG(seed, 1)), 5+int(seed%5), 0.3)
				for _, s := range h.sources {
					s.(*fake).after = time.Duration(1+r.IntN(4999)) * ms
				}
				r.Shuffle(len(h.sources), func(i, k int) { h.sources[i], h.sources[k] = h.sources[k], h.sources[i] })
				o := panelOf(rule, h.sources...).Observe(t.Context())
				if nth == 0 {
					first = o
				} else if o.Known() != first.Known() || o.Known() && !o.Same(first) {
					t.Fatalf("%s: once %s, then %s", rule, first.Describe(), o.Describe())
				}
			})
		}
	}
}

// However many agree: one of them must have answered over a channel that
// nobody can forge.
func TestWhatCanBeForgedIsNoAgreement(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			h := newJournal().house(r, 2+r.IntN(8), 1)
			for _, s := range h.sources {
				s.(*fake).voter.Authenticated = false
			}
			rule := []addr.Rule{addr.Majority(), addr.AtLeast(1), addr.AtLeast(2)}[r.IntN(3)]
			if o := panelOf(rule, h.sources...).Observe(t.Context()); o.Known() {
				t.Fatalf("%s: it is %s after %s", rule, o.Describe(), ways(o.Votes()))
			}
		})
	}
}

// fickle is a way that says something else each time.
type fickle struct {
	voter addr.Voter
	dice  *sync.Mutex // shared by all that next draws for
	next  func() (time.Duration, addr.Observation)
}

func (f *fickle) Voter() addr.Voter { return f.voter }

func (f *fickle) Observe(ctx context.Context) addr.Observation {
	f.dice.Lock()
	after, said := f.next()
	f.dice.Unlock()
	select {
	case <-time.After(after):
		return said
	case <-ctx.Done():
		return addr.Unknown(context.Cause(ctx))
	}
}

// The default sources, one trace host of three in bad hands: whatever it says
// and whenever, no address is published that is not that of the line, the old
// one does not come back, and a new one is published in the second round at
// the latest. The honest ones answer before the next is asked; where they are
// slower than that and the liar is not, it can be heard in their place.
func TestWhateverOneTraceHostDoesTheTruthIsPublished(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	moved := known("8.8.4.5")
	late := 0
	for range 400 {
		synctest.Test(t, func(t *testing.T) {
			line, dice := truth, new(sync.Mutex)
			honest := func() (time.Duration, addr.Observation) { return time.Duration(1+r.IntN(200)) * ms, line }
			lies := []addr.Observation{truth, wrong, stale, down, moved}[:1+r.IntN(5)]
			liar := func() (time.Duration, addr.Observation) {
				return time.Duration(1+r.IntN(2)*r.IntN(6000)) * ms, lies[r.IntN(len(lies))]
			}
			hosts := []Source{}
			bad := r.IntN(3)
			for i, name := range []string{"a", "b", "c"} {
				next := honest
				if i == bad {
					next = liar
				}
				hosts = append(hosts, &fickle{voter: addr.Voter{Source: "trace", Operator: "trace", Route: name, Authenticated: true}, dice: dice, next: next})
			}
			doh := &fickle{voter: addr.Voter{Source: "doh", Operator: "trace", Route: "doh", Authenticated: true}, dice: dice, next: honest}
			p := panelOf(addr.First(), newHedgedSource(hosts[0].Voter(), hosts), doh)

			published, missed := addr.Observation{}, 0
			for round := range 12 {
				if round == 6 {
					line, missed = moved, 0
				}
				seen := p.Observe(t.Context())
				if !seen.Same(published) {
					seen = p.Confirm(t.Context(), seen)
				}
				if seen.Known() {
					published = seen
				}
				if published.Known() && !published.Same(line) && !(round >= 6 && missed == 0 && published.Same(truth)) {
					t.Fatalf("round %d: %s is published, and the line has %s", round, published.Describe(), line.Describe())
				}
				if !published.Same(line) {
					missed++
				}
				if missed > 1 {
					t.Fatalf("round %d: still %s", round, published.Describe())
				}
			}
			late += missed
		})
	}
	if late == 0 {
		t.Error("the liar never did any harm: the draw is one-sided")
	}
}
