package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// elsewhere returns a second place whose addresses are seen under a name.
func elsewhere(t *testing.T, at string) *house {
	h := newHouse(t)
	h.moveTo(at)
	return h
}

// sited gives an engine a site, and a record of these sites.
func sited(site string, of *house, name string, sites ...string) func(*Config) {
	return func(c *Config) {
		c.Panels[plan.Origin{Site: site, Family: addr.IPv4}] = of.panel(addr.IPv4)
		a := &c.Accounts[0]
		a.Spec.Records = append(a.Spec.Records, plan.Record{Name: mustName(of.t, name), Options: &plan.Options{Types: []dns.Type{dns.A}, Sites: sites,
			Attrs: plan.Attrs{TTL: dns.AutoTTL}}})
	}
}

// Two sites of one zone share one view and one plan; the trouble of one is not
// the other's.
func TestSitesShareAZoneAndNoTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, cable := newHouse(t, "example.org"), elsewhere(t, home2)
		reads := 0
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.ReadRecords && !c.Done {
				reads++
			}
			return nil
		})
		e := h.engine([]string{"home.example.org"}, sited("cable", cable, "cable.example.org", "cable"), sited("cable", cable, "both.example.org", "", "cable"))
		r := e.round(t.Context(), looping)
		h.wants("home.example.org", dns.A, home1)
		h.wants("cable.example.org", dns.A, home2)
		h.wants("both.example.org", dns.A, home1, home2)
		if reads != 1 || len(r.Seen) != 2 {
			t.Errorf("%d listings, seen %v", reads, r.Seen)
		}

		cable.lose(addr.IPv4)
		h.moveTo(home3)
		time.Sleep(10 * time.Minute)
		r = e.round(t.Context(), looping)
		h.wants("home.example.org", dns.A, home3)
		h.wants("cable.example.org", dns.A, home2)
		h.wants("both.example.org", dns.A, home2, home3) // what is not known stays, and what is is written
		if len(r.Conditions) != 1 || r.Conditions[0].Code != status.AddressUnknown || r.Conditions[0].Subject != "IPv4 of cable" {
			t.Errorf("conditions %v", r.Conditions)
		}

		cable.moveTo(home4)
		time.Sleep(10 * time.Minute)
		e.round(t.Context(), looping)
		h.wants("cable.example.org", dns.A, home4)
		h.wants("both.example.org", dns.A, home3, home4)
		time.Sleep(10 * time.Minute)
		if r = e.round(t.Context(), looping); r.Outcome() != status.Unchanged {
			t.Errorf("afterwards it is %v: %v", r.Outcome(), r.Conditions)
		}
	})
}

// A site that answers late is a later apply of the same round, and holds nobody up.
func TestALateSiteHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, cable, dsl := newHouse(t, "example.org"), elsewhere(t, home2), elsewhere(t, home3)
		cable.delay(addr.IPv4, 2*time.Second)
		e := h.engine([]string{"home.example.org"}, sited("cable", cable, "cable.example.org", "cable"),
			sited("dsl", dsl, "dsl.example.org", "dsl"), sited("dsl", dsl, "two.example.org", "dsl", "cable"))
		var writes []time.Duration
		begun := time.Now()
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteBatch && !c.Done {
				writes = append(writes, time.Since(begun))
			}
			return nil
		})
		e.round(t.Context(), looping)
		if len(writes) != 2 || writes[0] > time.Second {
			t.Errorf("written after %v", writes)
		}
		for n, want := range map[string][]string{"home": {home1}, "cable": {home2}, "dsl": {home3}, "two": {home2, home3}} {
			h.wants(n+".example.org", dns.A, want...)
		}
	})
}

// What is known of each site lasts from round to round on its own.
func TestMemoryIsASitesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, cable := newHouse(t, "example.org"), elsewhere(t, home2)
		e := h.engine([]string{"home.example.org"}, sited("cable", cable, "cable.example.org", "cable"))
		e.round(t.Context(), looping)
		for o, want := range map[plan.Origin]string{plan.Here(addr.IPv4): home1, {Site: "cable", Family: addr.IPv4}: home2} {
			if got := e.cfg.Memory.current().Last[o]; len(got) != 1 || got[0].Seen.Describe() != want {
				t.Errorf("%s: %v", o, got)
			}
		}
	})
}
