package engine

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
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

func TestAZoneThatIsGoneIsAFailureAndItsNamesAreLookedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		gone, reads := true, 0
		h.host.SetHook(func(c memory.Call) *provider.Error {
			if c.Step == memory.ReadRecords && !c.Done && gone {
				reads++
				return &provider.Error{Kind: provider.NoZone, Err: errors.New("the zone is not there")}
			}
			return nil
		})
		e := h.engine([]string{"a.example.org"})
		r := e.round(t.Context(), looping)
		if r.Outcome() != status.Failed || !has(r, status.ZoneFailed) {
			t.Errorf("outcome %v, conditions %v", r.Outcome(), r.Conditions)
		}
		run(t, e, 10*time.Minute)
		if reads > 17 {
			t.Errorf("read %d times in ten minutes: the pauses do not grow", reads)
		}
		gone = false
		run(t, e, 2*time.Minute)
		h.wants("a.example.org", dns.A, home1)
	})
}

func TestARefusedStepIsNoTroubleOfItsZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.host.SetHook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteRRset && !c.Done && c.Key.Name == mustName(t, "a.example.org") {
				return &provider.Error{Kind: provider.Rejected, Err: errors.New("no")}
			}
			return nil
		})
		h.put("a.example.org", "192.0.2.1")
		h.put("a.example.org", "192.0.2.2") // one to update, one to delete: both are refused
		r := h.engine([]string{"a.example.org", "b.example.org"}).round(t.Context(), looping)
		if has(r, status.ZoneFailed) || !has(r, status.ChangeFailed) {
			t.Errorf("conditions %v", r.Conditions)
		}
		if wait := r.Next.Sub(r.Started); wait != nameFirst {
			t.Errorf("tried again after %v, want %v: two refusals of one RRset are one", wait, nameFirst)
		}
	})
}

// The answer to the first try was wrong, or another one made the same record in
// between: what the second reading shows to be right counts as right.
func TestWhatTheSecondReadingShowsToBeRightCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.host.SetHook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteRRset && !c.Done && c.Key.Name == mustName(t, "a.example.org") && len(h.holds("a.example.org", dns.A)) == 0 {
				h.put("a.example.org", home1)
				return &provider.Error{Kind: provider.Stale, Err: errors.New("the same record is already there")}
			}
			return nil
		})
		h.put("b.example.org", home1)
		r := h.engine([]string{"a.example.org", "b.example.org", "c.example.org"}).round(t.Context(), looping)
		if r.Outcome() == status.Failed || r.Right() != 3 {
			t.Errorf("%v, right %d of 3: %v", r.Outcome(), r.Right(), r.Conditions)
		}
	})
}

// What one family proves stale is read again for the other, which settles later.
func TestAnRRsetThatProvesStaleIsNoHarmToAFamilyThatComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", home2)
		h.moveTo(home6)
		h.delay(addr.IPv6, 2*time.Second)
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteRRset && c.Key.Type == dns.A && !c.Done {
				return &provider.Error{Kind: provider.Stale}
			}
			return nil
		})
		r := h.engine([]string{"a.example.org"}, h.both).Once(t.Context())
		h.wants("a.example.org", dns.AAAA, home6)
		if !has(r, status.ChangeFailed) {
			t.Errorf("nothing is said of what was refused: %v", r.Conditions)
		}
	})
}

// Of two calls for a zone one is lost and the other throttled: the zone is to be
// read again, and not before the host wants it.
func TestWhatIsLostDoesNotCutShortThePauseAHostAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		z := memory.Zone(mustName(t, "example.org"))
		z.Limits.Batch = 1
		h.host.AddZone(z)
		var writes, reads []time.Time
		h.hook(func(c memory.Call) *provider.Error {
			switch {
			case c.Step == memory.ReadRecords && !c.Done:
				reads = append(reads, time.Now())
			case c.Step == memory.WriteBatch && c.Done && len(writes) == 1:
				return &provider.Error{Kind: provider.Unconfirmed}
			case c.Step == memory.WriteBatch && !c.Done:
				if writes = append(writes, time.Now()); len(writes) == 2 {
					return &provider.Error{Kind: provider.Throttled, RetryAfter: 10 * time.Minute}
				}
			}
			return nil
		})
		run(t, h.engine([]string{"a.example.org", "b.example.org"}), 20*time.Minute)
		if len(reads) < 2 || reads[1].Sub(reads[0]) < 10*time.Minute {
			t.Errorf("it was read at %v", reads)
		}
		h.wants("b.example.org", dns.A, home1)
	})
}

// While it is found out which RRset proves stale for ever, the host asks for a
// pause: nothing more is sent before it is over.
func TestNothingIsIsolatedAtAHostThatWantsToBeLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.host.AddZone(memory.Zone(mustName(t, "example.org")))
		var writes []time.Time
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step != memory.WriteBatch || c.Done {
				return nil
			}
			switch writes = append(writes, time.Now()); len(writes) {
			case 1, 2:
				return &provider.Error{Kind: provider.Stale}
			case 3:
				return &provider.Error{Kind: provider.Throttled, RetryAfter: 10 * time.Minute}
			}
			return nil
		})
		run(t, h.engine([]string{"a.example.org", "b.example.org"}), 20*time.Minute)
		if len(writes) < 4 || writes[3].Sub(writes[2]) < 10*time.Minute {
			t.Errorf("it was written to at %v", writes)
		}
		h.wants("a.example.org", dns.A, home1)
		h.wants("b.example.org", dns.A, home1)
	})
}
