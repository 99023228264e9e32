package cloudflare

import (
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/sim"
)

func TestARefusalSaysWhatAZoneOfUnknownPlanTakes(t *testing.T) {
	for _, tt := range []struct {
		what, tier string
		edit       func(*dns.Record)
		want       plan.Limits
	}{
		{"tags on a Free zone", "free", func(r *dns.Record) { r.Tags = []string{"owner:me"} }, plan.Limits{Tags: -1, Batch: smallBatch}},
		{"too many tags on a paid zone", "pro", func(r *dns.Record) { r.Tags = make([]string, 21) }, plan.Limits{Tags: 20, Batch: smallBatch}},
		{"a comment on a Free zone", "free", func(r *dns.Record) { r.Comment = strings.Repeat("ü", 101) }, plan.Limits{Comment: 100, Batch: smallBatch}},
		{"a comment on a paid zone", "pro", func(r *dns.Record) { r.Comment = strings.Repeat("ü", 501) }, plan.Limits{Comment: 500, Batch: smallBatch}},
		{"a TTL of Enterprise", "free", func(r *dns.Record) { r.TTL = 30 }, plan.Limits{MinTTL: 60, MaxTTL: 86400, Batch: smallBatch}},
		{"a TTL for nobody", "enterprise", func(r *dns.Record) { r.TTL = 10 }, plan.Limits{MinTTL: 30, MaxTTL: 86400, Batch: smallBatch}},
	} {
		for _, names := range [][]string{{"a.example.org"}, {"a.example.org", "b.example.org", "c.example.org"}} {
			t.Run(tt.what, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					cf, p := simulated(t)
					cf.SetOptions(sim.Options{Chains: len(names) > 1})
					cf.AddZone(sim.Zone{Name: "example.org", Plan: tt.tier, Silent: true})
					z := zoneOf(t, p, "example.org")
					if z.Limits != (plan.Limits{Batch: smallBatch}) {
						t.Fatalf("the plan is known: %+v", z.Limits)
					}
					cf.Reset()
					changes := changesAt(names...)
					tt.edit(&changes[0].New)
					results := apply(t.Context(), p, z, changes)
					if got := p.Learnt(z); got != tt.want {
						t.Errorf("learnt %+v, want %+v", got, tt.want)
					}
					if n := count(kinds(t, results)); n["rejected"] != len(names) || len(cf.Calls()) != 1 {
						t.Errorf("%v after %d calls", n, len(cf.Calls()))
					}
					if again := zoneOf(t, p, "example.org"); again.Limits != tt.want {
						t.Errorf("forgotten: %+v", again.Limits)
					}
				})
			})
		}
	}
}

func TestNothingIsLearntFromARefusalForAnotherReason(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org", Silent: true})
		z := zoneOf(t, p, "example.org")
		// The same number is another service's "session has expired".
		cf.Fail(func(c sim.Call) bool { return strings.Contains(string(c.Body), "bad.example.org") }, sim.Refuse(400, 9300, "no"))
		results := apply(t.Context(), p, z, changesAt("a.example.org", "bad.example.org", "c.example.org"))
		same(t, "results", kinds(t, results), []string{"done", "rejected", "done"})
		if got := p.Learnt(z); got != z.Limits {
			t.Errorf("learnt %+v", got)
		}
	})
}

func TestAdviceFitsWhereTheAttributeIsTheSettingsAndWhereItIsKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		proxied := sim.Address("kept.example.org", "198.51.100.1")
		proxied.Proxied = true
		cf.AddZone(sim.Zone{Name: "example.org"}, proxied)
		z := zoneOf(t, p, "example.org")
		kept := stored(t, p, z, "kept.example.org")[0]
		made := create(name("new.example.org"), "192.168.1.1")
		made.New.Proxied = true
		results := apply(t.Context(), p, z, []plan.Change{update(kept, "192.168.1.1"), made})
		for i, want := range []string{"policy.enforce: proxied", "set records.proxied to false for this name"} {
			err := results[i].Err
			if err == nil || err.Kind != provider.Rejected || !strings.Contains(err.Hint.String(), want) {
				t.Errorf("result %d is %v with the hint %q", i, err, err.Hint)
			}
		}
	})
}
