package route53

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/httpx/httpxtest"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/route53/route53test"
	"github.com/homing-dns/homing/internal/secret"
)

const (
	theID     = "AKIAIOSFODNN7EXAMPLE"
	theSecret = "canary/secret+key"
	theZone   = "Z0123456789ABCDEF"
	subZone   = "Z9876543210FEDCBA"
)

// newFake is an account with the zones example.org and sub.example.org, a private
// one and a Provider that reaches it.
func newFake(t *testing.T, edit ...func(*Config)) (*route53test.Server, *Provider) {
	t.Helper()
	f := account()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, reaching(t, s.URL, httpx.New(httpx.Options{UserAgent: "homing/test"}), edit...)
}

func account() *route53test.Server {
	f := route53test.New(theID, theSecret)
	f.Add(theZone, "example.org.", false)
	f.Add(subZone, "sub.example.org.", false)
	f.Add("ZPRIVATE", "example.org.", true)
	return f
}

func reaching(t *testing.T, base string, c *httpx.Client, edit ...func(*Config)) *Provider {
	t.Helper()
	t.Cleanup(c.CloseIdle)
	cfg := Config{Keys: Keys{ID: theID, Secret: secret.New(theSecret)}, BaseURL: base, Client: c, Timeout: 20 * time.Second, Quota: rest.NewQuota(rest.Limit{Host: "Route 53"})}
	for _, e := range edit {
		e(&cfg)
	}
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

func address(t *testing.T, n, a string) dns.Record {
	t.Helper()
	r := dns.Record{Name: name(t, n), Type: dns.A, TTL: 300, Addr: netip.MustParseAddr(a)}
	if r.Addr.Is6() {
		r.Type = dns.AAAA
	}
	return r
}

// seed adds records to what stands there. It writes values in a way of its own.
func seed(t *testing.T, f *route53test.Server, zone string, records ...dns.Record) {
	t.Helper()
	for _, r := range records {
		s := route53test.Set{Name: r.Name.String() + ".", Type: string(r.Type)}
		for _, here := range f.Sets(zone, s.Name) {
			if here.Type == s.Type {
				s = here
			}
		}
		v := r.Content()
		switch r.Type {
		case dns.CNAME, dns.NS:
			v += "."
		case dns.AAAA:
			v = r.Addr.StringExpanded()
		}
		s.TTL, s.Values = r.TTL, append(s.Values, v)
		f.Put(zone, s)
	}
}

func stored(t *testing.T, f *route53test.Server, zone string, n dns.Name) (all []dns.Record) {
	t.Helper()
	for _, s := range f.Sets(zone, n.String()+".") {
		for _, v := range s.Values {
			r := dns.Record{Name: n, Type: dns.Type(s.Type), TTL: s.TTL}
			all = append(all, r.WithData(parseValue(r.Type, v)))
		}
	}
	dns.SortRecords(all)
	return all
}

func zoneOf(t *testing.T, p *Provider) provider.Zone {
	t.Helper()
	placed, unplaced, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	if err != nil || len(placed) != 1 {
		t.Fatal(placed, unplaced, err)
	}
	return placed[0].Zone
}

func creating(all ...dns.Record) (sets []plan.Set) {
	for _, r := range all {
		sets = append(sets, plan.Set{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}})
	}
	return sets
}

// piped is newFake over pipes, on which synctest can wait.
func piped(t *testing.T) (*route53test.Server, *Provider) {
	t.Helper()
	f := account()
	dial := httpxtest.Serve(t, f)
	return f, reaching(t, "http://127.0.0.1", httpx.New(httpx.Options{Dial: dial}))
}
