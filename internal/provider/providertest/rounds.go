package providertest

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// round is one round of homing: read, plan, apply. It gives the notes and how
// many changes were made; all of them must be confirmed.
func (s *session) round(spec plan.Spec, seen plan.Seen, memory plan.Memory) ([]plan.Note, int) {
	s.Helper()
	p := plan.Diff(plan.Zone{Name: s.zone.Name, Limits: s.zone.Limits}, plan.Targets(spec, seen, memory), s.readFor(spec), spec.Owns)
	for i, r := range s.applySets(s.Context(), p.Sets) {
		for k, err := range r.Errs {
			if err != nil {
				s.Errorf("%s: %s: %v", p.Sets[i].Changes[k].Words(), err.Kind, err)
			}
		}
	}
	return p.Notes, plan.CountChanges(p.Sets)
}

// at is the observation of one IPv4 address.
func at(address string) plan.Seen {
	return plan.Seen{plan.Here(addr.IPv4): addr.Known(netip.PrefixFrom(netip.MustParseAddr(address), 32))}
}

// wish is settings that are enforced; of some a host may be unable to store a part.
type wish struct {
	what  string
	attrs plan.Attrs
}

func wishes() []wish {
	return []wish{
		{"nothing", plan.Attrs{}},
		{"automatic TTL", plan.Attrs{TTL: dns.AutoTTL}},
		{"TTL of 300 s", plan.Attrs{TTL: 300}},
		{"TTL of 30 s", plan.Attrs{TTL: 30}},
		{"proxied", plan.Attrs{Proxied: true}},
		{"comment", plan.Attrs{Comment: "homing keeps this"}},
		{"long comment", plan.Attrs{Comment: strings.Repeat("homing ", 60)}},
		{"tags", plan.Attrs{Tags: []string{"owner:homing"}}},
	}
}

func roundTripTests() []test {
	return []test{
		{"what was applied and is read again needs no change, whatever the settings", func(s *session) {
			var table []string
			for _, w := range wishes() {
				r := plan.Record{Name: s.name("trip"), Options: &plan.Options{Types: []dns.Type{dns.A}, Attrs: w.attrs,
					Enforce: plan.Proxied | plan.TTL | plan.Comment | plan.Tags}}
				spec := plan.Spec{Records: []plan.Record{r}}
				notes, _ := s.round(spec, at("203.0.113.7"), plan.Memory{})
				for _, n := range notes {
					table = append(table, w.what+": "+n.Text)
				}
				if _, changes := s.round(spec, at("203.0.113.7"), plan.Memory{}); changes > 0 {
					s.Errorf("%s: %d changes once more", w.what, changes)
				}
			}
			s.Logf("what the limits of this host leave out:\n  %s", strings.Join(table, "\n  "))
		}, nil},
		{"somebody else's value beside ours survives", func(s *session) {
			s.seed(s.record("both", "198.51.100.1"), s.record("both", "192.0.2.9"))
			r := plan.Record{Name: s.name("both"), Options: &plan.Options{Types: []dns.Type{dns.A}, Leftovers: plan.Keep}}
			last := plan.Memory{Last: map[plan.Origin][]addr.Stay{plan.Here(addr.IPv4): {{Seen: at("198.51.100.1")[plan.Here(addr.IPv4)]}}}}
			s.round(plan.Spec{Records: []plan.Record{r}}, at("203.0.113.7"), last)
			s.holds(r.Name, s.record("both", "203.0.113.7"), s.record("both", "192.0.2.9"))
		}, several},
		{"what another hand adds between reading and writing survives", func(s *session) {
			old := s.seed(s.record("race", "198.51.100.1"))[0]
			set := plan.Set{Key: old.Key(), Records: []dns.Record{old}, Changes: []plan.Change{update(old, point("203.0.113.7"))}}
			calm := s.record("calm", "203.0.113.7")
			other := plan.Set{Key: calm.Key(), Changes: []plan.Change{create(calm)}}
			s.seed(s.record("race", "192.0.2.9"))
			results := s.Provider.Apply(s.Context(), s.zone, []plan.Set{set, other})
			s.raced(results[0], results[1])
			if s.Sets {
				s.round(plan.Spec{Records: []plan.Record{{Name: old.Name, Options: &plan.Options{Types: []dns.Type{dns.A}, Leftovers: plan.Keep}}}}, at("203.0.113.7"),
					plan.Memory{Last: map[plan.Origin][]addr.Stay{plan.Here(addr.IPv4): {{Seen: at("198.51.100.1")[plan.Here(addr.IPv4)]}}}})
			}
			s.holds(old.Name, s.record("race", "203.0.113.7"), s.record("race", "192.0.2.9"))
		}, several},
	}
}

// raced checks what became of a set that another hand wrote to meanwhile, and of
// one beside it.
func (s *session) raced(race, calm provider.SetResult) {
	s.Helper()
	stale := func(r provider.SetResult) bool { return r.Errs[0] != nil && r.Errs[0].Kind == provider.Stale }
	if stale(race) != s.Sets {
		s.Errorf("the write of what was read before came to %v", race.Errs[0])
	}
	if whole := s.Sets && s.zone.Guard == provider.GuardsBatch; whole != stale(calm) || !whole && calm.Errs[0] != nil {
		s.Errorf("the write beside it came to %v", calm.Errs[0])
	}
}

// guardTests are about hosts that are given whole sets.
func guardTests() []test {
	return []test{
		{"a set that nobody compares is read immediately before it is written", func(s *session) {
			if s.zone.Guard != provider.Unguarded {
				s.Logf("the host guards %s", s.zone.Guard)
				return
			}
			old := s.seed(s.record("a", "192.0.2.1"), s.record("b", "192.0.2.1"))
			s.Trace(s.T)
			s.succeed(update(old[0], point("192.0.2.9")), update(old[1], point("192.0.2.9")), create(s.record("c", "192.0.2.1")))
			if got := s.Trace(s.T); !slices.Equal(got, []string{"read", "write", "read", "write", "read", "write"}) {
				s.Errorf("it went like this: %q", got)
			}
		}, nil},
	}
}
