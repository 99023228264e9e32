package azure

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/azure/azuretest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

// wired is a host that only reads.
func wired() providertest.Wired {
	return providertest.Wired{MayLack: []string{"properties", "ARecords"}, Nothing: []string{`{"nextLink":""}`, `{"value":null}`}, Make: func(t testing.TB, names []dns.Name, front func(http.Handler) http.Handler) provider.Provider {
		f := azuretest.New()
		f.Add(azuretest.Group, providertest.WiredZone, false)
		for i := range names {
			f.Put(azuretest.Group, providertest.WiredZone, fmt.Sprint("h", i), "A", azuretest.Properties{TTL: 300, A: []azuretest.A{{Address: "192.0.2.1"}}})
		}
		client := resttest.Client(front(f))
		p, err := New(Config{Subscription: azuretest.Subscription, Tokens: client, Writes: rest.NewQuota(rest.Limit{Host: "Azure"}),
			Credential: Credential{Tenant: azuretest.Tenant, Client: azuretest.Client, Secret: secret.New(azuretest.Secret)}}, rest.Account{BaseURL: "http://127.0.0.1", Client: client})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}}
}

func TestTheAnswersOfAzure(t *testing.T) { wired().Run(t) }

func FuzzAnswers(f *testing.F) { wired().Fuzz(f) }
