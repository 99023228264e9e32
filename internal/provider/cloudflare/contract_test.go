package cloudflare

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
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

func contract(t *testing.T, kind string, tags []string, o sim.Options) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		cf, p := simulated(t)
		cf.SetOptions(o)
		const zone = "example.org"
		cf.AddZone(sim.Zone{Name: zone, Plan: kind, Quota: 3000})
		cf.AddZone(sim.Zone{Name: "sub." + zone, Plan: kind})
		cf.AddZone(sim.Zone{Name: "other.example", Plan: "business"}) // with a Free plan alone there is room for one list
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
			Lists: listHost(cf),
			Faults: &providertest.Faults{
				LoseAnswers: func(*testing.T) { cf.Fail(sim.IsWrite, sim.LoseAnswer()) },
				GoDown:      func(*testing.T) { cf.Fail(sim.All(), sim.HTML(502)) },
				Hang:        func(*testing.T) { cf.Fail(sim.All(), sim.Stall()) },
				Ignore: func(_ *testing.T, as dns.Record) {
					cf.Fail(sim.IsWrite, sim.TamperStored(func(r *sim.Record) { r.Content = as.Content() }))
				},
			},
		}
	})
}

func listHost(cf *sim.Cloudflare) *providertest.ListHost {
	return &providertest.ListHost{
		Account: sim.Account,
		Seed: func(_ *testing.T, l plan.List, items ...plan.ListItem) {
			if !slices.ContainsFunc(cf.Lists(sim.Account), func(have sim.List) bool { return have.Name == l.Name }) {
				cf.AddList(sim.Account, sim.List{Name: l.Name, Description: l.Description})
			}
			cf.SetItems(sim.Account, l.Name, simItems(items)...)
		},
		Stored: func(_ *testing.T, l plan.List) (string, []plan.ListItem, bool) {
			for _, have := range cf.Lists(sim.Account) {
				if have.Name == l.Name {
					return have.Description, planItems(cf.Items(sim.Account, l.Name)), true
				}
			}
			return "", nil, false
		},
		RefuseItems: func(*testing.T) { cf.Fail(sim.ToRoute(sim.AddItems), sim.Refuse(400, 10046, "no more")) },
	}
}

func simItems(items []plan.ListItem) []sim.Item {
	var all []sim.Item
	for _, i := range items {
		all = append(all, sim.Item{ID: i.ID, IP: formatPrefix(i.Prefix), Comment: i.Comment})
	}
	return all
}

func planItems(items []sim.Item) []plan.ListItem {
	var all []plan.ListItem
	for _, i := range items {
		all = append(all, plan.ListItem{ID: i.ID, Prefix: parsePrefix(i.IP), Comment: i.Comment})
	}
	return all
}

func recordOf(r sim.Record) dns.Record {
	out := dns.Record{ID: r.ID, Name: name(r.Name), Type: dns.Type(r.Type), Proxied: r.Proxied, TTL: r.TTL,
		Comment: r.Comment, Tags: r.Tags, ReadOnly: r.ReadOnly}
	if a, err := netip.ParseAddr(r.Content); err == nil && out.Type.IsAddress() {
		out.Addr = a
	} else if out.Text = r.Content; out.Type == dns.TXT {
		out.Text = dns.ParseTXT(r.Content).Text
	}
	return out
}
