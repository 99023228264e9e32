package azure

import (
	"testing"

	"github.com/homing-dns/homing/internal/provider/hostbench"
)

// BenchmarkSync is the calls and the time at a fake on this machine. The API needs a
// call for a token, the zones and the records, and one for each set that changes;
// 1,200 of those are Azure's limit in an hour, which is left away here.
func BenchmarkSync(b *testing.B) {
	floor := hostbench.Floor{First: func(n int) int { return 3 + n }, Change: func(n int) int { return n }}
	hostbench.Run(b, "example.org", floor, func(b *testing.B) hostbench.Counted {
		_, base := newFake(b, "example.org")
		return reaching(b, base)
	})
}
