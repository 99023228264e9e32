package dyndns2

import (
	"fmt"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// BenchmarkSync is the updates and the time of a first sync, of a look that is
// followed by nothing, and of a change of all, for names in one zone at a service on
// this machine. An update is a request of its own: the floor is one a name.
func BenchmarkSync(b *testing.B) {
	for _, n := range []int{1, 200, 2000} {
		names := make([]dns.Name, n)
		var first, change []plan.Set
		for i := range n {
			host := fmt.Sprintf("n%04d.example.org", i)
			names[i] = name(b, host)
			first = append(first, pointing(b, host, "", old4, "", old6)...)
			change = append(change, pointing(b, host, old4, new4, old6, new6)...)
		}
		for _, what := range []string{"first", "quiet", "change"} {
			b.Run(fmt.Sprintf("%s/%d", what, n), func(b *testing.B) {
				for range b.N {
					b.StopTimer()
					f := serve(b, "no-ip", []time.Duration{0}, "example.org")
					f.Wild = true
					p := f.provider(b)
					sets := first
					if what != "first" {
						for _, n := range names {
							f.Put(n.String(), a(old4), aaaa(old6))
						}
						sets = change
					}
					b.StartTimer()
					bench(b, p, names, what != "quiet", sets)
					b.ReportMetric(float64(len(f.Calls())), "updates")
				}
			})
		}
	}
}

func bench(b *testing.B, p *Provider, names []dns.Name, write bool, sets []plan.Set) {
	placed, _, err := p.Zones(b.Context(), names)
	if err != nil || len(placed) != len(names) {
		b.Fatal(err)
	}
	if _, err := p.Records(b.Context(), placed[0].Zone, names); err != nil {
		b.Fatal(err)
	}
	if !write {
		return
	}
	for _, r := range p.Apply(b.Context(), provider.Zone{ID: "example.org", Name: placed[0].Zone.Name, Limits: Limits()}, sets) {
		for _, err := range r.Errs {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
