package cloudflare

import (
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/sim"
)

// misplaced returns a Provider to which the id of example.org was given for names of
// another zone, and which may not read the zone.
func misplaced(t *testing.T, names ...string) (*sim.Cloudflare, *Provider, provider.Zone) {
	t.Helper()
	ids := map[dns.Name]string{}
	cf, p := simulated(t, func(c *Config) { c.ZoneIDs = ids })
	id := cf.AddZone(sim.Zone{Name: "example.org"}).ID
	for _, n := range names {
		ids[name(n)] = id
	}
	cf.Fail(sim.ToRoute(sim.GetZone), sim.Refuse(403, 9109, "Unauthorized to access requested resource"))
	where, unplaced, err := p.Zones(t.Context(), allNames(names...))
	zones := providertest.ZonesOf(where)
	if err != nil || len(unplaced) != 0 || len(zones) != 1 {
		t.Fatalf("%v, %v, %v", zones, unplaced, err)
	}
	return cf, p, zones[0]
}

func TestARecordThatWasMadeInTheWrongZoneIsTakenBack(t *testing.T) {
	for _, names := range [][]string{{"h.foreign.net"}, {"h.foreign.net", "x.foreign.net"}} {
		bubble(t, func(t *testing.T) {
			cf, p, z := misplaced(t, names...)
			for i, r := range apply(t.Context(), p, z, changesAt(names...)) {
				if r.Err == nil || r.Err.Kind != provider.Rejected || r.Record.ID != "" {
					t.Fatalf("%+v", r)
				}
				said := r.Err.Error() + " → " + r.Err.Hint.String()
				for _, want := range []string{"the zone with this id is not the one of " + names[i], "Cloudflare made " + names[i] + ".example.org of it", "records.zone_id"} {
					if !strings.Contains(said, want) {
						t.Errorf("it does not say %q: %s", want, said)
					}
				}
			}
			if rs := cf.Records("example.org"); len(rs) != 0 {
				t.Errorf("left behind: %v", rs)
			}
		})
	}
}

func TestWhatWentAstrayAndStaysIsSaid(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p, z := misplaced(t, "h.foreign.net")
		cf.Fail(sim.ToRoute(sim.DeleteRecord), sim.HTML(502))
		r := apply(t.Context(), p, z, changesAt("h.foreign.net"))[0]
		if r.Err == nil || r.Err.Kind != provider.Rejected || !strings.Contains(r.Err.Error(), "still there") || !strings.Contains(r.Err.Hint.String(), "dashboard") {
			t.Errorf("%v", r.Err)
		}
	})
}

func TestOnlyADeleteThatNamesItsRecordIsDone(t *testing.T) {
	old := address(name("a.example.org"), "192.0.2.1")
	old.ID = "1"
	for body, want := range map[string]string{
		`{"result":{"id":"1"}}`: "done", `{"success":true,"result":{"id":"1"}}`: "done",
		`{"success":true,"result":null}`: "unconfirmed", `{"success":true,"result":{"id":"2"}}`: "unconfirmed",
		`{"success":true}`: "unconfirmed", `{"success":true,"result":{}}`: "unconfirmed",
	} {
		bubble(t, func(t *testing.T) {
			p := connect(t, answer(200, body))
			same(t, body, kinds(t, apply(t.Context(), p, someZone(), []plan.Change{remove(old)})), []string{want})
		})
	}
}
