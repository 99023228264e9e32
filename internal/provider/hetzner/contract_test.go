package hetzner

import (
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/hetzner/hetznertest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

const theToken = "canary-token"

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

// reaching is a Provider for a project.
func reaching(t testing.TB, s *hetznertest.Server, a rest.Account) *Provider {
	t.Helper()
	if a.Client == nil {
		a.Client = resttest.Client(s)
	}
	p, err := New(secret.New(theToken), a)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		s := hetznertest.New(theToken, "example.org", "sub.example.org")
		return providertest.Subject{
			Provider: reaching(t, s, rest.Account{Timeout: 5 * time.Second}), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500, Sets: true,
			Seed:   func(t *testing.T, records ...dns.Record) { s.Seed(t, 0, records...) },
			Stored: func(_ *testing.T, n dns.Name) []dns.Record { return s.Stored(n) },
			Trace:  func(*testing.T) []string { return s.Trace() },
			Faults: providertest.FaultsBy(s.Fail, resttest.Lose, resttest.Down, resttest.Hang, resttest.Ignore),
		}
	})
}
