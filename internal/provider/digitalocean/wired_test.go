package digitalocean

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/digitalocean/digitaloceantest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

// wired is a host that only reads.
func wired() providertest.Wired {
	return providertest.Wired{Nothing: []string{`{"links":{},"meta":{"total":0}}`}, Make: func(t testing.TB, names []dns.Name, front func(http.Handler) http.Handler) provider.Provider {
		s := digitaloceantest.New(theToken, providertest.WiredZone)
		for i := range names {
			s.Put(providertest.WiredZone, digitaloceantest.Record{Type: "A", Name: fmt.Sprint("h", i), Data: "192.0.2.1", TTL: 300})
		}
		p, err := New(secret.New(theToken), rest.Account{Client: resttest.Client(front(s))})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}}
}

func TestTheAnswersOfDigitalOcean(t *testing.T) { wired().Run(t) }

func FuzzAnswers(f *testing.F) { wired().Fuzz(f) }
