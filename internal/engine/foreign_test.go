package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// many returns n names of one zone.
func many(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("n%03d.example.org", i))
	}
	return names
}

func fourOnly(c *Config) {
	for i := range c.Accounts[0].Spec.Records {
		c.Accounts[0].Spec.Records[i].Types = []dns.Type{dns.A}
	}
}

// A name that is refused as stale every time, although the zone was just read,
// is found and left alone, and holds up no other.
func TestANameThatIsAlwaysStaleHoldsUpNoOther(t *testing.T) {
	for _, bad := range [][]int{{0}, {29}, {7, 8}, {3, 14, 22}} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			names := many(30)
			refused := map[string]bool{}
			for _, i := range bad {
				refused[names[i]] = true
			}
			batches, reads := 0, 0
			h.hook(func(c memory.Call) *provider.Error {
				switch {
				case c.Step == memory.ReadRecords && !c.Done:
					reads++
				case c.Step == memory.WriteBatch && !c.Done:
					batches++
					if slices.ContainsFunc(c.Changes, func(c plan.Change) bool { return refused[c.Key().Name.String()] }) {
						return &provider.Error{Kind: provider.Stale, Err: errors.New("an identical record already exists")}
					}
				}
				return nil
			})
			e := h.engine(names, fourOnly)
			r := e.round(t.Context(), looping)
			for _, n := range names {
				if refused[n] {
					h.wants(n, dns.A)
				} else {
					h.wants(n, dns.A, home1)
				}
			}
			if batches > 2+isolateMost || reads != 2 {
				t.Errorf("%v: %d writes and %d reads", bad, batches, reads)
			}
			failed := 0
			for _, c := range r.Conditions {
				if c.Code == status.ChangeFailed {
					failed++
				}
			}
			if failed != len(bad) || has(r, status.ZoneFailed) {
				t.Errorf("%v: %v", bad, r.Conditions)
			}
			clear(refused)
			time.Sleep(time.Until(r.Next))
			if r := e.round(t.Context(), looping); r.Outcome() != status.Changed {
				t.Errorf("%v: after that the round was %s: %v", bad, r.Outcome(), r.Conditions)
			}
		})
	}
}

// A round plans anew as long as that gives another plan: what the second
// reading shows is done at once.
func TestWhatTheSecondReadingShowsIsDoneAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		tries := 0
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteBatch && !c.Done && tries < 2 {
				tries++
				h.put("a.example.org", fmt.Sprintf("192.0.2.%d", tries)) // somebody is faster, twice
				return &provider.Error{Kind: provider.Stale, Err: errors.New("it is another one now")}
			}
			return nil
		})
		r := h.engine([]string{"a.example.org", "b.example.org"}, fourOnly).round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
		h.wants("b.example.org", dns.A, home1)
		if r.Outcome() != status.Changed {
			t.Errorf("%s: %v", r.Outcome(), r.Conditions)
		}
	})
}

// A new address of homing's own is no part of the fight with a rival.
func TestARivalDoesNotWithholdANewAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", home1)
		e := h.engine([]string{"a.example.org"}, fourOnly, func(c *Config) { c.Resync = time.Second })
		e.round(t.Context(), looping)
		var r status.Round
		for range contentionTimes {
			for _, r := range h.host.At(mustName(t, "a.example.org")) {
				h.host.Remove(r.ID)
			}
			h.put("a.example.org", "192.0.2.9")
			time.Sleep(5 * time.Second)
			r = e.round(t.Context(), looping)
		}
		i := slices.IndexFunc(r.Conditions, func(c status.Condition) bool { return c.Code == status.Rival })
		if i < 0 || !strings.Contains(r.Conditions[i].Text, "3 times in 10 seconds") {
			t.Fatalf("%v", r.Conditions)
		}
		h.wants("a.example.org", dns.A, "192.0.2.9")
		h.moveTo(home2)
		time.Sleep(5 * time.Second)
		e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home2)
	})
}

func TestWhatSomebodyElseChangedIsPutRightWithThatReason(t *testing.T) {
	for _, c := range []struct {
		tamper func(h *house, id string)
		reason string
	}{
		{func(h *house, id string) { h.host.Remove(id); h.put("a.example.org", "192.0.2.9") }, "changed elsewhere, to 192.0.2.9"},
		{func(h *house, id string) { h.host.Remove(id) }, "deleted elsewhere"},
		{func(h *house, id string) { h.put("a.example.org", "192.0.2.9") }, "added elsewhere: 192.0.2.9"},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			e := h.engine([]string{"a.example.org"}, fourOnly)
			e.round(t.Context(), looping)
			c.tamper(h, h.host.At(mustName(t, "a.example.org"))[0].ID)
			e.Invalidate()
			r := e.round(t.Context(), looping)
			if done := r.Zones[0].Done; len(done) != 1 || done[0].Reason != c.reason {
				t.Errorf("%+v, want the reason %q", done, c.reason)
			}
			h.wants("a.example.org", dns.A, home1)
		})
	}
}

// A listing that still shows what stood there before homing's own change makes
// a rival of nobody.
func TestAListingThatLagsBehindMakesNoRivals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		names := many(5)
		e := h.engine(names, fourOnly, func(c *Config) { c.Resync = time.Second })
		e.round(t.Context(), looping)
		before := h.host.All()
		h.moveTo(home2)
		var r status.Round
		for range 4 {
			r = e.round(t.Context(), looping)
			for _, old := range before { // the listing is behind
				h.host.Put(old)
			}
			time.Sleep(5 * time.Second)
		}
		if has(r, status.Rival) {
			t.Errorf("%v", r.Conditions)
		}
		e.round(t.Context(), looping)
		for _, n := range names {
			h.wants(n, dns.A, home2)
		}
	})
}

// Where no other round follows, a write whose answer was lost is looked at
// again before it is called failed, and made again where it did not happen.
func TestAOneShotReadsAgainBeforeItCallsALostAnswerAFailure(t *testing.T) {
	for _, applied := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			writes := 0
			h.hook(func(c memory.Call) *provider.Error {
				if c.Step != memory.WriteBatch || c.Done != applied {
					return nil
				}
				if writes++; writes > 1 {
					return nil
				}
				return &provider.Error{Kind: provider.Unconfirmed, Err: errors.New("502")}
			})
			r := h.engine([]string{"a.example.org", "b.example.org"}, fourOnly).Once(t.Context())
			h.wants("a.example.org", dns.A, home1)
			h.wants("b.example.org", dns.A, home1)
			done, failed := r.Count()
			if r.Outcome() != status.Changed || done != 2 || failed != 0 || r.Pending() != 2 {
				t.Errorf("applied %t: %s, %d done, %d failed, %d planned: %v", applied, r.Outcome(), done, failed, r.Pending(), r.Conditions)
			}
			if want := map[bool]int{true: 1, false: 2}[applied]; writes != want {
				t.Errorf("applied %t: %d writes", applied, writes)
			}
		})
	}
}

// blank is a host whose first listings show nothing.
type blank struct {
	*memory.Host
	left int
}

func (b *blank) Records(ctx context.Context, z provider.Zone, names []dns.Name) ([]dns.Record, error) {
	if b.left > 0 {
		b.left--
		return nil, nil
	}
	return b.Host.Records(ctx, z, names)
}

// A listing that shows nothing at all, where homing published before, is not
// believed at once: that would make a second record for every name.
func TestAnEmptyListingAtAColdStartIsLookedAtAgain(t *testing.T) {
	for _, lies := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			names := many(20)
			first := h.engine(names, fourOnly)
			first.round(t.Context(), looping)
			h.moveTo(home2)
			cold := h.engine(names, fourOnly, remembering(first.cfg.Memory), func(c *Config) {
				c.Accounts[0].Provider = &blank{Host: h.host, left: lies}
			})
			cold.round(t.Context(), looping)
			time.Sleep(time.Second)
			cold.round(t.Context(), looping)
			for _, n := range names {
				h.wants(n, dns.A, home2)
			}
		})
	}
}
