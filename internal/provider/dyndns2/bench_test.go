package dyndns2

import (
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/provider/hostbench"
)

// BenchmarkSync is the updates and the time at a service on this machine. An update
// is a request of its own, so that the floor is one a name; what its name servers
// are asked is no call.
func BenchmarkSync(b *testing.B) {
	each := func(n int) int { return n }
	hostbench.Run(b, "example.org", hostbench.Floor{First: each, Change: each}, func(b *testing.B) hostbench.Counted {
		f := serve(b, "no-ip", []time.Duration{0}, "example.org")
		f.Wild = true
		return f.provider(b)
	})
}
