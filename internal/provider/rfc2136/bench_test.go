package rfc2136

import (
	"testing"

	"github.com/homing-dns/homing/internal/provider/hostbench"
)

// BenchmarkSync is the messages and the time at a server on this machine. What the
// protocol needs for a change is a message for about 1,000 names, and before a first
// sync the zone and what stands there.
func BenchmarkSync(b *testing.B) {
	updates := func(n int) int { return (n + 999) / 1000 }
	floor := hostbench.Floor{First: func(n int) int { return 1 + n + updates(n) }, Change: updates}
	hostbench.Run(b, "home.example.org", floor, func(b *testing.B) hostbench.Counted {
		return serve(b, flavours()[0], "home.example.org").provider()
	})
}
