package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// writes counts the changes of records.
func (h *house) writes(rounds ...status.Round) (n int) {
	for _, r := range rounds {
		done, _ := r.Count()
		n += done
	}
	return n
}

// A router that shares connections out over two lines: whichever ways agree by
// chance, the record does not go back and forth, and it is told.
func TestTwoBalancedLinesDoNotFlipTheRecord(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			h.lines, h.dice = []string{home1, home2}, rand.New(rand.NewPCG(seed, 0))
			e := h.engine([]string{"a.example.org"}, fourOnly)
			var rounds []status.Round
			told := false
			for range 100 {
				r := e.round(t.Context(), looping)
				rounds, told = append(rounds, r), told || has(r, status.TwoLines)
				time.Sleep(time.Until(r.Next))
			}
			if n := h.writes(rounds...); n > 3 || !told { // once in 500 all looks of three rounds leave by one line
				t.Errorf("seed %d: %d writes, told %t", seed, n, told)
			}
		})
	}
}

// So do one-shots, each a process of its own that knows the history: one write
// in ten, after the first.
func TestOneShotsOnTwoBalancedLinesDoNotFlipTheRecord(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			h.lines, h.dice = []string{home1, home2}, rand.New(rand.NewPCG(seed, 1))
			memory := new(Memory)
			var rounds []status.Round
			for range 10 {
				rounds = append(rounds, h.engine([]string{"a.example.org"}, fourOnly, remembering(memory)).Once(t.Context()))
				time.Sleep(5 * time.Minute)
			}
			if n := h.writes(rounds...); n > 2 {
				t.Errorf("seed %d: %d writes, the first among them", seed, n)
			}
		})
	}
}

// Two ways that leave by one line each contradict each other: once it is known
// that there are two lines that is no doubt, and no failure.
func TestTwoWaysOnTwoLinesAreNoDoubt(t *testing.T) {
	failed := 0
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			h.lines, h.dice = []string{home1, home2}, rand.New(rand.NewPCG(seed, 2))
			memory := new(Memory)
			known := false
			for range 40 {
				r := h.engine([]string{"a.example.org"}, fourOnly, h.twoWays, remembering(memory)).Once(t.Context())
				if known = known || has(r, status.TwoLines); known && r.Outcome() == status.Failed {
					failed++
				}
				time.Sleep(5 * time.Minute)
			}
			if !known {
				t.Errorf("seed %d: it is not told", seed)
			}
		})
	}
	// A way that alone sees it three times in a row may be a stale one: about 1 round
	// in 20, as which way throws the dice first is the scheduler's. Without the rule
	// it was 297 of 800.
	if failed > 100 {
		t.Errorf("%d of 800 rounds failed", failed)
	}
}

// A stale way is no second line: the doubt remains, and is a failure.
func TestAStaleWayOfTwoRemainsADoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"}, fourOnly, h.twoWays)
		for _, a := range []string{home1, home2} {
			h.moveTo(a)
			e.round(t.Context(), looping)
			time.Sleep(20 * time.Minute)
		}
		h.lie("cellar", home2)
		h.moveTo(home1)
		for i := range 10 {
			if r := e.round(t.Context(), looping); i >= 2 && r.Outcome() != status.Failed {
				t.Errorf("round %d: %s, %v", i, r.Outcome(), r.Conditions)
			}
			time.Sleep(5 * time.Minute)
		}
		if n := h.holds("a.example.org", dns.A); n[0] != home2 {
			t.Errorf("%v was published in doubt", n)
		}
	})
}

// twoWays leaves the place two ways to be seen.
func (h *house) twoWays(c *Config) {
	c.Panels[plan.Here(addr.IPv4)] = detect.New(detect.Config{Family: addr.IPv4, Timeout: 5 * time.Second, Rule: addr.First(),
		Sources: []detect.Source{window{h, addr.IPv4, "roof"}, window{h, addr.IPv4, "cellar"}}})
}

// A place that really goes back to the address it had is published within
// moments, a single stale way or not.
func TestAnAddressThatReturnsIsPublishedThoughAWayIsStale(t *testing.T) {
	for _, stale := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			e := h.engine([]string{"a.example.org"}, fourOnly)
			e.round(t.Context(), looping)
			time.Sleep(20 * time.Minute)
			h.moveTo(home2)
			e.round(t.Context(), looping)
			time.Sleep(20 * time.Minute)
			h.moveTo(home1)
			if stale {
				h.lie("roof", home2)
			}
			rounds := 0
			for h.holds("a.example.org", dns.A)[0] != home1 && rounds < 10 {
				r := e.round(t.Context(), looping)
				rounds++
				time.Sleep(time.Until(r.Next))
			}
			if want := map[bool]int{false: 3, true: 3}[stale]; rounds != want {
				t.Errorf("stale %t: published in round %d, want %d", stale, rounds, want)
			}
		})
	}
}

// While it is open whether a place went back, nothing is written anew by what a
// single stale way says, which was true before; its turn to be asked comes too.
func TestAStaleWayWritesNothingAnew(t *testing.T) {
	ways := []string{"front", "back", "roof"}
	for first := range ways {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			e := h.engine([]string{"a.example.org"}, fourOnly, func(c *Config) { c.Resync = time.Second })
			e.round(t.Context(), looping)
			time.Sleep(20 * time.Minute)
			h.moveTo(home2)
			e.round(t.Context(), looping)
			time.Sleep(20 * time.Minute)
			h.moveTo(home1)
			h.lie("roof", home2)
			before := h.host.All()[0].ID
			for i := range 6 {
				var asked []detect.Source
				for j := range ways {
					asked = append(asked, window{h, addr.IPv4, ways[(first+i+j)%len(ways)]})
				}
				e.origins[plan.Here(addr.IPv4)].panel = detect.New(detect.Config{Family: addr.IPv4, Timeout: 5 * time.Second,
					Rule: addr.First(), Sources: asked})
				if i == 1 {
					h.host.Remove(before) // somebody deletes it
				}
				r := e.round(t.Context(), looping)
				if held := h.holds("a.example.org", dns.A); i > 0 && slices.Contains(held, home2) {
					t.Errorf("%s asked first in the first round: %v is there after round %d", ways[first], held, i+1)
				}
				time.Sleep(time.Until(r.Next))
			}
			h.wants("a.example.org", dns.A, home1)
		})
	}
}

// When one of two lines is gone for good, the other one is published after
// three rounds in which nobody saw it, which follow each other at once.
func TestOneOfTwoLinesGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"}, fourOnly)
		var took []time.Duration
		for _, a := range []string{home1, home2, home1, home2, home1} {
			h.moveTo(a)
			started := time.Now()
			for range 10 {
				r := e.round(t.Context(), looping)
				if h.holds("a.example.org", dns.A)[0] == a {
					break
				}
				time.Sleep(time.Until(r.Next))
			}
			h.wants("a.example.org", dns.A, a)
			took = append(took, time.Since(started))
			time.Sleep(20 * time.Minute)
		}
		if got, want := fmt.Sprint(took), "[0s 0s 10s 10s 10s]"; got != want {
			t.Errorf("published after %s, want %s", got, want)
		}
	})
}
