package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

func TestARoundMakesEveryRecordTrueAndTheNextCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org", "example.net")
		h.moveTo(home6)
		h.put("a.example.org", "192.0.2.1")
		e := h.engine([]string{"a.example.org", "b.example.org", "example.net"}, h.both)

		r := e.round(t.Context(), looping)
		if r.Outcome() != status.Changed {
			t.Fatalf("outcome %v, conditions %v", r.Outcome(), r.Conditions)
		}
		for _, n := range []string{"a.example.org", "b.example.org", "example.net"} {
			h.wants(n, dns.A, home1)
			h.wants(n, dns.AAAA, home6)
		}
		if want := int64(1 + 2 + 2); r.Calls != want {
			t.Errorf("the first round made %d calls, want %d: zones, a listing and a batch for each zone", r.Calls, want)
		}
		if r := e.round(t.Context(), looping); r.Calls != 0 || r.Outcome() != status.Unchanged {
			t.Errorf("a quiet round made %d calls and was %v", r.Calls, r.Outcome())
		}
		h.moveTo(home2)
		if r := e.round(t.Context(), looping); r.Calls != 2 {
			t.Errorf("a new address cost %d calls, want one write for each of two zones", r.Calls)
		}
	})
}

func TestTheCostOfAColdStartGrowsWithZonesNotWithNames(t *testing.T) {
	for _, tc := range []struct{ zones, names int }{{1, 1}, {2, 20}, {5, 1000}, {10, 2000}} {
		t.Run(fmt.Sprintf("%d names", tc.names), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.moveTo(home6)
				var names []string
				for i := range tc.zones {
					h.host.AddZone(memory.Zone(mustName(t, fmt.Sprintf("zone%d.org", i))))
				}
				for i := range tc.names {
					names = append(names, fmt.Sprintf("h%d.zone%d.org", i, i%tc.zones))
					h.put(names[i], "192.0.2.1")
					h.put(names[i], "2001:db8::1")
				}
				e := h.engine(names, h.both)
				r := e.round(t.Context(), looping)
				writes := tc.zones * ((2*tc.names/tc.zones + 199) / 200)
				if want := int64(1 + tc.zones + writes); r.Calls > want || r.Outcome() != status.Changed {
					t.Errorf("%d calls and %v, want at most %d and changed", r.Calls, r.Outcome(), want)
				}
			})
		})
	}
}

func TestUnknownIPv6NeverDelaysOrHarmsIPv4(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", "2001:db8::1")
		h.delay(addr.IPv6, time.Hour)
		var wrote time.Duration
		start := time.Now()
		h.host.SetHook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteBatch && c.Done {
				wrote = time.Since(start)
			}
			return nil
		})
		r := h.engine([]string{"a.example.org"}, h.both).round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
		h.wants("a.example.org", dns.AAAA, "2001:db8::1")
		if wrote == 0 || wrote > grace {
			t.Errorf("IPv4 was written after %v, want within the grace", wrote)
		}
		if !has(r, status.AddressUnknown) || r.Outcome() != status.Failed {
			t.Errorf("that IPv6 is not known was not said: %v", r.Conditions)
		}
	})
}

func TestManyZonesAreWrittenAlthoughIPv6IsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.delay(addr.IPv6, time.Hour)
		var names []string
		for i := range 3 * callsAtOnce {
			h.host.AddZone(memory.Zone(mustName(t, fmt.Sprintf("zone%d.org", i))))
			names = append(names, fmt.Sprintf("zone%d.org", i))
		}
		start := time.Now()
		h.host.SetHook(func(memory.Call) *provider.Error {
			if at := time.Since(start); at > time.Second {
				t.Errorf("a zone was worked on only after %v", at)
			}
			return nil
		})
		h.engine(names, h.both).round(t.Context(), looping)
	})
}

func TestBothFamiliesShareACallWhenTheyComeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.moveTo(home6)
		h.delay(addr.IPv6, grace/4) // twice: it is looked at, and confirmed
		if r := h.engine([]string{"a.example.org"}, h.both).round(t.Context(), looping); r.Calls != 3 {
			t.Errorf("%d calls, want zones, records and one batch", r.Calls)
		}
	})
}

func TestALateFamilyIsASecondApplyOfTheSameRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.moveTo(home6)
		h.delay(addr.IPv6, time.Second)
		r := h.engine([]string{"a.example.org"}, h.both).round(t.Context(), looping)
		h.wants("a.example.org", dns.AAAA, home6)
		if r.Calls != 4 || r.Outcome() != status.Changed {
			t.Errorf("%d calls and %v, want zones, records and two batches", r.Calls, r.Outcome())
		}
	})
}

func TestAFailingZoneNeverHarmsAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "bad.org", "good.org")
		h.host.SetHook(func(c memory.Call) *provider.Error {
			if c.Zone.String() == "bad.org" {
				return &provider.Error{Kind: provider.Unavailable, Err: errors.New("the zone is on fire")}
			}
			return nil
		})
		r := h.engine([]string{"a.bad.org", "a.good.org"}).round(t.Context(), looping)
		h.wants("a.good.org", dns.A, home1)
		h.wants("a.bad.org", dns.A)
		if !has(r, status.ZoneFailed) || r.Outcome() != status.Failed {
			t.Errorf("the failure was not said: %v", r.Conditions)
		}
	})
}

func TestAFailedReadIsNeverAnEmptyZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", home1)
		h.host.SetHook(func(c memory.Call) *provider.Error {
			switch c.Step {
			case memory.ReadRecords:
				return &provider.Error{Kind: provider.Unavailable, Err: errors.New("no answer")}
			case memory.WriteBatch:
				t.Error("something was written into a zone that could not be read")
			}
			return nil
		})
		h.engine([]string{"a.example.org"}).round(t.Context(), looping)
	})
}

func TestAfterALostAnswerTheZoneIsReadBeforeAnythingIsWritten(t *testing.T) {
	for _, happened := range []bool{true, false} {
		t.Run(fmt.Sprintf("happened %v", happened), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				lost, steps := false, []memory.Step{}
				h.host.SetHook(func(c memory.Call) *provider.Error {
					if c.Done == happened && c.Step == memory.WriteBatch && !lost {
						lost = true
						return &provider.Error{Kind: provider.Unconfirmed, Err: errors.New("the answer was lost")}
					}
					if lost && !c.Done {
						steps = append(steps, c.Step)
					}
					return nil
				})
				e := h.engine([]string{"a.example.org"})
				r := e.round(t.Context(), looping)
				if done, failed := r.Count(); done != 0 || failed != 1 {
					t.Errorf("claims %d done and %d failed", done, failed)
				}
				time.Sleep(time.Until(r.Next))
				if r := e.round(t.Context(), looping); r.Outcome() == status.Failed {
					t.Errorf("the round after failed: %v", r.Conditions)
				}
				h.wants("a.example.org", dns.A, home1)
				if len(steps) == 0 || steps[0] != memory.ReadRecords {
					t.Errorf("after the lost answer came %v, want a read first", steps)
				}
			})
		})
	}
}

func TestWhatProvesStaleIsReadAndTriedOnceMoreInTheSameRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		old := h.put("a.example.org", "192.0.2.1")
		e := h.engine([]string{"a.example.org"})
		e.round(t.Context(), looping)
		h.host.Remove(old.ID)
		h.moveTo(home2)
		r := e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home2)
		if r.Outcome() != status.Changed {
			t.Errorf("outcome %v: %v", r.Outcome(), r.Conditions)
		}
	})
}

func TestARefusedNameIsLeftAloneForGrowingPausesAndHarmsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var tries []time.Duration
		start, bad := time.Now(), mustName(t, "bad.example.org")
		h.host.SetHook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteRRset && !c.Done && c.Key.Name == bad {
				tries = append(tries, time.Since(start))
				return &provider.Error{Kind: provider.Rejected, Hint: "ask for more", Err: errors.New("the quota is used up")}
			}
			return nil
		})
		e := h.engine([]string{"bad.example.org", "good.example.org"})
		run(t, e, time.Hour-time.Second)
		h.wants("good.example.org", dns.A, home1)
		want := []time.Duration{0, time.Minute, 3 * time.Minute, 7 * time.Minute, 15 * time.Minute, 30 * time.Minute, 45 * time.Minute}
		if fmt.Sprint(tries) != fmt.Sprint(want) {
			t.Errorf("tried at %v, want %v", tries, want)
		}
	})
}

func TestARefusedCredentialIsTriedThreeTimesThenEveryQuarterOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var tries []time.Duration
		start, refuse := time.Now(), true
		h.host.SetHook(func(c memory.Call) *provider.Error {
			if c.Step == memory.FindZones && !c.Done && refuse {
				tries = append(tries, time.Since(start))
				return &provider.Error{Kind: provider.Auth, Err: errors.New("the token is not valid")}
			}
			return nil
		})
		e := h.engine([]string{"a.example.org"})
		run(t, e, 40*time.Minute)
		want := []time.Duration{0, 30 * time.Second, 90 * time.Second, 16*time.Minute + 30*time.Second, 31*time.Minute + 30*time.Second}
		if fmt.Sprint(tries) != fmt.Sprint(want) {
			t.Errorf("tried at %v, want %v", tries, want)
		}
		refuse = false
		e.Invalidate() // as after "homing sync" or a changed token
		e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
	})
}

func TestANameInNoZoneIsSaidAndHarmsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		r := h.engine([]string{"a.example.org", "a.elsewhere.org"}).round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
		if !has(r, status.NameUnplaced) {
			t.Errorf("not said: %v", r.Conditions)
		}
	})
}

func TestAPlanChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", "192.0.2.1")
		r := h.engine([]string{"a.example.org"}).Plan(t.Context())
		h.wants("a.example.org", dns.A, "192.0.2.1")
		if r.Pending() != 1 || len(r.Zones[0].Done) != 0 {
			t.Errorf("plan %v, done %v", r.Zones[0].Plan, r.Zones[0].Done)
		}
	})
}

func TestAStoppedRoundWritesNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.host.SetLatency(time.Second, time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(1500*time.Millisecond, cancel) // while the records are read
		h.engine([]string{"a.example.org"}).round(ctx, looping)
		h.wants("a.example.org", dns.A)
	})
}

// run lets the engine run for d.
func run(t *testing.T, e *Engine, d time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	e.Run(ctx)
}
