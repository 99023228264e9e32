package desec

import (
	"net/http"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/desec/desectest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

// wired is a host that only reads.
func wired() providertest.Wired {
	return providertest.Wired{Empty: `[]`, Make: func(t testing.TB, names []dns.Name, front func(http.Handler) http.Handler) provider.Provider {
		s := desectest.New(theToken, providertest.WiredZone)
		s.Unlimited = true
		for _, n := range names {
			s.Put(providertest.WiredZone, resttest.Key{Name: n.String(), Type: "A"}, resttest.Set{TTL: 3600, Values: []resttest.Value{{Content: "192.0.2.1"}}})
		}
		p, err := New(secret.New(theToken), rest.Account{Client: resttest.Client(front(s))}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}}
}

func TestTheAnswersOfDeSEC(t *testing.T) { wired().Run(t) }

func FuzzAnswers(f *testing.F) { wired().Fuzz(f) }
