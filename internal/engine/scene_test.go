package engine

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

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

// way is how a DNS host is written to.
type way struct {
	name  string
	sets  bool
	guard provider.Guard
}

func ways() []way {
	return []way{
		{"a host of records", false, provider.Unguarded},
		{"a host of sets, which nobody guards", true, provider.Unguarded},
		{"a host of sets, each guarded", true, provider.GuardsSet},
		{"a host of sets, guarded as a batch", true, provider.GuardsBatch},
	}
}

func newScene(t *testing.T, w way) *scene {
	h := newHouse(t)
	for _, n := range []string{"example.org", "apex.net"} {
		z := memory.Zone(mustName(t, n))
		z.Guard = w.guard
		h.host.AddZone(z)
	}
	if w.sets {
		h.host.WriteSets()
	}
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

// restarted returns a new process in the same place.
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
	said := map[string]bool{}
	held := map[dns.Key]bool{}
	for _, r := range s.host.All() {
		at := r.Key().String() + " " + r.Content()
		if said[at] {
			s.t.Errorf("%s stands there twice", at)
		}
		said[at] = true
		if r.Comment != "ours" {
			continue
		}
		held[r.Key()] = true
		switch c := r.Content(); c {
		case home6, "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1":
		default:
			if !strings.HasPrefix(c, "81.2.69.") { // where the house is
				s.t.Errorf("published is %s", at)
			}
		}
	}
	for _, r := range s.theirs {
		if here := s.host.At(r.Name); !slices.ContainsFunc(here, func(got dns.Record) bool {
			r.ID = got.ID
			return got.Equal(&r)
		}) {
			s.t.Errorf("what is not ours was touched: %v; there are %v now", r, here)
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
				case d.Action == plan.ToDelete && got.SameRecord(&d.Old):
					stored = false
				case d.Action != plan.ToDelete && got.Key() == d.Key() && got.Addr == d.New.Addr:
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

// right reports whether each name holds exactly what it should.
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
