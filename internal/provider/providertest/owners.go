package providertest

import (
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// ownedBy is a spec of A records whose marks are these of an owner.
func (s *session) ownedBy(id string, labels ...string) plan.Spec {
	spec := plan.Spec{OwnerID: id}
	for _, l := range labels {
		spec.Records = append(spec.Records, plan.Record{Name: s.name(l), Options: &plan.Options{Types: []dns.Type{dns.A}}})
	}
	return spec
}

// addresses is the addresses at a name.
func (s *session) addresses(label string) (all []string) {
	s.Helper()
	for _, r := range s.stored(dns.Key{Name: s.name(label), Type: dns.A}) {
		all = append(all, r.Content())
	}
	return all
}

func (s *session) addressed(label string, want ...string) {
	s.Helper()
	if got := s.addresses(label); !slices.Equal(got, want) {
		s.Errorf("at %s stands %q, want %q", label, got, want)
	}
}

func ownerTests() []test {
	return []test{
		{"two owners at one zone never touch each other's names", func(s *session) {
			one, two := s.ownedBy("one", "a", "both"), s.ownedBy("two", "b", "both")
			theirs := s.txt("a-k8s", "heritage=external-dns,external-dns/owner=cluster,external-dns/resource=ingress/default/web")
			s.seed(s.record("k8s", "192.0.2.99"), theirs)
			one.Records = append(one.Records, s.ownedBy("", "k8s").Records...)
			s.settle(one, at("203.0.113.1"), plan.OwnedByAnother)
			s.settle(two, at("203.0.113.2"), plan.OwnedByAnother)
			s.addressed("a", "203.0.113.1")
			s.addressed("b", "203.0.113.2")
			s.addressed("both", "203.0.113.1")

			s.settle(two, at("203.0.113.22"), plan.OwnedByAnother)
			s.settle(one, at("203.0.113.11"), plan.OwnedByAnother)
			s.addressed("both", "203.0.113.11")

			s.round(two, plan.NoAddresses(at("203.0.113.2").Origins()...), plan.Memory{})
			s.addressed("a", "203.0.113.11")
			s.addressed("both", "203.0.113.11")
			s.addressed("b")
			s.round(one, plan.NoAddresses(at("203.0.113.1").Origins()...), plan.Memory{})
			for _, l := range []string{"a", "b", "both", "a-a", "a-b", "a-both"} {
				s.holds(s.name(l))
			}
			s.holds(s.name("a-k8s"), theirs)
			s.addressed("k8s", "192.0.2.99")

			s.settle(two, at("203.0.113.2"), "") // what one has let go of is free
			s.addressed("both", "203.0.113.2")
		}, nil},
		{"what stands there without a mark is taken over only if homing is known to have said it", func(s *session) {
			s.seed(s.record("same", "203.0.113.1"), s.record("other", "192.0.2.9"))
			s.settle(s.ownedBy("one", "same", "other"), at("203.0.113.1"), plan.Unmarked)
			s.settle(s.ownedBy("one", "same", "other"), at("203.0.113.2"), plan.Unmarked)
			s.addressed("same", "203.0.113.2")
			s.addressed("other", "192.0.2.9")
		}, nil},
		{"a set that goes with another is not written where that one fails", func(s *session) {
			mark, r := s.txt("a-a", "heritage=external-dns,external-dns/owner=one"), s.record("a", "192.0.2.1")
			s.seed(mark)
			results := s.Provider.Apply(s.Context(), s.zone, []plan.Set{
				{Key: mark.Key(), Changes: []plan.Change{create(mark)}},
				{Key: r.Key(), Changes: []plan.Change{create(r)}, Joined: true}})
			for i, result := range results {
				if result.Errs[0] == nil {
					s.Errorf("set %d is said to be done", i)
				}
			}
			s.holds(r.Name)
			s.holds(mark.Name, mark)
		}, nil},
		{"a mark that becomes another's between reading and writing holds back the record", func(s *session) {
			if s.zone.Guard != provider.GuardsBatch {
				s.Logf("the host guards %s", s.zone.Guard)
				return
			}
			spec := s.ownedBy("one", "a")
			s.settle(spec, at("203.0.113.1"), "")
			p := plan.Diff(plan.Zone{Name: s.zone.Name, Limits: s.zone.Limits}, plan.Targets(spec, at("203.0.113.2"), plan.Memory{}), s.readFor(spec), spec.Owns)
			if len(p.Sets) != 1 {
				s.Fatalf("planned is %s", p.Words())
			}
			s.seed(s.txt("a-a", "heritage=external-dns,external-dns/owner=two"))
			result := s.Provider.Apply(s.Context(), s.zone, p.Sets)[0]
			if noComments := s.zone.Limits.Comment < 0; noComments && (result.Errs[0] == nil || result.Errs[0].Kind != provider.Stale) {
				s.Errorf("the write came to %v", result.Errs[0])
			} else if noComments {
				s.addressed("a", "203.0.113.1")
			}
		}, nil},
	}
}

// settle is rounds until nothing changes, which takes no more than one that does.
// It must come with this note, or with none of the kind that names are held back for.
func (s *session) settle(spec plan.Spec, seen plan.Seen, code plan.NoteCode) {
	s.Helper()
	s.round(spec, seen, plan.Memory{})
	notes, changes := s.round(spec, seen, plan.Memory{})
	if changes > 0 {
		s.Errorf("%d changes once more", changes)
	}
	held := slices.DeleteFunc(notes, func(n plan.Note) bool {
		return n.Code != plan.OwnedByAnother && n.Code != plan.Unmarked && n.Code != plan.NoMark
	})
	if code == "" && len(held) > 0 || code != "" && !slices.ContainsFunc(held, func(n plan.Note) bool { return n.Code == code }) {
		s.Errorf("noted is %v, want %q", held, code)
	}
}
