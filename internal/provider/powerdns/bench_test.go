package powerdns

import (
	"net/http/httptest"
	"testing"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/hostbench"
	"github.com/homing-dns/homing/internal/provider/powerdns/pdnstest"
	"github.com/homing-dns/homing/internal/secret"
)

// BenchmarkSync is the calls and the time at a server on this machine. The API needs
// one call to find the zone, one to read it and one PATCH; of a zone that is known
// and read, one PATCH.
func BenchmarkSync(b *testing.B) {
	floor := hostbench.Floor{First: func(int) int { return 3 }, Change: func(int) int { return 1 }}
	hostbench.Run(b, "example.org", floor, func(b *testing.B) hostbench.Counted {
		s := httptest.NewServer(pdnstest.New(theKey, "example.org."))
		b.Cleanup(s.Close)
		client := httpx.New(httpx.Options{})
		b.Cleanup(client.CloseIdle)
		p, err := New(Config{Key: secret.New(theKey), BaseURL: s.URL, Client: client})
		if err != nil {
			b.Fatal(err)
		}
		return p
	})
}
