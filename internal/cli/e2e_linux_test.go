//go:build check

package cli_test

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/sim"
)

func TestATokenAndANameBringBothFamiliesHome(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org", "www.example.org")
		w.zone("example.net", "nas.example.net")
		p := w.start("home.example.org,www.example.org,nas.example.net", []string{"once"})
		if code := p.wait(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		for name, zone := range map[string]string{"home.example.org": "example.org", "www.example.org": "example.org", "nas.example.net": "example.net"} {
			if !w.right(zone, name) {
				t.Errorf("%s is %v", name, w.cloud.Contents(zone, name))
			}
		}
		if n := len(w.cloud.Calls()); n != 1+2+2 {
			t.Errorf("%d calls, want a listing, and a reading and a batch for each zone", n)
		}
		if len(w.looked) > 0 {
			t.Errorf("names were looked up that are none of Cloudflare's: %v", w.looked)
		}
		conns := map[int]bool{}
		onAPI := map[int]bool{}
		for _, v := range w.seen() {
			if !slices.Contains(cloudflares(), v.host) || v.sni != v.host {
				t.Errorf("%s was asked, by the name %s", v.host, v.sni)
			}
			if !strings.HasPrefix(v.agent, "homing/") || strings.Contains(v.agent, " ") {
				t.Errorf("it calls itself %q", v.agent)
			}
			if conns[v.conn] = true; v.proto == "HTTP/2.0" {
				onAPI[v.conn] = true
			}
		}
		// for each family two hosts have to agree, and a slow machine may ask all four
		if len(onAPI) != 1 || len(conns) > 1+2*len(cloudflares()) {
			t.Errorf("%d connections, %d of them for the API's %d calls", len(conns), len(onAPI), len(w.cloud.Calls()))
		}
	})
}

// A daemon for each host: three changes in ten minutes would be held back.
func TestNoTraceHostCanDeceiveAlone(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		right := func() bool { return w.right("example.org", "home.example.org") }
		now, invented := netip.MustParseAddr(home4), netip.MustParseAddr("84.66.66.66")
		for _, host := range cloudflares()[:3] {
			p := w.start("home.example.org", nil, "UPDATE_CRON=@every 1s")
			w.until("the first round is made", 20*time.Second, func() bool { return p.rounds() > 0 })
			for what, lie := range map[string]netip.Addr{"invents": invented, "is stale": now} {
				now = now.Next()
				before := p.rounds()
				w.home.Lie(host, sim.Lie{Family: addr.IPv4, Addr: lie})
				w.home.Set(addr.IPv4, now)
				w.until("the name points home though "+host+" "+what, 20*time.Second, right)
				if n := p.rounds() - before; n > 2 { // with the one that may have been under way
					t.Errorf("%s %s: it took %d rounds", host, what, n+1)
				}
			}
			p.end(syscall.SIGTERM)
			w.home.Lie(host, sim.Lie{})
		}
		if w.wrote(invented.String()) {
			t.Error("an invented address was published")
		}
	})
}

func TestUnreachableIPv6DelaysNothing(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		// a link on which everything is lost
		ip(t, "link add void type veth peer name end")
		ip(t, "link set void up")
		ip(t, "link set end up")
		ip(t, "addr add 2001:db8::2/64 dev void nodad")
		ip(t, "neigh add 2001:db8::dead lladdr 02:00:00:00:00:01 dev void nud permanent")
		ip(t, "addr add 2001:db8:1::1/128 dev lo nodad")
		for what, ip6 := range map[string]string{"no way there": "2606:4700::1111", "refused": "2001:db8:1::1", "silence": "2001:db8::dead"} {
			name := strings.ReplaceAll(what, " ", "-") + ".example.org"
			w.zone(name, name)
			w.point(cloud4, ip6)
			p := w.start(name, []string{"once"})
			ip4 := func() bool { return w.cloud.Contents(name, name)[0] == home4 }
			if took := w.until(what+": IPv4 is right", 20*time.Second, ip4); took > 3*time.Second {
				t.Errorf("%s: IPv4 took %v", what, took)
			}
			if code := p.wait(); code != 1 || !strings.Contains(p.said(), "IP6_PROVIDER=none") {
				t.Errorf("%s: exit code %d, and it said\n%s", what, code, p.said())
			}
			if got := w.cloud.Contents(name, name); !slices.Equal(got, []string{home4, "2001:db8::1"}) {
				t.Errorf("%s: %v", what, got)
			}
		}
	})
}

func TestLocalIsTheAddressThatConnectionsLeaveFrom(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		const own4, own6 = "81.2.69.142", "2a02:8070:1::9"
		ip(t, "link add wan type veth peer name world")
		ip(t, "link set wan up")
		ip(t, "link set world up")
		ip(t, "addr add "+own4+"/24 dev wan")
		ip(t, "addr add "+own6+"/64 dev wan nodad")
		ip(t, "route add default dev wan")
		ip(t, "-6 route add default dev wan")
		w.zone("example.org", "home.example.org")
		p := w.start("home.example.org", []string{"once"}, "IP4_PROVIDER=local", "IP6_PROVIDER=local")
		if code := p.wait(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		if got := w.cloud.Contents("example.org", "home.example.org"); !slices.Equal(got, []string{own4, own6}) {
			t.Errorf("the name is %v", got)
		}
		if n := w.home.Requests(""); n > 0 {
			t.Errorf("%d questions were asked, and none was needed", n)
		}
	})
}

func TestTheDaemonObeysSignalsAndSurvivesItsDeath(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		right := func() bool { return w.right("example.org", "home.example.org") }
		often := "UPDATE_CRON=@every 1s"

		// killed with a batch on its way, which Cloudflare carries out or does not
		for what, f := range map[string]sim.Fault{"not done": sim.Stall(), "done": sim.StallAnswer()} {
			w.home.Set(addr.IPv4, w.home.Addr(addr.IPv4).Next())
			w.cloud.Reset()
			w.cloud.Fail(sim.IsWrite, f)
			p := w.start("home.example.org", nil, often)
			w.until("a batch is on its way", 20*time.Second, func() bool { return len(w.cloud.Calls(sim.IsWrite)) > 0 })
			p.end(os.Kill)
			w.cloud.Heal()
			p = w.start("home.example.org", nil, often)
			w.until("a round is made after the death", 20*time.Second, func() bool { return p.rounds() > 0 })
			if !right() {
				t.Errorf("%s: one round after the death the name is %v", what, w.cloud.Contents("example.org", "home.example.org"))
			}
			p.end(syscall.SIGTERM)
		}

		// told to read its settings again
		p := w.start("home.example.org", nil, often)
		w.until("a round is made", 20*time.Second, func() bool { return p.rounds() > 0 })
		w.cloud.Reset()
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		w.until("it starts anew", 20*time.Second, func() bool { return len(w.cloud.Calls(sim.ToRoute(sim.ListZones))) == 1 })
		w.home.Set(addr.IPv4, w.home.Addr(addr.IPv4).Next())
		w.until("it follows the address after SIGHUP", 20*time.Second, right)

		if code, took := p.end(syscall.SIGTERM); code != 0 || took > time.Second {
			t.Errorf("SIGTERM: exit code %d after %v", code, took)
		}
	})
}

// While a reload waits for the round under way, the settings may change again.
func TestAnEditWhileAReloadWaitsIsNotLost(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "one.example.org", "two.example.org", "three.example.org")
		release, stalled := make(chan struct{}), make(chan struct{}, 1)
		w.cloud.Fail(sim.ToRoute(sim.ListZones), sim.WithHandler(func(rw http.ResponseWriter, _ *http.Request, serve func(http.ResponseWriter)) {
			stalled <- struct{}{}
			<-release
			serve(rw)
		}).Times(1))
		folder := t.TempDir()
		write := func(name string) {
			t.Helper()
			if err := os.WriteFile(folder+"/new", []byte("records: ["+name+".example.org]\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(folder+"/new", folder+"/homing.yaml"); err != nil {
				t.Fatal(err)
			}
		}
		write("one")
		p := w.startIn(folder, nil, []string{"CLOUDFLARE_API_TOKEN=" + goodToken, "HOMING_LISTEN=off"})
		<-stalled
		write("two")
		w.until("the first edit is read", 20*time.Second, func() bool { return strings.Contains(p.said(), "were reloaded") })
		write("three")
		close(release)
		w.until("the second edit is in force", 20*time.Second, func() bool { return w.right("example.org", "three.example.org") })
		p.end(syscall.SIGTERM)
	})
}

// The page is there while the settings are read again: a browser that saved them goes
// on to it at once.
func TestTheSocketOfThePageOutlivesAReload(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		p := w.start("home.example.org", nil)
		served := func() int { return strings.Count(p.said(), "the page and the API are served") }
		w.until("the page is served", 20*time.Second, func() bool { return served() == 1 })
		stop, ended := make(chan struct{}), make(chan error)
		go func() {
			var refused error
			tick := time.NewTicker(time.Millisecond) // with more at once the kernel has them wait
			defer tick.Stop()
			for {
				select {
				case <-stop:
					ended <- refused
					return
				case <-tick.C:
				}
				if c, err := net.Dial("tcp", "127.0.0.1:8245"); err != nil {
					refused = err
				} else {
					_ = c.Close()
				}
			}
		}()
		for n := range 8 {
			if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			w.until("it is served anew", 20*time.Second, func() bool { return served() == n+2 })
		}
		close(stop)
		if err := <-ended; err != nil {
			t.Errorf("meanwhile nobody was there: %v", err)
		}
		if code := get(t, "127.0.0.1:8245/healthz"); code != http.StatusOK {
			t.Errorf("afterwards it answers %d", code)
		}
		if code, _ := p.end(syscall.SIGTERM); code != 0 || get(t, "127.0.0.1:8245/healthz") != 0 {
			t.Errorf("exit code %d", code)
		}
	})
}
