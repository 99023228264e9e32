package route53

import (
	"net/http/httptest"
	"testing"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/hostbench"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// BenchmarkSync is the calls and the time without the limit of the host, which is
// five calls a second. The API needs one call for the zones, one to read an empty
// zone and a batch for each 1,000 new names, or for each 500 that change.
func BenchmarkSync(b *testing.B) {
	each := func(n, batch int) int { return (n + batch - 1) / batch }
	floor := hostbench.Floor{First: func(n int) int { return 2 + each(n, 1000) }, Change: func(n int) int { return each(n, 500) }}
	hostbench.Run(b, "example.org", floor, func(b *testing.B) hostbench.Counted {
		s := httptest.NewServer(account())
		b.Cleanup(s.Close)
		client := httpx.New(httpx.Options{})
		b.Cleanup(client.CloseIdle)
		p, err := New(Config{Keys: Keys{ID: theID, Secret: secret.New(theSecret)}, BaseURL: s.URL, Client: client, Quota: rest.NewQuota(rest.Limit{Host: "Route 53"})})
		if err != nil {
			b.Fatal(err)
		}
		return p
	})
}
