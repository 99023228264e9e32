package google

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/google/googletest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/secret"
)

// newFake is Google with zones, each named with dashes in place of dots.
func newFake(t testing.TB, zones ...string) (f *googletest.Server, base string) {
	t.Helper()
	f = googletest.New("my-project")
	for _, z := range zones {
		f.Add(googletest.Zone{Name: idOf(z), DNSName: z + "."})
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s.URL
}

func idOf(zone string) string {
	b := []byte(zone)
	for i := range b {
		if b[i] == '.' {
			b[i] = '-'
		}
	}
	return string(b)
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
func reaching(t testing.TB, f *googletest.Server, base string, edits ...func(*Config)) *Provider {
	t.Helper()
	client := httpx.New(httpx.Options{UserAgent: "homing/test"})
	t.Cleanup(client.CloseIdle)
	c := Config{Key: secret.New(f.KeyFile(base + "/token")), BaseURL: base, Client: client, Tokens: client, Timeout: 5 * time.Second}
	for _, edit := range edits {
		edit(&c)
	}
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// seed adds records to what stands there, past every Provider.
func seed(t *testing.T, f *googletest.Server, zone string, records ...dns.Record) {
	t.Helper()
	for _, r := range records {
		s := googletest.RRset{Name: r.Name.String() + ".", Type: string(r.Type)}
		for _, here := range f.At(zone, s.Name) {
			if here.Type == s.Type {
				s = here
			}
		}
		content := r.Content()
		if r.Type == dns.CNAME || r.Type == dns.NS {
			content += "."
		}
		s.TTL, s.Data = r.TTL, append(append([]string{}, s.Data...), content)
		f.Put(zone, s)
	}
}

// stored is what stands at a name, past every Provider.
func stored(t *testing.T, f *googletest.Server, zone string, n dns.Name) (all []dns.Record) {
	t.Helper()
	for _, s := range f.At(zone, n.String()+".") {
		r := listedSet{TTL: s.TTL, Data: s.Data, Routing: s.Routing}
		all = append(all, r.toRecords(dns.Key{Name: n, Type: dns.Type(s.Type)})...)
	}
	return all
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

var _ http.Handler = (*googletest.Server)(nil)
