package program

import (
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits for programs
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		h := newHost(t)
		return providertest.Subject{
			Provider: h.with(t, Config{Timeout: 5 * time.Second}), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 100, Sets: true,
			Seed:   func(_ *testing.T, records ...dns.Record) { h.seed(records...) },
			Stored: func(_ *testing.T, n dns.Name) []dns.Record { return h.stored(n) },
			Trace:  func(*testing.T) []string { return h.trace() },
			Faults: &providertest.Faults{
				LoseAnswers: func(*testing.T) { h.fail(lose) },
				GoDown:      func(*testing.T) { h.fail(down) },
				Hang:        func(*testing.T) { h.fail(hang) },
				Ignore:      func(*testing.T, dns.Record) { h.fail(ignore) },
			},
		}
	})
}
