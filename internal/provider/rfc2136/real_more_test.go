//go:build check

package rfc2136

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/secret"
)

func TestRealServersTakeManyNames(t *testing.T) {
	for kind, start := range realServers() {
		t.Run(kind, func(t *testing.T) {
			r := start(t)
			p, zone := r.provider(t), zoneNamed(name(t, "example.org"))
			sets, before := many(t, 2000)
			var makes, ends []plan.Set
			for i, s := range sets {
				makes = append(makes, plan.Set{Key: s.Key, Changes: []plan.Change{{Action: plan.ToCreate, New: before[i]}}})
				now := s.Changes[0].New
				ends = append(ends, plan.Set{Key: s.Key, Records: []dns.Record{now}, Changes: []plan.Change{{Action: plan.ToDelete, Old: now}}})
			}
			var names []dns.Name
			for _, s := range sets {
				names = append(names, s.Key.Name)
			}
			for _, step := range []struct {
				what string
				sets []plan.Set
			}{{"create", makes}, {"change", sets}, {"delete", ends}} {
				if step.what == "change" { // what was read at a serial need not be asked for again
					if _, err := p.Records(t.Context(), zone, names); err != nil {
						t.Fatal(err)
					}
				}
				began, calls := time.Now(), p.Calls()
				if got := kinds(p.Apply(t.Context(), zone, step.sets)); got["done"] != 2000 {
					t.Fatalf("%s: %v", step.what, got)
				}
				if n := p.Calls() - calls; n > 9 {
					t.Errorf("%s: %d messages", step.what, n)
				}
				t.Logf("%s 2,000 names: %v, %d messages", step.what, time.Since(began).Round(time.Millisecond), p.Calls()-calls)
			}
			if left := r.transfer(t, "example.org"); len(left) > 0 {
				t.Errorf("%d are left", len(left))
			}
		})
	}
}

// What a server says to a key that is wrong, and to a change it does not allow.
func TestRealServersRefuse(t *testing.T) {
	for kind, start := range realServers() {
		t.Run(kind, func(t *testing.T) {
			r := start(t)
			for what, edit := range map[string]func(*Config){
				"a key it does not know": func(c *Config) { c.Key.Name = "stranger" },
				"another secret":         func(c *Config) { c.Key.Secret = secret.New("YW5vdGhlciBzZWNyZXQ=") },
				"another algorithm":      func(c *Config) { c.Key.Algorithm = "hmac-sha512" },
			} {
				_, _, err := r.provider(t, edit).Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
				text := told(&server{address: r.address()}, err)
				if !strings.HasPrefix(text, "auth: ") || !strings.Contains(text, "accounts.secret") {
					t.Errorf("%s: %s", what, text)
				}
				t.Logf("%s: %s", what, text)
			}
			if kind != "BIND" {
				return
			}
			var changes []plan.Change
			for _, n := range []string{"a", "b", "denied", "c"} {
				changes = append(changes, plan.Change{Action: plan.ToCreate, New: record(t, n+".example.org", "192.0.2.1")})
			}
			for i, got := range providertest.Apply(t.Context(), r.provider(t), zoneNamed(name(t, "example.org")), nil, changes...) {
				if denied := i == 2; denied != (got.Err != nil) || denied && got.Err.Kind != provider.Rejected {
					t.Errorf("%s: %v", changes[i].Words(), got.Err)
				}
			}
		})
	}
}

// A clock that is an hour off is told with the seconds, but for PowerDNS, which says
// no more than that it does not take the message; one that is within the minutes that
// a signature holds is no trouble.
func TestRealServersTellOfTheClock(t *testing.T) {
	for kind, start := range realServers() {
		t.Run(kind, func(t *testing.T) {
			r := start(t)
			for off, is := range map[time.Duration]string{-time.Hour: "behind", time.Hour: "ahead of"} {
				p := r.provider(t)
				p.now = func() time.Time { return time.Now().Add(off) }
				_, _, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
				text := told(&server{address: r.address()}, err)
				want := `^auth: find the zones of names: SERVER does not take the time of messages: the clock of this machine is (3600|3599|3601) s ` + is + ` the server's \(BADTIME\) → set the clocks of both by NTP$`
				if kind == "PowerDNS" {
					want = `^auth: find the zones of names: SERVER answers the key homing without a signature \(NOTAUTH\) → .*; a clock that is off is refused in the same words by PowerDNS, so set the clocks of both by NTP$`
				}
				if !regexp.MustCompile(want).MatchString(text) {
					t.Errorf("%s: %s", off, text)
				}
				if skew, known := p.ClockSkew(); known != (kind != "PowerDNS") || known && (skew+off).Abs() > 2*time.Second {
					t.Errorf("%s: the skew is %s, %v", off, skew, known)
				}
				t.Log(text)
			}
			p := r.provider(t)
			p.now = func() time.Time { return time.Now().Add(-2 * time.Minute) }
			if _, _, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")}); err != nil {
				t.Errorf("two minutes: %v", err)
			}
		})
	}
}
