package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// registry is a DNS host whose zones are found as a test says: what it shows
// is not what it held when the engine began.
type registry struct {
	*memory.Host
	shows  func(provider.Zone) provider.Zone
	places func(provider.Placed) provider.Placed
	fails  bool
	blind  bool
	asked  int
}

func (r *registry) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	r.asked++
	if r.fails {
		return nil, nil, &provider.Error{Kind: provider.Unavailable, Err: errors.New("no listing")}
	}
	if r.blind {
		return nil, nil, &provider.Error{Kind: provider.NoZone, Err: errors.New("no zone of theirs")}
	}
	placed, unplaced, err := r.Host.Zones(ctx, names)
	for i := range placed {
		if r.shows != nil {
			placed[i].Zone = r.shows(placed[i].Zone)
		}
		if r.places != nil {
			placed[i] = r.places(placed[i])
		}
	}
	return placed, unplaced, err
}

func (r *registry) Records(ctx context.Context, z provider.Zone, names []dns.Name) ([]dns.Record, error) {
	if z.ID == "deleted" {
		return nil, &provider.Error{Kind: provider.Auth, Err: errors.New("HTTP 403")}
	}
	return r.Host.Records(ctx, z, names)
}

func listedBy(r *registry) func(*Config) {
	return func(c *Config) { c.Accounts[0].Provider = r }
}

func TestAZoneThatIsMadeAgainIsFoundUnderItsNewID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		r := &registry{Host: h.host, shows: func(z provider.Zone) provider.Zone { z.ID = "deleted"; return z }}
		e := h.engine([]string{"a.example.org"}, listedBy(r), func(c *Config) { c.Resync = 0 })
		run(t, e, time.Minute)
		r.shows = nil
		run(t, e, 3*time.Minute)
		h.wants("a.example.org", dns.A, home1)
	})
}

func TestAZoneThatStaysWhereItIsKeepsItsPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		r := &registry{Host: h.host}
		reads := 0
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.ReadRecords && !c.Done {
				reads++
				return &provider.Error{Kind: provider.Auth, Err: errors.New("HTTP 403")}
			}
			return nil
		})
		run(t, h.engine([]string{"a.example.org"}, listedBy(r)), time.Hour)
		if reads != 3+3 || r.asked > 1+4+1 {
			t.Errorf("read %d times, listed %d times in an hour", reads, r.asked)
		}
	})
}

func TestTheListingIsReadAgainOnceAResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org", "example.net")
		r := &registry{Host: h.host}
		e := h.engine([]string{"a.sub.example.org", "a.example.org", "b.example.net"}, listedBy(r))
		run(t, e, 29*time.Minute)
		if r.asked != 2 {
			t.Errorf("listed %d times in 29 minutes", r.asked)
		}
		h.host.AddZone(memory.Zone(mustName(t, "sub.example.org")))
		r.shows = func(z provider.Zone) provider.Zone { z.Warning = "it is paused"; return z }
		var rounds []status.Round
		e.cfg.Done = func(r status.Round) { rounds = append(rounds, r) }
		run(t, e, 16*time.Minute)
		last := rounds[len(rounds)-1]
		if !has(last, status.ZoneWarning) || last.Right() != 3 || len(last.Zones) != 3 {
			t.Errorf("%d right, %d zones: %v", last.Right(), len(last.Zones), last.Conditions)
		}
		h.host.AddZone(memory.Zone(mustName(t, "a.example.org")))
		r.fails = true
		for range 2 {
			run(t, e, 16*time.Minute)
			if last := rounds[len(rounds)-1]; last.Right() != 3 || last.Outcome() != status.Unchanged {
				t.Errorf("without a listing %d are right, %v: %v", last.Right(), last.Outcome(), last.Conditions)
			}
		}
	})
}

func TestANameLeavesACloserZoneThatIsPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org", "a.example.org")
		r := &registry{Host: h.host}
		e := h.engine([]string{"a.example.org"}, listedBy(r), func(c *Config) { c.Resync = time.Minute })
		run(t, e, 6*time.Minute)
		h.wants("a.example.org", dns.A, home1)
		parent := memory.Zone(mustName(t, "example.org"))
		r.places = func(p provider.Placed) provider.Placed { return provider.Placed{Name: p.Name, Zone: parent} }
		run(t, e, 6*time.Minute)
		if len(h.host.All()) != 1 {
			t.Error("a name leaves a zone that works for a shorter one because that is all the listing shows")
		}
		r.places = func(p provider.Placed) provider.Placed {
			return provider.Placed{Name: p.Name, Zone: parent, Passed: true}
		}
		run(t, e, 6*time.Minute)
		if len(h.host.All()) != 2 {
			t.Error("a name stays in a zone that is passed over")
		}
	})
}

func TestAnAccountThatSeesNoZoneIsOneMessageAndRestsLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		r := &registry{Host: h.host, blind: true}
		var rounds []status.Round
		e := h.engine([]string{"a.example.org", "b.example.org", "c.example.org"}, listedBy(r), counted(&rounds))
		run(t, e, time.Hour)
		last := rounds[len(rounds)-1]
		if len(last.Conditions) != 1 || last.Conditions[0].Code != status.ZonesUnread || !last.Conditions[0].Refused {
			t.Errorf("said is %v", last.Conditions)
		}
		if r.asked > 8 { // after 1, 2, 4, 8, 15, 15 … minutes
			t.Errorf("asked %d times within an hour", r.asked)
		}
		before := r.asked
		e.Invalidate()
		run(t, e, time.Second)
		if r.asked != before+1 {
			t.Errorf("asked %d times when somebody wants it", r.asked-before)
		}
	})
}

// A look at zones whose records can be kept without it is refused like any other
// call: the host said when it is to be called again.
func TestASurveyThatIsThrottledWaitsAsLongAsTheHostSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var asked []time.Time
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step != memory.FindZones || c.Done {
				return nil
			}
			if asked = append(asked, time.Now()); len(asked) == 1 {
				return nil
			}
			return &provider.Error{Kind: provider.Throttled, RetryAfter: 40 * time.Minute}
		})
		run(t, h.engine([]string{"a.example.org"}), 70*time.Minute)
		if len(asked) != 3 || asked[2].Sub(asked[1]) < 40*time.Minute {
			t.Errorf("asked at %v", asked)
		}
		h.wants("a.example.org", dns.A, home1)
	})
}

// A name that loses its zone while the host is left alone is amiss, and that is said.
func TestANameWithoutAZoneIsAFailureWhileTheHostIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		trouble := false
		h.hook(func(c memory.Call) *provider.Error {
			switch {
			case !trouble || c.Done:
			case c.Step == memory.FindZones:
				return &provider.Error{Kind: provider.Throttled, RetryAfter: 40 * time.Minute}
			case c.Step == memory.ReadRecords:
				return &provider.Error{Kind: provider.NoZone}
			}
			return nil
		})
		e := h.engine([]string{"a.example.org"})
		e.round(t.Context(), looping)
		trouble = true
		for began := time.Now(); time.Since(began) < time.Hour; {
			r := e.round(t.Context(), looping)
			if time.Since(began) > 15*time.Minute && r.Outcome() != status.Failed {
				t.Fatalf("round %d, after %v: %v", r.Number, time.Since(began), r.Outcome())
			}
			time.Sleep(time.Until(r.Next))
		}
	})
}
