package route53

import (
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/route53/route53test"
)

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		f, p := newFake(t)
		return providertest.Subject{
			Provider: p, Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 600, Sets: true,
			Seed: func(t *testing.T, records ...dns.Record) { seed(t, f, theZone, records...) },
			Stored: func(t *testing.T, n dns.Name) []dns.Record {
				if n == name(t, "sub.example.org") || n.IsWithin(name(t, "sub.example.org")) {
					return append(stored(t, f, theZone, n), stored(t, f, subZone, n)...)
				}
				return stored(t, f, theZone, n)
			},
			Faults: providertest.FaultsBy(f.Fail, route53test.Lose, route53test.Down, route53test.Hang),
		}
	})
}
