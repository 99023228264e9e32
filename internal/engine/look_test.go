package engine

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

func TestOneLiarNeitherPublishesNorKeepsTheTruthOut(t *testing.T) {
	for _, liar := range []string{"front", "back", "roof"} {
		t.Run(liar, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				h.lie(liar, home3)
				h.host.SetHook(mustNotWrite(t, home3))
				h.engine([]string{"a.example.org"}).round(t.Context(), looping)
				h.wants("a.example.org", dns.A, home1)
			})
		})
	}
}

func TestAStaleWayDoesNotBringTheOldAddressBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"})
		e.round(t.Context(), looping)
		h.moveTo(home2)
		e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home2)
		h.lie("front", home1) // still, or again, says where we were; it was confirmed once
		for range 3 {
			time.Sleep(5 * time.Minute)
			e.round(t.Context(), looping)
			h.wants("a.example.org", dns.A, home2)
		}
	})
}

// What was confirmed before a doubt may be what is no longer true: out of a doubt
// one look is not enough for it.
func TestOutOfADoubtOneLookDoesNotBringTheOldAddressBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"}, fourOnly)
		e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
		time.Sleep(time.Hour)
		h.lie("front", home3)
		h.lie("back", "81.2.3.4")
		if r := e.round(t.Context(), looping); !has(r, status.AddressDoubted) {
			t.Fatalf("there is no doubt: %v", r.Conditions)
		}
		h.host.Remove(h.host.At(mustName(t, "a.example.org"))[0].ID)
		h.put("a.example.org", home3) // so that there is something to write
		h.moveTo(home2)
		for _, way := range []string{"front", "back", "roof"} {
			h.lie(way, "81.2.3.4")
		}
		h.lie("front", home1) // still
		h.lie("roof", home2)
		for range 8 {
			time.Sleep(20 * time.Minute) // so that the zone is read again
			e.round(t.Context(), looping)
			h.wants("a.example.org", dns.A, home3)
		}
	})
}

// Believed by one look is what was confirmed before, and no more: where somebody took
// it away meanwhile, a way that is late does not make it anew, neither as a record
// nor in a list.
func TestWhatIsToBeWrittenIsConfirmedThoughItWasBefore(t *testing.T) {
	for _, late := range []string{"front", "back", "roof"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			e := h.engine([]string{"a.example.org"}, fourOnly, listed(homeList()), func(c *Config) { c.Resync = time.Second })
			e.round(t.Context(), looping)
			h.moveTo(home2)
			h.lie(late, home1)
			h.host.Remove(h.host.All()[0].ID)
			h.host.SetList(homeList())
			h.host.SetHook(mustNotWrite(t, home1))
			for range 3 {
				r := e.round(t.Context(), looping)
				if items, _ := h.host.Items(homeList()); len(items) > 0 && items[0].Prefix.Addr().String() == home1 {
					t.Errorf("%s is late: the list holds %v", late, items)
				}
				time.Sleep(time.Until(r.Next))
			}
			h.wants("a.example.org", dns.A, home2)
			h.lists(homeList(), home2+"/32")
		})
	}
}

// It costs one look, in the round that repairs something.
func TestARepairAsksOneMoreWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org", "b.example.org"}, fourOnly, listed(homeList()), func(c *Config) { c.Resync = time.Second })
		e.round(t.Context(), looping)
		for _, lost := range []bool{false, true, false} {
			if lost {
				h.host.Remove(h.host.All()[0].ID)
				h.host.SetList(homeList())
			}
			before := h.looks()
			e.round(t.Context(), looping)
			h.wants("a.example.org", dns.A, home1)
			h.lists(homeList(), home1+"/32")
			if looks := h.looks() - before; (looks == 2) != lost || looks > 2 {
				t.Errorf("something lost: %t; %d looks", lost, looks)
			}
			time.Sleep(5 * time.Minute)
		}
	})
}

func TestWithoutTwoThatAgreeNothingIsPublishedAndItIsTriedAgainIn5s(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.lie("front", home2)
		h.lie("back", home3)
		r := h.engine([]string{"a.example.org"}).round(t.Context(), looping)
		h.wants("a.example.org", dns.A)
		if !has(r, status.AddressDoubted) || r.Outcome() != status.Failed {
			t.Errorf("the doubt was not said: %v", r.Conditions)
		}
		if wait := r.Next.Sub(r.Started); wait != doubtPause {
			t.Errorf("tried again after %v, want %v", wait, doubtPause)
		}
	})
}

func TestConfirmationIsAskedForOnlyWhenSomethingWouldBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"})
		e.round(t.Context(), looping)
		if n := h.looks(); n != 2 {
			t.Errorf("%d looks before the first write, want 2", n)
		}
		e.round(t.Context(), looping)
		if n := h.looks(); n != 3 {
			t.Errorf("%d looks after a quiet round, want one more", n)
		}
		h.moveTo(home2)
		e.round(t.Context(), looping)
		if n := h.looks(); n != 5 {
			t.Errorf("%d looks after a change, want two more", n)
		}
	})
}

func TestTheSecondLookCostsNoTimeAtAColdStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.delay(addr.IPv4, 60*time.Millisecond)
		h.host.SetLatency(60*time.Millisecond, 120*time.Millisecond)
		r := h.engine([]string{"a.example.org"}).round(t.Context(), looping)
		if want := 240 * time.Millisecond; r.Took != want {
			t.Errorf("took %v, want %v: two reads and a write", r.Took, want)
		}
	})
}

func TestWithoutConfirmationOneLookIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.engine([]string{"a.example.org"}, func(c *Config) { c.Confirm = false }).round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
		if n := h.looks(); n != 1 {
			t.Errorf("%d looks", n)
		}
	})
}

// What can be forged in the house needs a second look even where nobody asked
// for one, from somebody else than its like.
func TestAWeakSourceIsNeverEnoughAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.weak = map[string]bool{"front": true, "back": true}
		h.lie("front", home3)
		h.lie("back", home3)
		h.host.SetHook(mustNotWrite(t, home3))
		e := h.engine([]string{"a.example.org"}, func(c *Config) { c.Confirm = false })
		if r := e.round(t.Context(), looping); !has(r, status.AddressDoubted) {
			t.Errorf("the doubt was not said: %v", r.Conditions)
		}
		h.lie("front", home1)
		e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
	})
}

func TestAFlappingFamilyIsHeldBackAndThenPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		there := time.FixedZone("there", 5*3600+45*60)
		var out bytes.Buffer
		e := h.engine([]string{"a.example.org"}, func(c *Config) { c.Location, c.Log = there, slog.New(slog.NewTextHandler(&out, nil)) })
		e.round(t.Context(), looping)
		for _, a := range []string{home2, home4} { // the first two changes go through
			time.Sleep(time.Minute)
			h.moveTo(a)
			e.round(t.Context(), looping)
			h.wants("a.example.org", dns.A, a)
		}
		time.Sleep(time.Minute)
		h.moveTo(home3)
		out.Reset()
		r := e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home4)
		if !strings.Contains(out.String(), `outcome="held back" calls`) {
			t.Errorf("what nobody looked at is said of the round: %s", out.String())
		}
		if !has(r, status.AddressDamped) {
			t.Errorf("the damping was not said: %v", r.Conditions)
		}
		if until := r.Next.In(there).Format(time.TimeOnly); !strings.Contains(r.Conditions[0].Text, until) {
			t.Errorf("it is held until %s in this place, and %q is said", until, r.Conditions[0].Text)
		}
		if wait := r.Next.Sub(r.Started); wait != 30*time.Second {
			t.Errorf("looks again after %v, want 30 s", wait)
		}
		h.lie("front", home4) // says where we were: that ends nothing
		time.Sleep(10 * time.Second)
		if again := e.round(t.Context(), looping); !has(again, status.AddressDamped) {
			t.Errorf("one stale look ended the damping: %v", again.Conditions)
		}
		time.Sleep(time.Until(r.Next))
		if r := e.round(t.Context(), looping); has(r, status.AddressDamped) {
			t.Errorf("still damped: %v", r.Conditions)
		}
		h.wants("a.example.org", dns.A, home3)
	})
}

func TestInAnOutageEverythingStaysAndItIsTriedAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"})
		e.round(t.Context(), looping)
		h.lose(addr.IPv4)
		var pauses []time.Duration
		for range 8 {
			r := e.round(t.Context(), looping)
			pauses = append(pauses, r.Next.Sub(r.Started).Round(time.Second))
			time.Sleep(time.Until(r.Next))
			h.wants("a.example.org", dns.A, home1)
		}
		if got, want := fmt.Sprint(pauses), "[1s 2s 4s 8s 16s 32s 1m0s 1m0s]"; got != want {
			t.Errorf("paused %v, want %v", got, want)
		}
	})
}

// mustNotWrite fails the test when content would reach a record.
func mustNotWrite(t *testing.T, content string) func(memory.Call) *provider.Error {
	return func(c memory.Call) *provider.Error {
		for _, ch := range c.Changes {
			if ch.New.Content() == content {
				t.Errorf("%s was to be published", content)
			}
		}
		return nil
	}
}
