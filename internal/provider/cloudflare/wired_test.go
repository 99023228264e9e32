package cloudflare

import (
	"net/http"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/sim"
)

// wired returns a host that only reads.
func wired() providertest.Wired {
	return providertest.Wired{PassesOver: "what nobody manages is not decoded: docs/design/decisions.md", Nothing: []string{`{"success":true,"errors":[],"messages":[],"result":null}`}, Make: func(t testing.TB, names []dns.Name, front func(http.Handler) http.Handler) provider.Provider {
		cf := sim.NewCloudflare()
		cf.AddToken(sim.Token{Value: theSecret})
		cf.AddZone(sim.Zone{Name: providertest.WiredZone})
		for _, n := range names {
			cf.AddRecord(providertest.WiredZone, sim.Record{Type: "A", Name: n.String(), Content: "192.0.2.1", TTL: 300})
		}
		return connect(t, front(cf))
	}}
}

func TestTheAnswersOfCloudflare(t *testing.T) { wired().Run(t) }

func FuzzAnswers(f *testing.F) { wired().Fuzz(f) }
