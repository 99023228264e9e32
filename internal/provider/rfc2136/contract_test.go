package rfc2136

import (
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

func TestContract(t *testing.T) {
	for _, f := range flavours() {
		t.Run(f.name, func(t *testing.T) {
			providertest.Run(t, func(t *testing.T) providertest.Subject {
				s := serve(t, f, "example.org", "sub.example.org")
				return providertest.Subject{
					Provider: s.provider(), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500, Sets: true, Served: true,
					Seed:   func(_ *testing.T, records ...dns.Record) { s.seed(records...) },
					Stored: func(_ *testing.T, n dns.Name) []dns.Record { return s.stored(n) },
					Faults: &providertest.Faults{
						LoseAnswers: func(*testing.T) { s.set(func(s *server) { s.lose = true }) },
						GoDown:      func(*testing.T) { s.set(func(s *server) { s.down = true }) },
						Hang:        func(*testing.T) { s.set(func(s *server) { s.hang = true }) },
						Ignore: func(_ *testing.T, as dns.Record) {
							s.set(func(s *server) {
								z := s.zones[s.apexOf(as.Name.String())]
								z[as.Name.String()] = append(slices.DeleteFunc(slices.Clone(z[as.Name.String()]), func(r dns.Record) bool { return r.Key() == as.Key() }), as)
								s.ignore = true
							})
						},
					},
				}
			})
		})
	}
}
