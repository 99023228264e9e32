package engine

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// A family that this machine does not have, and that no record needs, is no
// failure; whatever else is not known is one.
func TestAFamilyThatIsNotHereIsNoFailure(t *testing.T) {
	for _, c := range []struct {
		name   string
		here   map[addr.Family]bool
		change func(*house)
		want   status.Outcome
		types  []dns.Type // of a.example.org; nil: both
	}{
		{"no IPv6, and no record of it", map[addr.Family]bool{addr.IPv4: true}, func(*house) {}, status.Changed, nil},
		{"no IPv6, and a record of it", map[addr.Family]bool{addr.IPv4: true}, func(h *house) { h.put("a.example.org", home6) }, status.Failed, nil},
		{"an address or a route of IPv6", map[addr.Family]bool{addr.IPv4: true, addr.IPv6: true}, func(*house) {}, status.Failed, nil},
		{"a zone that cannot be read", map[addr.Family]bool{addr.IPv4: true}, func(h *house) {
			h.hook(func(c memory.Call) *provider.Error {
				if c.Step == memory.ReadRecords && c.Zone == mustName(h.t, "example.net") {
					return &provider.Error{Kind: provider.Unavailable}
				}
				return nil
			})
		}, status.Failed, nil},
		{"no network at all", nil, func(h *house) { h.lose(addr.IPv4) }, status.Failed, nil},
		{"a name of IPv6 alone", map[addr.Family]bool{addr.IPv4: true}, func(*house) {}, status.Failed, []dns.Type{dns.AAAA}},
		{"a name of IPv4 alone", map[addr.Family]bool{addr.IPv4: true}, func(*house) {}, status.Changed, []dns.Type{dns.A}},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org", "example.net")
			c.change(h)
			e := h.engine([]string{"a.example.org", "b.example.net"}, h.both, func(cfg *Config) {
				if records := cfg.Accounts[0].Spec.Records; c.types != nil {
					records[0].Types = c.types
				}
				cfg.Line.Here = func(_ context.Context, f addr.Family) bool { return c.here[f] }
			})
			r := e.Once(t.Context())
			if r.Outcome() != c.want || has(r, status.FamilyAbsent) != (c.want != status.Failed) {
				t.Errorf("%s: %s, %v", c.name, r.Outcome(), r.Conditions)
			}
			if _, known := r.Seen[plan.Here(addr.IPv6)]; known == (c.want != status.Failed) {
				t.Errorf("%s: %v", c.name, r.Seen)
			}
		})
	}
}
