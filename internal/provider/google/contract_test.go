package google

import (
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/google/googletest"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		f, base := newFake(t, "example.org", "sub.example.org")
		return providertest.Subject{
			Provider: reaching(t, f, base), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500, Sets: true,
			Seed:   func(t *testing.T, records ...dns.Record) { seed(t, f, "example-org", records...) },
			Stored: func(t *testing.T, n dns.Name) []dns.Record { return stored(t, f, "example-org", n) },
			Faults: providertest.FaultsBy(f.Fail, googletest.Lose, googletest.Down, googletest.Hang),
		}
	})
}
