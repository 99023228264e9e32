//go:build check

package cli_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/sim"
)

// twoSites is a home with two lines, both of which lead to a server that tells the
// address it sees, and to a name server that knows it. The first line is the
// default; what comes from the second one's address leaves by it.
func twoSites(t *testing.T, w *internet) (dsl, cable *line) {
	t.Helper()
	dsl, cable = newLine(t, "dsl", 1), newLine(t, "cable", 2)
	ip(t, "rule add from "+cable.own4+" table 7")
	ip(t, "route add default dev cable table 7 via 81.2.2.1")
	w.point(cloud4, cloud6)
	cover(t, "/etc/resolv.conf", "nameserver "+server4+"\n")
	w.cloud.AddZone(sim.Zone{Name: "example.org", Quota: 100})
	return dsl, cable
}

// settings of both lines, the second by its address, and what the records say.
func siteSettings(t *testing.T, cable *line, records string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "homing.yaml")
	text := "detect: {ipv4: {sources: \"url:http://" + echo + "/\"}, ipv6: {sources: none}}\nsites: {dsl: {bind: dsl}, cable: {bind: " + cable.own4 + "}}\n" + records
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return "HOMING_CONFIG=" + path
}

// silence has a line lose all that is sent over it, as when its modem hangs.
func silence(t *testing.T, iface, gateway string) {
	t.Helper()
	ip(t, "neigh replace "+gateway+" lladdr 02:00:00:00:00:01 dev "+iface+" nud permanent")
}

func (w *internet) says(name string, want ...string) bool {
	got := w.cloud.Contents("example.org", name)
	slices.Sort(got)
	return slices.Equal(got, want)
}

func TestEachSiteIsMeasuredByItsOwnLine(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		dsl, cable := twoSites(t, w)
		p := w.start("", []string{"once"}, siteSettings(t, cable, `records:
  - {name: dsl.example.org, site: dsl}
  - {name: cable.example.org, site: cable}
  - {name: both.example.org, site: [dsl, cable]}
  - {name: first.example.org, site: [cable, dsl], pick: first}
`))
		if code := p.wait(); code != 0 || !w.says("dsl.example.org", dsl.own4) || !w.says("cable.example.org", cable.own4) ||
			!w.says("both.example.org", dsl.own4, cable.own4) || !w.says("first.example.org", cable.own4) {
			t.Errorf("exit code %d; %v %v; it said\n%s", code, w.cloud.Contents("example.org", "dsl.example.org"), w.cloud.Contents("example.org", "cable.example.org"), p.said())
		}
		for _, l := range []*line{dsl, cable} {
			who := l.called()
			if len(who) < 2 || slices.ContainsFunc(who, func(a string) bool { return a != l.own4 }) {
				t.Errorf("over %s came %v", l.name, who)
			}
		}
		if p := w.start("", []string{"detect"}, siteSettings(t, cable, "records: [{name: a.example.org, site: dsl}]\n")); p.wait() != 0 || !strings.Contains(p.said(), "IPv4 of cable  result: "+cable.own4) {
			t.Errorf("homing detect said\n%s", p.said())
		}
	})
}

// The first line swallows everything, lookups too; the records of the second are
// right in the time that takes, and the share of the first stays.
func TestADeadFirstLineDoesNotDelayTheSecond(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		dsl, cable := twoSites(t, w)
		w.cloud.AddRecord("example.org", sim.Address("both.example.org", dsl.own4))
		silence(t, "dsl", "81.2.1.1")
		p := w.start("", nil, "UPDATE_CRON=@every 2s", "DETECTION_TIMEOUT=5s", siteSettings(t, cable, `records:
  - {name: dsl.example.org, site: dsl}
  - {name: cable.example.org, site: cable}
  - {name: both.example.org, site: [dsl, cable]}
`))
		took := w.until("the second line is published", 10*time.Second, func() bool { return w.says("cable.example.org", cable.own4) })
		if took > 3*time.Second {
			t.Errorf("that took %v", took)
		}
		t.Logf("published after %v while the first line is dead", took)
		w.until("both are", 10*time.Second, func() bool { return w.says("both.example.org", dsl.own4, cable.own4) })
		w.until("several rounds are made", 40*time.Second, func() bool { return p.rounds() > 3 })
		if !w.says("both.example.org", dsl.own4, cable.own4) || !w.says("dsl.example.org") {
			t.Errorf("a share that is not known was changed: %v", w.cloud.Contents("example.org", "both.example.org"))
		}
		if who := dsl.called(); who != nil {
			t.Errorf("%v came over the dead line", who)
		}
		p.end(syscall.SIGTERM)
	})
}

func TestANameMovesToTheLineThatIsLeft(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		dsl, cable := twoSites(t, w)
		p := w.start("", nil, "UPDATE_CRON=@every 2s", "DETECTION_TIMEOUT=1s", siteSettings(t, cable, "records: [{name: home.example.org, site: [dsl, cable], pick: first}]\n"))
		w.until("the first line is published", 10*time.Second, func() bool { return w.says("home.example.org", dsl.own4) })
		ip(t, "link set dsl down")
		took := w.until("the second line is", 20*time.Second, func() bool { return w.says("home.example.org", cable.own4) })
		if t.Logf("a line without a link is left after %v, with a round every 2 s", took); took > 6*time.Second {
			t.Errorf("it took more than a round and a look: %v", took)
		}
		w.until("it says so", 5*time.Second, func() bool { return strings.Contains(p.said(), "meanwhile its names have the address of cable") })
		ip(t, "link set dsl up")
		ip(t, "route replace default via 81.2.1.1 metric 1")
		writes, rounds := len(w.cloud.Calls(sim.IsWrite)), p.rounds()
		w.until("several rounds are made", 40*time.Second, func() bool { return p.rounds() > rounds+5 })
		if n := len(w.cloud.Calls(sim.IsWrite)); n != writes || !w.says("home.example.org", cable.own4) {
			t.Errorf("it returned before it had stayed, with %d writes: %v", n-writes, w.cloud.Contents("example.org", "home.example.org"))
		}
		if os.Getenv("HOMING_CHANGES") != "" { // it takes five minutes
			took = w.until("it returns", 6*time.Minute, func() bool { return w.says("home.example.org", dsl.own4) })
			t.Logf("it returned after %v more", took)
		}
		p.end(syscall.SIGTERM)
	})
}

// The kernel tells of a link that goes, so that nobody has to wait for a round.
func TestALinkThatGoesMovesANameAtOnce(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		dsl, cable := twoSites(t, w)
		p := w.start("", nil, "UPDATE_CRON=@every 1h", siteSettings(t, cable, "records: [{name: home.example.org, site: [dsl, cable], pick: first}]\n"))
		w.until("the first line is published", 10*time.Second, func() bool { return w.says("home.example.org", dsl.own4) })
		w.settled()
		ip(t, "link set dsl down")
		took := w.until("the second line is", 20*time.Second, func() bool { return w.says("home.example.org", cable.own4) })
		if t.Logf("it moved after %v, with a round an hour", took); took > 4*time.Second {
			t.Errorf("it took %v", took)
		}
		p.end(syscall.SIGTERM)
	})
}

// A line that has a link and answers nothing is left after three looks and a minute.
func TestALineThatIsSilentIsLeftAfterAMinute(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		dsl, cable := twoSites(t, w)
		p := w.start("", nil, "UPDATE_CRON=@every 10s", "DETECTION_TIMEOUT=2s", siteSettings(t, cable, "records: [{name: home.example.org, site: [dsl, cable], pick: first}]\n"))
		w.until("the first line is published", 10*time.Second, func() bool { return w.says("home.example.org", dsl.own4) })
		silence(t, "dsl", "81.2.1.1")
		took := w.until("the second line is", 2*time.Minute, func() bool { return w.says("home.example.org", cable.own4) })
		if t.Logf("a silent line is left after %v, with a round every 10 s", took); took < time.Minute || took > 85*time.Second {
			t.Errorf("it took %v", took)
		}
		p.end(syscall.SIGTERM)
	})
}

// What tells of this machine's line tells of a site's as well.
func TestASiteBehindACarriersNATIsTold(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		ip(t, "link add lte type veth peer name end")
		ip(t, "link set lte up")
		ip(t, "link set end up")
		ip(t, "addr add 100.64.7.2/24 dev lte")
		ip(t, "route add default via 100.64.7.1 dev lte")
		p := w.start("", []string{"doctor"}, "HOMING_SITES=lte", "HOMING_LTE_BIND=lte", "HOMING_LTE_IP4_DOMAINS=home.example.org", "HOMING_LTE_IP4_PROVIDER=local", "DETECTION_TIMEOUT=1s")
		p.wait()
		if !strings.Contains(p.said(), "IPv4 of lte") || !strings.Contains(p.said(), "CGNAT") {
			t.Errorf("it said\n%s", p.said())
		}
		if a := netip.MustParseAddr("100.64.7.2"); addr.Public(a, 0) == nil {
			t.Error("it is public")
		}
	})
}
