package azure

import (
	"testing"

	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		f, base := newFake(t, "example.org", "sub.example.org")
		d := door{f, "example.org"}
		return providertest.Subject{
			Provider: reaching(t, base), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500, Sets: true,
			Seed: d.seed, Stored: d.stored,
			Faults: providertest.FaultsBy(f.Fail, resttest.Lose, resttest.Down, resttest.Hang),
		}
	})
}
