package providertest

import (
	"fmt"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// setTests are about several changes in one call.
func setTests() []test {
	return []test{
		{"no change is no result", func(s *session) { s.apply() }, nil},
		{"the changes of an RRset are carried out together", func(s *session) {
			at := s.seed(s.record("a", "192.0.2.1"), s.record("a", "192.0.2.2"), s.record("a", "192.0.2.3"))
			s.succeed(update(at[0], point("192.0.2.11")), create(s.record("a", "192.0.2.12")), remove(at[1]), remove(at[2]))
			s.holds(at[0].Name, s.record("a", "192.0.2.11"), s.record("a", "192.0.2.12"))
		}, several},
		{"results come in the order of the changes", func(s *session) {
			at := s.seed(s.record("a", "192.0.2.1"), s.record("b", "192.0.2.1"), s.record("b", "192.0.2.2"), s.record("d", "192.0.2.1"))
			s.succeed(remove(at[0]),
				update(at[1], point("192.0.2.11")), create(s.record("b", "192.0.2.12")), remove(at[2]),
				create(s.record("c", "192.0.2.13")), create(s.record("c", "2001:db8::1")),
				update(at[3], point("192.0.2.14")))
			s.holds(at[0].Name)
			s.holds(at[1].Name, s.record("b", "192.0.2.11"), s.record("b", "192.0.2.12"))
			s.holds(s.name("c"), s.record("c", "192.0.2.13"), s.record("c", "2001:db8::1"))
			s.holds(at[3].Name, s.record("d", "192.0.2.14"))
		}, several},
		{"nothing is deleted when what was to replace it is refused", func(s *session) {
			old := s.seed(s.record("a", "192.0.2.1"))[0]
			gone := s.record("a", "192.0.2.2")
			gone.ID = absent
			for i, r := range s.apply(update(gone, point("192.0.2.11")), remove(old)) {
				if r.Err == nil {
					s.Errorf("change %d is said to be done", i)
				}
			}
			s.holds(old.Name, old)
		}, nil},
		{"one refused change does not hold back the others", func(s *session) {
			alias := dns.Record{Name: s.name("m"), Type: dns.CNAME, Text: "example.net", TTL: dns.AutoTTL}
			old := s.seed(alias, s.record("b", "192.0.2.1"))[1]
			bad := create(s.record("m", "192.0.2.1"))
			cs := []plan.Change{create(s.record("a", "192.0.2.1")), update(old, point("192.0.2.9")), bad,
				create(s.record("x", "192.0.2.1")), create(s.record("y", "192.0.2.1"))}
			for i, r := range s.apply(cs...) {
				if refused := cs[i].Key() == bad.Key(); refused != (r.Err != nil) || refused && r.Err.Kind != provider.Rejected {
					s.Errorf("%s: %v", cs[i].Words(), r.Err)
				}
			}
			s.holds(alias.Name, alias)
			s.holds(s.name("a"), s.record("a", "192.0.2.1"))
			s.holds(s.name("b"), s.record("b", "192.0.2.9"))
			s.holds(s.name("y"), s.record("y", "192.0.2.1"))
		}, nil},
		{"more changes than one call takes are all carried out", func(s *session) {
			var names []dns.Name
			var creates, updates, deletes []plan.Change
			for i := range s.Many {
				r := s.record(fmt.Sprintf("n%04d", i), fmt.Sprintf("192.0.%d.%d", 2+i/250, 1+i%250))
				names, creates = append(names, r.Name), append(creates, create(r))
			}
			for i, r := range s.succeed(creates...) {
				updates = append(updates, update(r, point(fmt.Sprintf("198.51.%d.%d", 100+i/250, 1+i%250))))
			}
			for _, r := range s.succeed(updates...) {
				deletes = append(deletes, remove(r))
			}
			if got := s.read(names...); len(got) != s.Many {
				s.Errorf("%d records are listed, want %d", len(got), s.Many)
			}
			s.holds(names[s.Many-1], updates[s.Many-1].New)
			if s.Single {
				return
			}
			s.succeed(deletes...)
			if got := s.read(names...); len(got) != 0 {
				s.Errorf("%d records are left", len(got))
			}
		}, nil},
	}
}
