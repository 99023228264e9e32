package app

import (
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/secret"
)

// lines is a configuration of two lines, of which the second takes the place of the
// first at a name.
func lines(t *testing.T, records ...plan.Record) *config.Config {
	t.Helper()
	trace := config.Detection{Sources: []config.Source{{Word: "cloudflare.trace"}}}
	both := map[addr.Family]config.Detection{addr.IPv4: trace, addr.IPv6: trace}
	name, err := dns.ParseName("home.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		records[i].Name, records[i].Types = name, []dns.Type{dns.A}
	}
	return &config.Config{Detect: both, Confirm: true, DetectionTimeout: time.Second, Events: config.EventsSystem, Sites: map[string]config.Site{
		"dsl": {Detect: both, Bind: "dsl0", Timeout: 2 * time.Second}, "cable": {Detect: both, Bind: "192.0.2.7", Confirm: true, Timeout: time.Second},
		"far": {Detect: both, Timeout: time.Second}},
		Accounts: []config.Account{{Provider: "cloudflare", Settings: map[string]secret.String{"token": secret.New("0123456789abcdefghij_ABCDEFGHIJ0123456789")}, Spec: plan.Spec{Records: records}}}}
}

func TestEachSiteIsAskedByItsOwnLine(t *testing.T) {
	a, err := Assemble(lines(t, plan.Record{Options: &plan.Options{Sites: []string{"dsl", "cable", "far"}, Pick: plan.First}}), config.ForRecords, network("test"))
	if err != nil {
		t.Fatal(err)
	}
	defer a.CloseIdle()
	if len(a.Panels) != 3 { // nobody uses this machine itself, nor IPv6
		t.Errorf("%d panels", len(a.Panels))
	}
	if a.sites["dsl"].line.String() != "dsl0" || a.sites["cable"].line.String() != "192.0.2.7" || a.world.line.String() != "" {
		t.Errorf("the lines are %q, %q and %q", a.sites["dsl"].line, a.sites["cable"].line, a.world.line)
	}
	of := a.sitesOf()
	if of["dsl"].Confirm || !of["cable"].Confirm || a.Panels[plan.Origin{Site: "dsl", Family: addr.IPv4}].Timeout != 2*time.Second {
		t.Error("what a site says of itself is not heard")
	}
	if of["dsl"].Line.Down == nil || !of["dsl"].Line.Down(t.Context(), addr.IPv4) {
		t.Error("a line whose interface is not there is not down")
	}
	if of["far"].Line.Down != nil || of["far"].Line.Uplink != nil {
		t.Error("this machine is asked of a place that is elsewhere")
	}
}

func TestTheLinesOfSitesAreListenedTo(t *testing.T) {
	for _, c := range []struct {
		record plan.Record
		going  bool
	}{{plan.Record{Options: &plan.Options{Sites: []string{"dsl", "cable"}, Pick: plan.First}}, true}, {plan.Record{Options: &plan.Options{Sites: []string{"dsl", "cable"}}}, false}} {
		a, err := Assemble(lines(t, c.record), config.ForRecords, network("test"))
		if err != nil {
			t.Fatal(err)
		}
		if all := a.Watchers(); len(all) != 3 {
			t.Errorf("%d listen", len(all))
		}
		if a.inTurn("dsl") != c.going || a.inTurn("") {
			t.Errorf("%v: that the line goes is told: %v", c.record.Pick, a.inTurn("dsl"))
		}
		a.CloseIdle()
	}
}
