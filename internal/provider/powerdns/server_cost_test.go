//go:build check

package powerdns

import (
	"fmt"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// A change of 2,000 names is one PATCH, and two readings of the zone.
func TestTwoThousandNamesAreOnePatchAtTheRealServer(t *testing.T) {
	base := server(t)
	fresh(t, base, "example.org.")
	p := reaching(t, base)
	zones, _, err := p.Zones(t.Context(), []dns.Name{name(t, "example.org")})
	if err != nil {
		t.Fatal(err)
	}
	zone := zones[0].Zone
	var names []dns.Name
	for i := range 2000 {
		names = append(names, name(t, fmt.Sprintf("n%04d.example.org", i)))
	}
	for _, address := range []string{"192.0.2.1", "192.0.2.2"} {
		here, err := p.Records(t.Context(), zone, names)
		if err != nil {
			t.Fatal(err)
		}
		old := map[dns.Name]dns.Record{}
		for _, r := range here {
			old[r.Name] = r
		}
		var sets []plan.Set
		for _, n := range names {
			c := plan.Change{Action: plan.ToCreate, New: a(t, n.String(), address)}
			set := plan.Set{Key: c.New.Key()}
			if r, there := old[n]; there {
				c.Action, c.Old, set.Records = plan.ToUpdate, r, []dns.Record{r}
			}
			set.Changes = []plan.Change{c}
			sets = append(sets, set)
		}
		calls, began := p.Calls(), time.Now()
		for _, r := range p.Apply(t.Context(), zone, sets) {
			if r.Errs[0] != nil {
				t.Fatal(r.Errs[0])
			}
		}
		if calls = p.Calls() - calls; calls != 3 {
			t.Errorf("%d calls", calls)
		}
		t.Logf("to %s: 3 calls, %s", address, time.Since(began).Round(time.Millisecond))
	}
	began := time.Now()
	if _, err := p.Records(t.Context(), zone, names[:1]); err != nil {
		t.Fatal(err)
	}
	t.Logf("a look: 1 call, %s", time.Since(began).Round(time.Millisecond))
}
