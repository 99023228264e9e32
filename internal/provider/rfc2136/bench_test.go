package rfc2136

import (
	"fmt"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// BenchmarkSync is the messages and the time of a first sync and of a change of
// all, for names in one zone at a server on this machine.
func BenchmarkSync(b *testing.B) {
	for _, n := range []int{1, 200, 2000} {
		b.Run(fmt.Sprintf("first/%d", n), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				s := serve(b, flavours()[0], "example.org")
				p := s.provider()
				sets, before := many(b, n)
				var names []dns.Name
				for i := range sets {
					names = append(names, sets[i].Key.Name)
					sets[i] = plan.Set{Key: sets[i].Key, Changes: []plan.Change{{Action: plan.ToCreate, New: before[i]}}}
				}
				b.StartTimer()
				placed, _, err := p.Zones(b.Context(), names)
				if err != nil || len(placed) != n {
					b.Fatal(err)
				}
				if _, err := p.Records(b.Context(), placed[0].Zone, names); err != nil {
					b.Fatal(err)
				}
				if got := kinds(p.Apply(b.Context(), placed[0].Zone, sets)); got["done"] != n {
					b.Fatal(got)
				}
				b.ReportMetric(float64(p.Calls()), "messages")
			}
		})
		b.Run(fmt.Sprintf("change/%d", n), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				s := serve(b, flavours()[0], "example.org")
				p := s.provider()
				sets, before := many(b, n)
				s.seed(before...)
				b.StartTimer()
				if got := kinds(p.Apply(b.Context(), foundZone(name(b, "example.org")), sets)); got["done"] != n {
					b.Fatal(got)
				}
				b.ReportMetric(float64(p.Calls()), "messages")
				b.ReportMetric(float64(s.updates), "updates")
			}
		})
	}
}
