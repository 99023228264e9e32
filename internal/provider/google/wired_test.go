package google

import (
	"net/http"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/google/googletest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

// wired is a host that only reads.
func wired() providertest.Wired {
	return providertest.Wired{Nothing: []string{`{"kind":"dns#project"}`}, Make: func(t testing.TB, names []dns.Name, front func(http.Handler) http.Handler) provider.Provider {
		f := googletest.New("my-project")
		f.Add(googletest.Zone{Name: "example-org", DNSName: providertest.WiredZone + "."})
		for _, n := range names {
			f.Put("example-org", googletest.RRset{Name: n.String() + ".", Type: "A", TTL: 300, Data: []string{"192.0.2.1"}})
		}
		client := resttest.Client(front(f))
		p, err := New(Config{Key: secret.New(f.KeyFile("http://127.0.0.1/token")), BaseURL: "http://127.0.0.1", Client: client, Tokens: client})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}}
}

func TestTheAnswersOfGoogle(t *testing.T) { wired().Run(t) }

func FuzzAnswers(f *testing.F) { wired().Fuzz(f) }
