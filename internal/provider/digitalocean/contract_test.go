package digitalocean

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/digitalocean/digitaloceantest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

const theToken = "canary-token"

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

// reaching is a Provider for an account.
func reaching(t testing.TB, s *digitaloceantest.Server, a rest.Account) *Provider {
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

func seed(s *digitaloceantest.Server, domain string, records ...dns.Record) {
	for _, r := range records {
		label := "@"
		if r.Name.String() != domain {
			label = r.Name.String()[:len(r.Name.String())-len(domain)-1]
		}
		s.Put(domain, digitaloceantest.Record{Type: string(r.Type), Name: label, Data: r.Content(), TTL: r.TTL})
	}
}

// stored takes the records at a name apart by itself.
func stored(t testing.TB, s *digitaloceantest.Server, n dns.Name) (all []dns.Record) {
	t.Helper()
	for _, domain := range []string{"example.org", "sub.example.org"} {
		if !n.IsWithin(name(t, domain)) {
			continue
		}
		label := "@"
		if n.String() != domain {
			label = n.String()[:len(n.String())-len(domain)-1]
		}
		for _, row := range s.At(domain, label) {
			r := dns.Record{ID: strconv.FormatInt(row.ID, 10), Name: n, Type: dns.Type(row.Type), TTL: row.TTL, Text: row.Data}
			if r.Type.IsAddress() {
				r.Addr, r.Text = netip.MustParseAddr(row.Data), ""
			} else if r.Type == dns.TXT {
				r = r.WithData(dns.ParseTXT(row.Data))
			}
			all = append(all, r)
		}
	}
	dns.SortRecords(all)
	return all
}

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		s := digitaloceantest.New(theToken, "example.org", "sub.example.org")
		return providertest.Subject{
			Provider: reaching(t, s, rest.Account{Timeout: 5 * time.Second}), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500,
			Seed:   func(t *testing.T, records ...dns.Record) { seed(s, "example.org", records...) },
			Stored: func(t *testing.T, n dns.Name) []dns.Record { return stored(t, s, n) },
			Faults: providertest.FaultsBy(s.Fail, resttest.Lose, resttest.Down, resttest.Hang),
		}
	})
}
