package powerdns

import (
	"net/http"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/powerdns/pdnstest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

// wired is a host that only reads.
func wired() providertest.Wired {
	return providertest.Wired{Empty: `[]`, Nothing: []string{`{"id":"example.org.","name":"example.org.","kind":"Native"}`}, Make: func(t testing.TB, names []dns.Name, front func(http.Handler) http.Handler) provider.Provider {
		f := pdnstest.New(theKey, providertest.WiredZone+".")
		for _, n := range names {
			f.Put(providertest.WiredZone+".", pdnstest.RRset{Name: n.String() + ".", Type: "A", TTL: 300, Records: []pdnstest.Value{{Content: "192.0.2.1"}}})
		}
		p, err := New(Config{Key: secret.New(theKey), BaseURL: "https://127.0.0.1", Client: resttest.Client(front(f))})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}}
}

func TestTheAnswersOfPowerDNS(t *testing.T) { wired().Run(t) }

func FuzzAnswers(f *testing.F) { wired().Fuzz(f) }
