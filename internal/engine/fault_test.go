package engine

import (
	"errors"
	"fmt"
	"regexp"
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

// scene is a house whose DNS host holds, at managed names, records to keep, to
// change, to make and to delete, and records of others that must stay.
type scene struct {
	*house
	engine *Engine
	theirs []dns.Record
}

func sceneNames() []string {
	return []string{"right.example.org", "old.example.org", "new.example.org", "double.example.org", "apex.net"}
}

func newScene(t *testing.T) *scene {
	h := newHouse(t, "example.org", "apex.net")
	h.moveTo(home6)
	s := &scene{house: h}
	for _, r := range [][2]string{{"right.example.org", home1}, {"right.example.org", home6}, {"old.example.org", "192.0.2.1"},
		{"old.example.org", "2001:db8::1"}, {"double.example.org", home1}, {"double.example.org", "192.0.2.2"}, {"apex.net", "192.0.2.3"}} {
		s.own(h.put(r[0], r[1]))
	}
	for _, r := range [][2]string{{"old.example.org", "192.0.2.66"}, {"new.example.org", "192.0.2.66"}, {"other.example.org", home3}} {
		s.theirs = append(s.theirs, h.put(r[0], r[1]))
	}
	s.engine = s.restarted()
	return s
}

func (s *scene) own(r dns.Record) {
	r.Comment = "ours"
	s.host.Put(r)
}

// restarted is a new process in the same place.
func (s *scene) restarted() *Engine {
	return s.house.engine(sceneNames(), s.both, func(c *Config) {
		a := &c.Accounts[0]
		a.Spec.Owned = regexp.MustCompile("^ours$")
		for i := range a.Spec.Records {
			a.Spec.Records[i].Attrs.Comment = "ours"
		}
	})
}

// round makes a round when it is due, and checks what holds after every one.
func (s *scene) round() status.Round {
	s.t.Helper()
	r := s.engine.round(s.t.Context(), looping)
	s.unharmed()
	s.honest(r)
	time.Sleep(time.Until(r.Next))
	return r
}

// unharmed fails the test when something was touched that is not ours, when an
// address was published where we never were, when a name lost its address, or
// when there are duplicates.
func (s *scene) unharmed() {
	s.t.Helper()
	all := map[string]dns.Record{}
	said := map[string]bool{}
	held := map[dns.Key]bool{}
	for _, r := range s.host.All() {
		all[r.ID] = r
		at := r.Key().String() + " " + r.Content()
		if said[at] {
			s.t.Errorf("%s stands there twice", at)
		}
		said[at] = true
		if r.Comment != "ours" {
			continue
		}
		held[r.Key()] = true
		switch r.Content() {
		case home1, home2, home6, "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1":
		default:
			s.t.Errorf("published is %s", at)
		}
	}
	for _, r := range s.theirs {
		if got := all[r.ID]; !got.Equal(r) {
			s.t.Errorf("what is not ours was touched: %v is %v now", r, got)
		}
	}
	for _, n := range []string{"right.example.org", "old.example.org", "double.example.org", "apex.net"} {
		if !held[dns.Key{Name: mustName(s.t, n), Type: dns.A}] {
			s.t.Errorf("%s lost its address", n)
		}
	}
}

// honest fails the test when the round claims what is not so.
func (s *scene) honest(r status.Round) {
	s.t.Helper()
	for _, z := range r.Zones {
		for _, d := range z.Done {
			stored := d.Action == plan.ToDelete
			for _, got := range s.host.At(d.Key().Name) {
				switch {
				case d.Action == plan.ToDelete && got.ID == d.Old.ID:
					stored = false
				case d.Action != plan.ToDelete && got.ID == d.Stored.ID && got.Addr == d.New.Addr:
					stored = true
				}
			}
			if d.Err == nil && !stored {
				s.t.Errorf("claimed is %s, stored are %v", d.Words(), s.host.At(d.Key().Name))
			}
		}
	}
	if r.Outcome() != status.Failed && !s.right() {
		s.t.Errorf("the round was %v, and not all is right: %v", r.Outcome(), s.host.All())
	}
}

// right says whether each name holds exactly what it should.
func (s *scene) right() bool {
	n := 0
	for _, r := range s.host.All() {
		if r.Comment != "ours" {
			continue
		}
		if n++; r.Content() != s.addr(plan.FamilyOf(r.Type)) {
			return false
		}
	}
	return n == 2*len(sceneNames())
}

// fault is one way for a call to fail.
type fault struct {
	step memory.Step
	late bool // it was carried out all the same
	kind provider.Kind
	wait time.Duration
}

func (f fault) String() string {
	when := map[bool]string{false: "before", true: "after"}[f.late]
	return fmt.Sprintf("%v %s step %d, wait %v", f.kind, when, f.step, f.wait)
}

// faults is every one that the contract of a provider leaves room for: an
// error after a write is always one that the answer was lost.
func faults() []fault {
	var out []fault
	for _, step := range []memory.Step{memory.FindZones, memory.ReadRecords, memory.WriteBatch, memory.WriteRRset} {
		writes := step == memory.WriteBatch || step == memory.WriteRRset
		for k := provider.Unconfirmed; k <= provider.NotTried; k++ {
			out = append(out, fault{step: step, kind: k})
			if !writes || k == provider.Unconfirmed {
				out = append(out, fault{step: step, kind: k, late: true})
			}
		}
		out = append(out, fault{step: step, kind: provider.Throttled, wait: 5 * time.Minute})
	}
	return out
}

func TestNoFaultDoesHarmAndAfterItAllIsRightWithinTwoTries(t *testing.T) {
	for _, f := range faults() {
		for _, lasts := range []time.Duration{0, 3 * time.Minute, time.Hour} {
			t.Run(fmt.Sprintf("%v for %v", f, lasts), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScene(t)
					begun, over := time.Now(), false
					s.host.SetHook(func(c memory.Call) *provider.Error {
						if over || c.Step != f.step || c.Done != f.late {
							return nil
						}
						over = lasts == 0
						return &provider.Error{Kind: f.kind, RetryAfter: f.wait, Err: errors.New("a fault")}
					})
					moved := false
					for r := s.round(); time.Since(begun) < lasts; r = s.round() {
						if !r.Next.After(r.Started) {
							t.Fatal("it is tried again without a pause")
						}
						if !moved { // while it lasts
							s.moveTo(home2)
							moved = true
						}
					}
					over = true
					var r status.Round
					for tries := 0; tries < 2 && !s.right(); {
						if r = s.round(); r.Calls > 0 { // a round within a pause tries nothing
							tries++
						}
						if time.Since(begun) > lasts+nameMost+10*time.Minute {
							break
						}
					}
					if !s.right() {
						t.Errorf("two tries later not all is right: %v", r.Conditions)
					}
					if r := s.round(); r.Outcome() != status.Unchanged {
						t.Errorf("in the end it is %v: %v", r.Outcome(), r.Conditions)
					}
				})
			})
		}
	}
}

// A process that is killed leaves what its calls have done, and the answer to
// the last one reaches nobody.
func TestAfterAKillAtAnyCallOneRoundMakesAllRight(t *testing.T) {
	for _, late := range []bool{false, true} {
		for cut := 1; ; cut++ {
			killed := true
			t.Run(fmt.Sprintf("at step %d, late %v", cut, late), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScene(t)
					n := 0
					s.host.SetHook(func(c memory.Call) *provider.Error {
						if c.Done == late {
							n++
						}
						if n >= cut {
							return &provider.Error{Kind: provider.Unconfirmed, Err: errors.New("killed")}
						}
						return nil
					})
					s.engine.round(t.Context(), single)
					killed = n >= cut
					s.unharmed()
					s.host.SetHook(nil)
					s.engine = s.restarted()
					s.round()
					if !s.right() {
						t.Errorf("after the restart there are %v", s.host.All())
					}
				})
			})
			if !killed || t.Failed() {
				break
			}
		}
	}
}

func TestOneAccountThatFailsLeavesTheOtherAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org", "only-mine.org")
		h.moveTo(home6)
		other := memory.New(memory.Zone(mustName(t, "example.org"))) // of the same name, elsewhere
		two := func(c *Config) {
			mine := &c.Accounts[0]
			mine.Name = "mine"
			theirs := Account{Name: "theirs", Provider: other, Spec: plan.Spec{Records: []plan.Record{
				{Name: mustName(t, "b.example.org"), Types: []dns.Type{dns.AAAA}, Attrs: plan.Attrs{TTL: dns.AutoTTL}}}}}
			c.Accounts = append(c.Accounts, theirs)
		}
		e := h.engine([]string{"a.example.org", "only-mine.org"}, h.both, two)
		for _, k := range []provider.Kind{provider.Auth, provider.Unavailable, provider.Throttled} {
			h.host.SetHook(func(memory.Call) *provider.Error {
				return &provider.Error{Kind: k, RetryAfter: time.Hour, Err: errors.New("no")}
			})
			for _, r := range other.All() {
				other.Remove(r.ID)
			}
			e.Invalidate()
			r := e.round(t.Context(), looping)
			if got := other.At(mustName(t, "b.example.org")); len(got) != 1 || got[0].Content() != home6 {
				t.Errorf("while the other account fails there is %v", got)
			}
			if !has(r, status.ZonesUnread) || r.Conditions[0].Subject != "zones of mine" || len(h.host.All()) > 0 {
				t.Errorf("said is %v", r.Conditions)
			}
		}
		h.host.SetHook(nil)
		e.Invalidate()
		r := e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
		h.wants("only-mine.org", dns.AAAA, home6)
		h.wants("b.example.org", dns.AAAA)
		if len(other.At(mustName(t, "a.example.org"))) > 0 || r.Outcome() == status.Failed {
			t.Errorf("a record went to the wrong account: %v", r.Conditions)
		}
		var zones []string
		for _, z := range r.Zones {
			zones = append(zones, z.Account+" "+z.Name.String())
		}
		if got := fmt.Sprint(zones); got != "[mine example.org mine only-mine.org theirs example.org]" {
			t.Errorf("zones %v", got)
		}
	})
}

func TestAFamilyThatFlapsOrIsDownHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		s.lose(addr.IPv6)
		for i := range 12 {
			s.moveTo([]string{home1, home2}[i%2])
			r := s.engine.round(t.Context(), looping)
			s.unharmed()
			for _, n := range sceneNames()[:4] {
				for _, got := range s.host.At(mustName(t, n)) {
					if got.Comment == "ours" && got.Type == dns.A && got.Content() != s.addr(addr.IPv4) {
						t.Errorf("%s is %s although only IPv6 is not known", n, got.Content())
					}
				}
			}
			if !has(r, status.AddressUnknown) {
				t.Errorf("said is %v", r.Conditions)
			}
			time.Sleep(11 * time.Minute)
		}
	})
}
