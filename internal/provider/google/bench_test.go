package google

import (
	"testing"

	"github.com/homing-dns/homing/internal/provider/hostbench"
)

// BenchmarkSync is the calls and the time at a fake on this machine. The API needs a
// call for a token, the quotas, the zones and the records, and one for each 1,000
// sets that change, which is the quota that all projects begin with.
func BenchmarkSync(b *testing.B) {
	changes := func(n int) int { return (n + 999) / 1000 }
	floor := hostbench.Floor{First: func(n int) int { return 4 + changes(n) }, Change: changes}
	hostbench.Run(b, "example.org", floor, func(b *testing.B) hostbench.Counted {
		f, base := newFake(b, "example.org")
		return reaching(b, f, base)
	})
}
