package engine_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/sim"
	"github.com/homing-dns/homing/internal/status"
)

// A zone that does not say its plan refuses what that plan does not take. What
// is refused is adapted as where the plan is known, in the same round.
func TestWhatAZoneOfUnknownPlanRefusesIsAdapted(t *testing.T) {
	for what, tt := range map[string]struct {
		attrs plan.Attrs
		want  func(sim.Record) bool
	}{
		"tags":      {plan.Attrs{Tags: []string{"owner:me"}}, func(r sim.Record) bool { return len(r.Tags) == 0 }},
		"a TTL":     {plan.Attrs{TTL: 30}, func(r sim.Record) bool { return r.TTL == 60 }},
		"a comment": {plan.Attrs{Comment: strings.Repeat("x", 300)}, func(r sim.Record) bool { return len(r.Comment) == 100 }},
		"all of it": {plan.Attrs{TTL: 30, Tags: []string{"owner:me"}, Comment: strings.Repeat("x", 600)}, func(r sim.Record) bool { return len(r.Comment) == 100 && r.TTL == 60 }},
	} {
		for _, enforce := range []plan.Fields{0, plan.Tags | plan.TTL | plan.Comment} {
			synctest.Test(t, func(t *testing.T) {
				x := found(t, 4, 1, sim.Pipes, func(x *estate) {
					x.cloud.AddZone(sim.Zone{Name: zoneName(0), Silent: true})
					if enforce != 0 {
						x.cloud.AddRecord(zoneName(0), sim.Address(x.names[0], "84.9.9.9"))
					}
					x.change = append(x.change, func(c *engine.Config) {
						for i := range c.Accounts[0].Spec.Records {
							c.Accounts[0].Spec.Records[i].Attrs, c.Accounts[0].Spec.Records[i].Enforce = tt.attrs, enforce
						}
					})
				}, []dns.Type{dns.A})
				r, calls := x.calls(t)
				if r.Outcome() != status.Changed || x.wrong() != 0 || calls > 2+1+5 {
					t.Errorf("%s: %v after %d calls, %d wrong: %v", what, r.Outcome(), calls, x.wrong(), r.Conditions)
				}
				for _, stored := range x.cloud.Records(zoneName(0)) {
					if !tt.want(stored) {
						t.Errorf("%s: stored is %+v", what, stored)
					}
				}
				if !slices.ContainsFunc(r.Conditions, func(c status.Condition) bool { return c.Code == status.SettingAdapted }) {
					t.Errorf("%s: it is not said: %v", what, r.Conditions)
				}
				x.engine.Invalidate()
				if r, calls := x.calls(t); r.Outcome() != status.Unchanged || calls != 2 {
					t.Errorf("%s: once it is learnt a round is %v after %d calls", what, r.Outcome(), calls)
				}
			})
		}
	}
}

func TestDNSOnlyNamesOfAPartialZoneAreSaidInOneWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := found(t, 3, 1, sim.Pipes, func(x *estate) {
			x.cloud.AddZone(sim.Zone{Name: zoneName(0), Type: "partial", Plan: "business"})
			x.change = append(x.change, func(c *engine.Config) { c.Accounts[0].Spec.Records[1].Attrs.Proxied = true })
		}, []dns.Type{dns.A, dns.AAAA})
		r, _ := x.calls(t)
		var said []string
		for _, c := range r.Conditions {
			said = append(said, c.Subject+": "+c.Text)
		}
		want := "zone0.org: the zone is a partial (CNAME) one: Cloudflare does not answer for its domain, only for proxied names, by NAME.cdn.cloudflare.net; " +
			"DNS-only, so without effect: host0.zone0.org and host2.zone0.org"
		if r.Outcome() != status.Changed || !slices.Equal(said, []string{want}) {
			t.Errorf("%v, and said is %q, want %q", r.Outcome(), said, want)
		}
	})
}
