// Package hostbench measures what a DNS host costs homing: the calls, or messages,
// and the time of a first sync, a quiet round and a change, for benchmarks.
package hostbench

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
)

// Counted is a provider that counts its calls.
type Counted interface {
	provider.Provider
	provider.Meter
}

// Floor is the least calls that a host's API allows for n names in one zone.
type Floor struct{ First, Change func(n int) int }

// Run measures rounds of 1, 200 and 2,000 names, against an empty zone of this name
// that make gives anew each time, with a provider that reaches it.
func Run(b *testing.B, zone string, floor Floor, make func(b *testing.B) Counted) {
	for _, n := range []int{1, 200, 2000} {
		b.Run(fmt.Sprintf("names=%d", n), func(b *testing.B) {
			var spent [3]time.Duration
			var calls [3]int64
			for range b.N {
				b.StopTimer()
				p, here := make(b), &place{}
				e := here.engine(p, names(b, zone, n))
				b.StartTimer()
				for i, address := range []string{"84.1.2.3", "84.1.2.3", "84.1.2.4"} {
					here.address = netip.MustParseAddr(address)
					before, began := p.Calls(), time.Now()
					r := e.Once(b.Context())
					spent[i] += time.Since(began)
					calls[i] = p.Calls() - before
					if done, failed := r.Count(); failed > 0 || done != []int{n, 0, n}[i] || r.Outcome() == status.Failed {
						b.Fatalf("round %d: %d done, %d failed: %v", i+1, done, failed, r.Conditions)
					}
				}
			}
			for i, what := range []string{"first", "quiet", "change"} {
				b.ReportMetric(float64(calls[i]), "calls-"+what)
				b.ReportMetric(float64(spent[i].Microseconds())/1000/float64(b.N), "ms-"+what)
			}
			b.ReportMetric(float64(floor.First(n)), "floor-first")
			b.ReportMetric(float64(floor.Change(n)), "floor-change")
		})
	}
}

func names(b *testing.B, zone string, n int) (all []plan.Record) {
	for i := range n {
		name, err := dns.ParseName(fmt.Sprintf("n%04d.%s", i, zone))
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, plan.Record{Name: name, Options: &plan.Options{Types: []dns.Type{dns.A}, Attrs: plan.Attrs{TTL: dns.AutoTTL}}})
	}
	return all
}

// place is a source that says where this place is.
type place struct{ address netip.Addr }

func (p *place) Voter() addr.Voter {
	return addr.Voter{Source: "bench", Operator: "bench", Route: "bench", Authenticated: true, Certain: true}
}

func (p *place) Observe(context.Context) addr.Observation {
	return addr.Known(netip.PrefixFrom(p.address, 32))
}

// engine is a loop over one account.
func (p *place) engine(host provider.Provider, records []plan.Record) *engine.Engine {
	every, err := schedule.Parse("@every 5m", time.UTC)
	if err != nil {
		panic(err)
	}
	panel := detect.New(detect.Config{Family: addr.IPv4, Sources: []detect.Source{p}, Rule: addr.First(), Timeout: 5 * time.Second})
	return engine.New(engine.Config{
		Accounts: []engine.Account{{Provider: host, Spec: plan.Spec{Records: records}}},
		Panels:   map[plan.Origin]*detect.Detector{plan.Here(addr.IPv4): panel},
		Schedule: every, Resync: 15 * time.Minute, UpdateTimeout: time.Minute, Log: slog.New(slog.DiscardHandler),
	})
}

// Change makes n names in an empty zone and then changes all of them, at the pace
// that the host is asked at. It says how long that took, on a clock that need not be
// the real one.
func Change(t *testing.T, p provider.Provider, zone string, n int) time.Duration {
	t.Helper()
	began := time.Now()
	name, err := dns.ParseName(zone)
	if err != nil {
		t.Fatal(err)
	}
	placed, _, err := p.Zones(t.Context(), []dns.Name{name})
	if err != nil || len(placed) != 1 {
		t.Fatal(placed, err)
	}
	z := placed[0].Zone
	var sets []plan.Set
	for i := range n {
		name, err := dns.ParseName(fmt.Sprintf("n%04d.%s", i, zone))
		if err != nil {
			t.Fatal(err)
		}
		r := dns.Record{Name: name, Type: dns.A, Addr: netip.MustParseAddr("84.1.2.3"), TTL: max(dns.AutoTTL, z.Limits.AutoTTL)}
		sets = append(sets, plan.Set{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}})
	}
	held := apply(t, p, z, sets)
	for i, records := range held {
		r := records[0]
		r.Addr = netip.MustParseAddr("84.1.2.4")
		sets[i].Records, sets[i].Changes = records, []plan.Change{{Action: plan.ToUpdate, Old: records[0], New: r}}
	}
	apply(t, p, z, sets)
	return time.Since(began)
}

// apply carries out sets, and waits where the host asks for it.
func apply(t *testing.T, p provider.Provider, z provider.Zone, sets []plan.Set) [][]dns.Record {
	t.Helper()
	held := make([][]dns.Record, len(sets))
	left := make([]int, len(sets))
	for i := range sets {
		left[i] = i
	}
	for tries := 0; len(left) > 0; tries++ {
		if tries > 10000 {
			t.Fatalf("%d sets are not done", len(left))
		}
		var some []plan.Set
		for _, i := range left {
			some = append(some, sets[i])
		}
		var again []int
		wait := time.Duration(0)
		for k, r := range p.Apply(t.Context(), z, some) {
			switch err := r.Errs[0]; {
			case err == nil:
				held[left[k]] = r.Records
			case err.Kind == provider.Throttled || err.Kind == provider.NotTried:
				wait = max(wait, err.RetryAfter)
				again = append(again, left[k])
			default:
				t.Fatal(err)
			}
		}
		if left = again; len(left) > 0 {
			time.Sleep(max(wait, time.Second))
		}
	}
	return held
}
