package digitalocean

import (
	"testing"

	"github.com/homing-dns/homing/internal/provider/digitalocean/digitaloceantest"
	"github.com/homing-dns/homing/internal/provider/hostbench"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// BenchmarkSync is the calls and the time without the limits of the host, by which
// 250 of these calls take a minute. The API takes a call for each record, one for
// the domains and one for each 200 records there are.
func BenchmarkSync(b *testing.B) {
	floor := hostbench.Floor{First: func(n int) int { return 2 + n }, Change: func(n int) int { return n }}
	hostbench.Run(b, "example.org", floor, func(b *testing.B) hostbench.Counted {
		return reaching(b, digitaloceantest.New(theToken, "example.org"), rest.Account{})
	})
}
