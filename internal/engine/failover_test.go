package engine

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// picked gives an engine sites, and a record of them in this order.
func picked(name string, pick plan.Pick, sites map[string]*house, order ...string) func(*Config) {
	return func(c *Config) {
		if c.Sites == nil {
			c.Sites = make(map[string]Site)
		}
		for site, of := range sites {
			c.Panels[plan.Origin{Site: site, Family: addr.IPv4}] = of.panel(addr.IPv4)
			c.Sites[site] = Site{Confirm: true}
		}
		a := &c.Accounts[0]
		a.Spec.Records = append(a.Spec.Records, plan.Record{Name: mustName(sites[order[0]].t, name), Options: &plan.Options{Types: []dns.Type{dns.A}, Sites: order, Pick: pick,
			Attrs: plan.Attrs{TTL: dns.AutoTTL}}})
	}
}

// run makes rounds when they are due, until so long has passed.
func (e *Engine) run(t *testing.T, long time.Duration) (rounds []status.Round) {
	t.Helper()
	end := time.Now().Add(long)
	for {
		r := e.round(t.Context(), looping)
		rounds = append(rounds, r)
		if !r.Next.Before(end) {
			time.Sleep(time.Until(end))
			return rounds
		}
		time.Sleep(time.Until(r.Next))
	}
}

func TestANameMovesToTheSecondLineAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, dsl, cable := newHouse(t, "example.org"), elsewhere(t, home2), elsewhere(t, home3)
		e := h.engine(nil, picked("home.example.org", plan.First, map[string]*house{"dsl": dsl, "cable": cable}, "dsl", "cable"))
		e.round(t.Context(), looping)
		h.wants("home.example.org", dns.A, home2)

		time.Sleep(5 * time.Minute)
		dsl.lose(addr.IPv4)
		lost := time.Now()
		r := e.round(t.Context(), looping)
		h.wants("home.example.org", dns.A, home2)
		if !has(r, status.AddressUnknown) || r.Next.Sub(lost) > failSoon {
			t.Errorf("%v, the next round after %v", r.Conditions, r.Next.Sub(lost))
		}
		time.Sleep(time.Until(r.Next))
		r = e.round(t.Context(), looping)
		h.wants("home.example.org", dns.A, home2)
		time.Sleep(time.Until(r.Next))
		r = e.round(t.Context(), looping)
		h.wants("home.example.org", dns.A, home3)
		if took := time.Since(lost); took < time.Minute || took > 65*time.Second {
			t.Errorf("it took %v", took)
		}
		if r.Outcome() == status.Failed || !has(r, status.SiteDown) || has(r, status.AddressUnknown) {
			t.Errorf("it is %v: %v", r.Outcome(), r.Conditions)
		}
		if d := r.Zones[0].Done; len(d) != 1 || !slices.Equal(d[0].Needs, []plan.Origin{{Site: "cable", Family: addr.IPv4}}) {
			t.Errorf("done %+v", d)
		}

		time.Sleep(20 * time.Minute)
		dsl.moveTo(home4)
		back := time.Now()
		for {
			r = e.round(t.Context(), looping)
			if slices.Equal(h.holds("home.example.org", dns.A), []string{home4}) {
				break
			}
			time.Sleep(time.Until(r.Next))
		}
		if took := time.Since(back); took < 5*time.Minute || took > 5*time.Minute+2*time.Second {
			t.Errorf("it returned after %v", took)
		}
		time.Sleep(5 * time.Minute)
		if r = e.round(t.Context(), looping); r.Outcome() != status.Unchanged || len(r.Conditions) > 0 {
			t.Errorf("afterwards %v: %v", r.Outcome(), r.Conditions)
		}
	})
}

const failSoon = 31 * time.Second

// A line without a link is left in the round that finds that out.
func TestALineThatIsGoneIsLeftInTheSameRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, dsl, cable := newHouse(t, "example.org"), elsewhere(t, home2), elsewhere(t, home3)
		var down atomic.Bool
		e := h.engine(nil, picked("home.example.org", plan.First, map[string]*house{"dsl": dsl, "cable": cable}, "dsl", "cable"), func(c *Config) {
			c.Sites["dsl"] = Site{Confirm: true, Line: Line{Down: func(context.Context, addr.Family) bool { return down.Load() }}}
		})
		e.round(t.Context(), looping)
		time.Sleep(5 * time.Minute)
		dsl.lose(addr.IPv4)
		down.Store(true)
		e.round(t.Context(), looping)
		h.wants("home.example.org", dns.A, home3)
	})
}

// A line that comes and goes costs one change, and no other place is asked for it.
func TestALineThatComesAndGoesMovesNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, dsl, cable := newHouse(t, "example.org"), elsewhere(t, home2), elsewhere(t, home3)
		writes := 0
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteBatch && !c.Done {
				writes++
			}
			return nil
		})
		e := h.engine(nil, picked("home.example.org", plan.First, map[string]*house{"dsl": dsl, "cable": cable}, "dsl", "cable"))
		e.run(t, 10*time.Minute)
		for range 20 {
			dsl.lose(addr.IPv4)
			e.run(t, 3*time.Minute)
			dsl.moveTo(home2)
			e.run(t, 3*time.Minute)
		}
		if h.wants("home.example.org", dns.A, home3); writes != 2 {
			t.Errorf("%d writes", writes)
		}
		e.run(t, 10*time.Minute)
		if h.wants("home.example.org", dns.A, home2); writes != 3 {
			t.Errorf("%d writes after it stayed", writes)
		}
	})
}

func TestWhereNoLineIsKnownNothingMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, dsl, cable := newHouse(t, "example.org"), elsewhere(t, home2), elsewhere(t, home3)
		e := h.engine(nil, picked("home.example.org", plan.First, map[string]*house{"dsl": dsl, "cable": cable}, "dsl", "cable"))
		e.run(t, 10*time.Minute)
		dsl.lose(addr.IPv4)
		cable.lose(addr.IPv4)
		e.run(t, 3*time.Hour)
		h.wants("home.example.org", dns.A, home2)
	})
}

// A cleanup takes away what stands, whichever line it is of.
func TestACleanupTakesWhatTheFirstOfSeveralSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, dsl, cable := newHouse(t, "example.org"), elsewhere(t, home2), elsewhere(t, home3)
		e := h.engine(nil, picked("home.example.org", plan.First, map[string]*house{"dsl": dsl, "cable": cable}, "dsl", "cable"),
			picked("all.example.org", plan.All, map[string]*house{"dsl": dsl, "cable": cable}, "dsl", "cable"))
		e.round(t.Context(), looping)
		h.wants("all.example.org", dns.A, home2, home3)
		e.Clear(t.Context())
		h.wants("home.example.org", dns.A)
		h.wants("all.example.org", dns.A)
	})
}

// With pick: all a share that is not known keeps its address for as long as that
// lasts, while the other goes on.
func TestAShareThatIsNotKnownKeepsItsAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, dsl, cable := newHouse(t, "example.org"), elsewhere(t, home2), elsewhere(t, home3)
		e := h.engine(nil, picked("all.example.org", plan.All, map[string]*house{"dsl": dsl, "cable": cable}, "dsl", "cable"))
		e.run(t, 10*time.Minute)
		cable.lose(addr.IPv4)
		for i, at := range []string{home4, home1, home2, home4} {
			dsl.moveTo(at)
			e.run(t, time.Hour)
			got := h.holds("all.example.org", dns.A)
			if slices.Sort(got); !slices.Contains(got, home3) || !slices.Contains(got, at) || len(got) != 2 {
				t.Errorf("%d: it holds %v", i, got)
			}
		}
		cable.moveTo(home1)
		e.run(t, 10*time.Minute)
		h.wants("all.example.org", dns.A, home1, home4)
	})
}

// The flapping of one line is damped, and the other's changes are not.
func TestDampingIsASitesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, dsl, cable := newHouse(t, "example.org"), elsewhere(t, home2), elsewhere(t, home3)
		e := h.engine(nil, picked("all.example.org", plan.All, map[string]*house{"dsl": dsl, "cable": cable}, "dsl", "cable"))
		e.round(t.Context(), looping)
		flap := []string{"81.2.69.10", "81.2.69.11", "81.2.69.12", "81.2.69.13"}
		for _, at := range flap {
			dsl.moveTo(at)
			time.Sleep(time.Minute)
			e.round(t.Context(), looping)
		}
		cable.moveTo(home4)
		r := e.round(t.Context(), looping)
		if got := h.holds("all.example.org", dns.A); !has(r, status.AddressDamped) || !slices.Contains(got, home4) || slices.Contains(got, flap[3]) || slices.Contains(got, home3) {
			t.Errorf("it holds %v: %v", got, r.Conditions)
		}
	})
}
