package azure

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/azure/azuretest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// newFake is Azure with zones in the resource group of all tests.
func newFake(t testing.TB, zones ...string) (f *azuretest.Server, base string) {
	t.Helper()
	f = azuretest.New()
	for _, z := range zones {
		f.Add(azuretest.Group, z, false)
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s.URL
}

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

func a(t testing.TB, n, address string) dns.Record {
	t.Helper()
	r := dns.Record{Name: name(t, n), Type: dns.A, TTL: 300, Addr: netip.MustParseAddr(address)}
	if r.Addr.Is6() {
		r.Type = dns.AAAA
	}
	return r
}

// reaching is a Provider for the API of a fake.
func reaching(t testing.TB, base string, edits ...func(*Config, *rest.Account)) *Provider {
	t.Helper()
	client := httpx.New(httpx.Options{UserAgent: "homing/test"})
	t.Cleanup(client.CloseIdle)
	c := Config{Subscription: azuretest.Subscription, Tokens: client, Credential: Credential{Tenant: azuretest.Tenant, Client: azuretest.Client, Secret: secret.New(azuretest.Secret)}}
	c.Writes = rest.NewQuota(rest.Limit{Host: "Azure"}) // a test has no hour
	account := rest.Account{BaseURL: base, Client: client, Timeout: 5 * time.Second}
	for _, edit := range edits {
		edit(&c, &account)
	}
	p, err := New(c, account)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// door is a way into a zone that uses no Provider.
type door struct {
	f    *azuretest.Server
	zone string
}

func (d door) relative(n dns.Name) string {
	zone, _ := dns.ParseName(d.zone)
	return rest.RelativeName(n, zone, "@")
}

// seed adds records to what stands there.
func (d door) seed(t *testing.T, records ...dns.Record) {
	t.Helper()
	for _, r := range records {
		p := d.f.At(azuretest.Group, d.zone, d.relative(r.Name))[string(r.Type)]
		p.TTL = r.TTL
		if r.Comment != "" {
			p.Metadata = map[string]string{"homing": r.Comment}
		}
		switch r.Type {
		case dns.A:
			p.A = append(append([]azuretest.A{}, p.A...), azuretest.A{Address: r.Content()})
		case dns.AAAA:
			p.AAAA = append(append([]azuretest.AAAA{}, p.AAAA...), azuretest.AAAA{Address: r.Content()})
		case dns.CNAME:
			p.CNAME = &azuretest.CNAME{Target: r.Text}
		case dns.NS:
			p.NS = append(append([]azuretest.NS{}, p.NS...), azuretest.NS{Server: r.Text + "."})
		case dns.TXT:
			p.TXT = append(append([]azuretest.TXT{}, p.TXT...), azuretest.TXT{Strings: r.Data().Strings()})
		}
		d.f.Put(azuretest.Group, d.zone, d.relative(r.Name), string(r.Type), p)
	}
}

// stored is what stands at a name.
func (d door) stored(_ *testing.T, n dns.Name) (all []dns.Record) {
	for kind, p := range d.f.At(azuretest.Group, d.zone, d.relative(n)) {
		add := func(data dns.Data) {
			all = append(all, dns.Record{Name: n, Type: dns.Type(kind), TTL: p.TTL, Comment: p.Metadata["homing"]}.WithData(data))
		}
		for _, r := range p.A {
			add(dns.Data{Addr: netip.MustParseAddr(r.Address)})
		}
		for _, r := range p.AAAA {
			add(dns.Data{Addr: netip.MustParseAddr(r.Address)})
		}
		for _, r := range p.NS {
			add(dns.Data{Text: r.Server[:len(r.Server)-1]})
		}
		for _, r := range p.TXT {
			add(dns.DataOfStrings(r.Strings...))
		}
		if p.CNAME != nil {
			add(dns.Data{Text: p.CNAME.Target})
		}
	}
	return dns.SortRecords(all)
}

// zoneOf is the zone of a name.
func zoneOf(t *testing.T, p *Provider, n string) provider.Zone {
	t.Helper()
	placed, unplaced, err := p.Zones(t.Context(), []dns.Name{name(t, n)})
	if err != nil || len(placed) != 1 {
		t.Fatal(placed, unplaced, err)
	}
	return placed[0].Zone
}

func create(r dns.Record) plan.Set {
	return plan.Set{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}
}
