package engine

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

const (
	byHand  = "192.168.1.15" // somebody's own record in the house
	another = "81.2.69.200"  // somebody's own record elsewhere
)

func keeping(c *Config) {
	for i := range c.Accounts[0].Spec.Records {
		c.Accounts[0].Spec.Records[i].Leftovers = plan.Keep
		c.Accounts[0].Spec.Records[i].Types = []dns.Type{dns.A}
	}
}

// remembering continues what another engine knows.
func remembering(m *Memory) func(*Config) { return func(c *Config) { c.Memory = m } }

func (h *house) says(name string, want ...string) {
	h.t.Helper()
	got := h.holds(name, dns.A)
	if slices.Sort(got); !slices.Equal(got, want) {
		h.t.Errorf("%s says %q, want %q", name, got, want)
	}
}

// Whether homing wrote its record or found it right, that one moves, whatever
// the ids say; also after a restart that remembers, and after several changes.
func TestWithLeftoversKeptTheRecordMovesThatHomingPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("found.example.org", another)
		h.put("found.example.org", home1)
		h.put("written.example.org", "81.2.69.9")
		e := h.engine([]string{"found.example.org", "written.example.org"}, keeping)
		e.Once(t.Context())
		h.put("written.example.org", byHand)
		h.put("written.example.org", another)
		for _, next := range []string{home2, home3} {
			h.moveTo(next)
			e.Invalidate()
			if r := e.Once(t.Context()); r.Outcome() != status.Changed {
				t.Errorf("the round was %s: %v", r.Outcome(), r.Conditions)
			}
			h.says("found.example.org", slices.Sorted(slices.Values([]string{next, another}))...)
			h.says("written.example.org", slices.Sorted(slices.Values([]string{byHand, next, another}))...)
		}
		h.moveTo(home1)
		h.engine([]string{"found.example.org", "written.example.org"}, keeping, remembering(e.cfg.Memory)).Once(t.Context())
		h.says("found.example.org", home1, another)
		h.says("written.example.org", byHand, home1, another)
	})
}

// Where nobody knows which record is homing's, none of them is rewritten.
func TestWithLeftoversKeptNobodyIsRewrittenWhereItCannotBeTold(t *testing.T) {
	for _, create := range []plan.Create{plan.Always, plan.Never} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			h.put("a.example.org", "81.2.69.9")
			h.put("a.example.org", another)
			e := h.engine([]string{"a.example.org"}, keeping, func(c *Config) { c.Accounts[0].Spec.Records[0].Create = create })
			r := e.Once(t.Context())
			if create == plan.Always {
				h.says("a.example.org", home1, another, "81.2.69.9")
				return
			}
			h.says("a.example.org", another, "81.2.69.9")
			if i := slices.IndexFunc(r.Conditions, func(c status.Condition) bool { return c.Code == status.RecordAmbiguous }); i < 0 || r.Outcome() != status.Failed {
				t.Errorf("the round was %s: %v", r.Outcome(), r.Conditions)
			}
		})
	}
}

// A cleanup deletes what homing wrote, and no more, where others are to stay.
func TestWithLeftoversKeptACleanupDeletesOnlyWhatHomingWrote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("written.example.org", "81.2.69.9")
		h.put("found.example.org", byHand)
		h.put("found.example.org", home1)
		h.put("changed.example.org", "81.2.69.9")
		names := []string{"written.example.org", "found.example.org", "changed.example.org"}
		e := h.engine(names, keeping)
		e.Once(t.Context())
		h.put("written.example.org", byHand)
		h.put("changed.example.org", another)
		for _, r := range h.host.At(mustName(t, "changed.example.org")) {
			if r.Content() == home1 {
				h.host.Remove(r.ID)
			}
		}
		r := e.Clear(t.Context())
		h.says("written.example.org", byHand)
		h.says("found.example.org", byHand, home1)
		h.says("changed.example.org", another)
		if r.Outcome() != status.Failed {
			t.Errorf("what nobody wrote is left, and the round was %s", r.Outcome())
		}
	})
}

func TestWithoutAMemoryACleanupDeletesNothingAndSaysWhatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", byHand)
		h.put("a.example.org", home1)
		r := h.engine([]string{"a.example.org"}, keeping).Clear(t.Context())
		h.says("a.example.org", byHand, home1)
		left := slices.ContainsFunc(r.Conditions, func(c status.Condition) bool { return c.Code == status.LeftBehind && c.Key.Type == dns.A })
		if !left || r.Outcome() != status.Failed {
			t.Errorf("the round was %s: %v", r.Outcome(), r.Conditions)
		}
	})
}
