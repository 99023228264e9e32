package dyndns2

import (
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

func TestContract(t *testing.T) {
	for _, service := range []string{"no-ip", "he.net", "desec", "dynv6"} {
		t.Run(service, func(t *testing.T) {
			providertest.Run(t, func(t *testing.T) providertest.Subject {
				f := serve(t, service, []time.Duration{time.Hour, 2 * time.Hour}, "example.org", "sub.example.org")
				f.Wild = true
				t.Cleanup(func() { f.kept(t) })
				return providertest.Subject{
					Provider: f.provider(t), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500, Sets: true, Served: true, Single: true,
					Seed:   func(_ *testing.T, records ...dns.Record) { f.seed(records...) },
					Stored: func(_ *testing.T, n dns.Name) []dns.Record { return f.stored(t, n) },
					Trace:  func(*testing.T) []string { return f.Trace() },
					Faults: providertest.FaultsBy(f.Fail, dyntest.Lose, dyntest.Down, dyntest.Hang),
				}
			})
		})
	}
}

func (f *fake) seed(records ...dns.Record) {
	for _, r := range records {
		f.Put(r.Name.String(), dyntest.Record{Type: string(r.Type), Data: r.Content()})
	}
}

func (f *fake) stored(t *testing.T, n dns.Name) (all []dns.Record) {
	for _, r := range f.Stored(n.String()) {
		record := dns.Record{Name: n, Type: dns.Type(r.Type), Text: r.Data, TTL: dns.AutoTTL}
		if record.Type.IsAddress() {
			record = recordOf(n, addr(t, r.Data))
		}
		all = append(all, record)
	}
	return all
}
