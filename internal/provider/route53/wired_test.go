package route53

import (
	"net/http"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/provider/route53/route53test"
	"github.com/homing-dns/homing/internal/secret"
)

// wired is a host that only reads.
func wired() providertest.Wired {
	return providertest.Wired{Nothing: []string{`<ListHostedZonesResponse/>`, `<ListResourceRecordSetsResponse/>`, `<ListResourceRecordSetsResponse><IsTruncated>false</IsTruncated></ListResourceRecordSetsResponse>`}, Make: func(t testing.TB, names []dns.Name, front func(http.Handler) http.Handler) provider.Provider {
		f := account()
		for _, n := range names {
			f.Put(theZone, route53test.Set{Name: n.String() + ".", Type: "A", TTL: 300, Values: []string{"192.0.2.1"}})
		}
		p, err := New(Config{Keys: Keys{ID: theID, Secret: secret.New(theSecret)}, Client: resttest.Client(front(f)), Quota: rest.NewQuota(rest.Limit{Host: "Route 53"})})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}}
}

func TestTheAnswersOfRoute53(t *testing.T) { wired().Run(t) }

func FuzzAnswers(f *testing.F) { wired().Fuzz(f) }
