package cloudflare

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/sim"
)

func zoneID(n int) string { return strings.Repeat(fmt.Sprint(n), 32) }

// Zones that contain one name, and which of them is its home.
func TestWhichOfSeveralZonesIsTheHomeOfAName(t *testing.T) {
	zone := func(n int, name, state string) sim.Zone {
		z := sim.Zone{ID: zoneID(n), Name: name, Account: strings.Repeat("a", 31) + fmt.Sprint(n)}
		for w := range strings.FieldsSeq(state) {
			switch w {
			case "partial", "secondary", "internal":
				z.Type = w
			case "paused":
				z.Paused = true
			default:
				z.Status = w
			}
		}
		return z
	}
	for _, tt := range []struct {
		what  string
		zones []sim.Zone
		named string
		home  int    // 0: none
		said  string // in the warning, or in the error
	}{
		{"an active one and one that moved", []sim.Zone{zone(1, "example.org", "active"), zone(2, "example.org", "moved")}, "", 1, "not example.org with the id " + zoneID(2) + " (moved, account Home " + strings.Repeat("a", 31) + "2)"},
		{"in the other order", []sim.Zone{zone(2, "example.org", "pending"), zone(1, "example.org", "active")}, "", 1, "(pending, account"},
		{"a full one and a secondary one", []sim.Zone{zone(2, "example.org", "secondary"), zone(1, "example.org", "active")}, "", 1, "(active, secondary,"},
		{"a full one and a partial one", []sim.Zone{zone(2, "example.org", "partial"), zone(1, "example.org", "active")}, "", 1, "(active, partial,"},
		{"a public one and an internal one", []sim.Zone{zone(2, "example.org", "internal"), zone(1, "example.org", "active")}, "", 1, "(active, internal,"},
		{"a pending one and an internal one", []sim.Zone{zone(2, "example.org", "internal"), zone(1, "example.org", "pending")}, "", 1, "is pending"},
		{"an active one and a paused one", []sim.Zone{zone(2, "example.org", "paused"), zone(1, "example.org", "active")}, "", 1, "(active, paused,"},
		{"a pending one alone", []sim.Zone{zone(1, "example.org", "pending")}, "", 1, "is pending"},
		{"a paused one alone", []sim.Zone{zone(1, "example.org", "paused")}, "", 1, "is paused"},
		{"two active ones", []sim.Zone{zone(1, "example.org", "active"), zone(2, "example.org", "active")}, "", 0, "example.org with the id " + zoneID(1) + " (active, account Home " + strings.Repeat("a", 31) + "1) and example.org with the id " + zoneID(2)},
		{"two pending ones", []sim.Zone{zone(1, "example.org", "pending"), zone(2, "example.org", "moved")}, "", 0, "2 zones named example.org"},
		{"an internal one alone", []sim.Zone{zone(1, "example.org", "internal")}, "", 0, "only an internal one"},
		{"a child that is active", []sim.Zone{zone(2, "example.org", "active"), zone(1, "home.example.org", "active")}, "", 1, ""},
		{"a child that is paused", []sim.Zone{zone(2, "example.org", "active"), zone(1, "home.example.org", "paused")}, "", 1, "is paused"},
		{"a child that is pending", []sim.Zone{zone(1, "example.org", "active"), zone(2, "home.example.org", "pending")}, "", 1, "not home.example.org with the id " + zoneID(2) + " (pending,"},
		{"a child that is being set up", []sim.Zone{zone(1, "example.org", "active"), zone(2, "home.example.org", "initializing")}, "", 1, "(initializing,"},
		{"a child that moved", []sim.Zone{zone(1, "example.org", "active"), zone(2, "home.example.org", "moved")}, "", 1, "(moved,"},
		{"an internal child", []sim.Zone{zone(1, "example.org", "active"), zone(2, "home.example.org", "internal")}, "", 1, "(active, internal,"},
		{"a pending child of a pending parent", []sim.Zone{zone(2, "example.org", "pending"), zone(1, "home.example.org", "pending")}, "", 1, "is pending"},
		{"a pending child that is named", []sim.Zone{zone(2, "example.org", "active"), zone(1, "home.example.org", "pending")}, "home.example.org", 1, "is pending"},
		{"a parent that is named", []sim.Zone{zone(1, "example.org", "active"), zone(2, "home.example.org", "active")}, "example.org", 1, "not home.example.org"},
		{"one that is named and not there", []sim.Zone{zone(1, "example.org", "active")}, "home.example.org", 1, ""},
		{"two of which one is named", []sim.Zone{zone(1, "example.org", "active"), zone(2, "example.org", "moved"), zone(3, "home.example.org", "active")}, "example.org", 1, "(moved,"},
	} {
		for _, listing := range []sim.Listing{sim.ListScope, sim.ListByName} {
			t.Run(tt.what, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					n := name("home.example.org")
					cf, p := simulated(t, func(c *Config) {
						if tt.named != "" {
							c.ZoneNames = map[dns.Name]dns.Name{n: name(tt.named)}
						}
					})
					cf.AddToken(sim.Token{Value: theSecret, Listing: listing})
					for _, z := range tt.zones {
						cf.AddZone(z)
					}
					placed, unplaced, err := p.Zones(t.Context(), []dns.Name{n})
					switch {
					case err != nil:
						t.Fatal(err)
					case tt.home == 0:
						if len(placed) != 0 || len(unplaced) != 1 || !strings.Contains(unplaced[0].Err.Error(), tt.said) || !strings.Contains(unplaced[0].Err.Hint.String(), "records.zone_id") {
							t.Errorf("%v, %v", placed, unplaced)
						}
					case len(unplaced) != 0 || len(placed) != 1 || placed[0].Name != n || placed[0].Zone.ID != zoneID(tt.home):
						t.Errorf("%v, %v", placed, unplaced)
					case !strings.Contains(placed[0].Zone.Warning, tt.said) && listing == sim.ListScope:
						t.Errorf("the warning is %q", placed[0].Zone.Warning)
					}
				})
			})
		}
	}
}

func TestAnInternalZoneIsAHomeWhereItsIDIsConfigured(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := name("home.example.org")
		cf, p := simulated(t, func(c *Config) { c.ZoneIDs = map[dns.Name]string{n: zoneID(2)} })
		cf.AddZone(sim.Zone{ID: zoneID(1), Name: "example.org"})
		cf.AddZone(sim.Zone{ID: zoneID(2), Name: "example.org", Type: "internal"})
		placed, _, err := p.Zones(t.Context(), []dns.Name{n})
		if err != nil || len(placed) != 1 || placed[0].Zone.ID != zoneID(2) || !strings.Contains(placed[0].Zone.Warning, "private network") {
			t.Errorf("%v, %v", placed, err)
		}
	})
}

func TestEachNameHasItsOwnZone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t, func(c *Config) {
			c.ZoneNames = map[dns.Name]dns.Name{name("x.home.example.org"): name("home.example.org"), name("home.example.org"): name("example.org")}
		})
		cf.AddZone(sim.Zone{ID: zoneID(1), Name: "example.org"})
		cf.AddZone(sim.Zone{ID: zoneID(2), Name: "home.example.org", Status: "pending"})
		placed, unplaced, err := p.Zones(t.Context(), allNames("home.example.org", "x.home.example.org", "y.home.example.org"))
		if err != nil || len(unplaced) != 0 {
			t.Fatal(unplaced, err)
		}
		var got []string
		for _, at := range placed {
			got = append(got, fmt.Sprintf("%s %s %t", at.Name, at.Zone.Name, at.Passed))
		}
		same(t, "placed", got, []string{"home.example.org example.org false", "x.home.example.org home.example.org false", "y.home.example.org example.org true"})
	})
}

func TestFieldsOfZonesMayBeAnything(t *testing.T) {
	for _, row := range []string{
		`{"id":"%s","name":"example.org","paused":"no","status":"active"}`,
		`{"id":"%s","name":"example.org","paused":null,"status":7,"type":{},"plan":"free","account":"mine"}`,
		`{"id":"%s","name":"example.org","plan":{"legacy_id":7},"account":{"id":1,"name":null}}`,
	} {
		for _, beside := range []string{`{"id":"x","name":null,"paused":"yes"}`, `null`, `7`, `{"id":{},"name":[]}`} {
			bubble(t, func(t *testing.T) {
				p := connect(t, answer(200, listing(beside, fmt.Sprintf(row, zoneID(1)))))
				placed, unplaced, err := p.Zones(t.Context(), allNames("a.example.org"))
				if err != nil || len(unplaced) != 0 || len(placed) != 1 || placed[0].Zone.ID != zoneID(1) || placed[0].Zone.Warning != "" {
					t.Errorf("%s beside %s: %v, %v, %v", row, beside, placed, unplaced, err)
				}
			})
		}
	}
}

func TestATokenThatSeesNothingIsAskedOnceAndThenSeldom(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		names := hosts(300, "example.org")
		ask := func() (calls int, err error) {
			cf.Reset()
			_, _, err = p.Zones(t.Context(), names)
			return len(cf.Calls()), err
		}
		if n, err := ask(); n != 1+maxLookups || kindOf(t, err) != provider.NoZone || !strings.Contains(err.Error(), "and 295 more: this API token sees no zone of theirs") {
			t.Errorf("%d calls, %v", n, err)
		}
		p.Forget()
		if n, _ := ask(); n != 1+maxLookups {
			t.Errorf("%d calls once it is forgotten", n)
		}
		// Others than the first hundred were not asked for yet.
		total := 0
		for range 3 {
			n, _ := ask()
			total += n
		}
		if total != 3+301-maxLookups {
			t.Errorf("the rest took %d calls", total)
		}
		if n, _ := ask(); n != 1 {
			t.Errorf("%d calls when all were asked for", n)
		}
		total = 0
		for range 24 * 12 {
			time.Sleep(5 * time.Minute)
			n, _ := ask()
			total += n
		}
		if total > 24*12+9*301 {
			t.Errorf("%d calls in a day", total)
		}
		cf.AddZone(sim.Zone{Name: "example.org"})
		if _, unplaced, err := p.Zones(t.Context(), names); err != nil || len(unplaced) != 0 {
			t.Errorf("what the listing shows is not taken at once: %v, %v", unplaced, err)
		}
	})
}

func TestTheIDOfAListMayStandForItsName(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org", Plan: "pro"})
		meant := home()
		meant.Name = zoneID(7)
		if _, err := p.ApplyList(t.Context(), meant, provider.List{}, adding(entry("192.0.2.1/32", ""))); err == nil || kindOf(t, err) != provider.Rejected || len(cf.Calls(sim.ToRoute(sim.CreateList))) != 0 {
			t.Errorf("a list of that name is made: %v", err)
		}
		cf.AddList(sim.Account, sim.List{ID: zoneID(7), Name: "home"}, sim.Item{IP: "192.0.2.9"})
		held, err := p.List(t.Context(), meant)
		if err != nil || held.ID != zoneID(7) || len(held.Items) != 1 {
			t.Fatalf("%+v, %v", held, err)
		}
		if _, err := p.ApplyList(t.Context(), meant, held, adding(entry("192.0.2.1/32", ""))); err != nil {
			t.Fatal(err)
		}
		same(t, "items", ips(cf), []string{"192.0.2.1", "192.0.2.9"})
		cf.AddList(sim.Account, sim.List{ID: zoneID(8), Name: zoneID(7)})
		if held, err := p.List(t.Context(), meant); err != nil || held.ID != zoneID(8) {
			t.Errorf("one that has it for its name goes before: %+v, %v", held, err)
		}
	})
}

func TestFieldsOfOtherListsMayBeAnything(t *testing.T) {
	for _, row := range []string{`{"id":7,"name":{},"kind":null,"num_items":"many"}`, `null`, `{"name":"other","num_items":[1]}`} {
		bubble(t, func(t *testing.T) {
			var made apiList
			w := &ipList{p: connect(t, answer(200, listing(row, `{"id":"1","name":"home","kind":"ip","num_items":3}`))), wanted: home()}
			id, err := w.findID(t.Context())
			if err != nil || id != "1" || w.size != 3 {
				t.Errorf("%s: %q, %d, %v", row, id, w.size, err)
			}
			if made, _ = decodeList(json.NewDecoder(strings.NewReader(row))); made.ID == "1" {
				t.Error(made)
			}
		})
	}
}
