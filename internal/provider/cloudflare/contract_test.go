package cloudflare

import (
	"net/netip"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/sim"
)

func TestContract(t *testing.T) {
	t.Run("plan free", func(t *testing.T) { contract(t, "free", nil, sim.Options{}) })
	t.Run("plan pro", func(t *testing.T) {
		contract(t, "pro", []string{"owner:homing", "site:home"}, sim.Options{Pointers: true})
	})
	t.Run("older answers", func(t *testing.T) { contract(t, "free", nil, sim.Options{Chains: true, ZonePage: 5, RecordPage: 100}) })
}

func contract(t *testing.T, plan string, tags []string, o sim.Options) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		cf, p := simulated(t)
		cf.SetOptions(o)
		const zone = "example.org"
		cf.AddZone(sim.Zone{Name: zone, Plan: plan, Quota: 3000})
		cf.AddZone(sim.Zone{Name: "sub." + zone, Plan: plan})
		return providertest.Subject{
			Provider: p, Zone: name(zone), SubZone: name("sub." + zone), Many: 1234, Tags: tags,
			Seed: func(_ *testing.T, records ...dns.Record) {
				for _, r := range records {
					cf.AddRecord(zone, sim.Record{Type: string(r.Type), Name: r.Name.String(), Content: r.Content(),
						Proxied: r.Proxied, TTL: r.TTL, Comment: r.Comment, Tags: r.Tags})
				}
			},
			Stored: func(_ *testing.T, n dns.Name) []dns.Record {
				var all []dns.Record
				for _, r := range cf.Records(zone) {
					if r.Name == n.String() {
						all = append(all, recordOf(r))
					}
				}
				return all
			},
			Faults: &providertest.Faults{
				LoseAnswers: func(*testing.T) { cf.Fail(sim.Writes, sim.LoseAnswer()) },
				GoDown:      func(*testing.T) { cf.Fail(sim.Every(), sim.HTML(502)) },
				Hang:        func(*testing.T) { cf.Fail(sim.Every(), sim.Stall()) },
			},
		}
	})
}

func recordOf(r sim.Record) dns.Record {
	out := dns.Record{ID: r.ID, Name: name(r.Name), Type: dns.Type(r.Type), Proxied: r.Proxied, TTL: r.TTL,
		Comment: r.Comment, Tags: r.Tags, ReadOnly: r.ReadOnly}
	if a, err := netip.ParseAddr(r.Content); err == nil && out.Type.IsAddress() {
		out.Addr = a
	} else {
		out.Text = r.Content
	}
	return out
}
