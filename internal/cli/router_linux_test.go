//go:build check

package cli_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// gateway is a home's router in a namespace of its own, with Debian's miniupnpd
// on it. Its addresses towards the provider look public and never leave here.
type gateway struct {
	w      *internet
	holder *exec.Cmd // keeps the namespace
	folder string
	server *exec.Cmd
}

const (
	lanRouter = "192.168.77.1"
	lanOwn    = "192.168.77.10"
)

func newGateway(t *testing.T, w *internet) *gateway {
	t.Helper()
	g := &gateway{w: w, folder: t.TempDir(), holder: exec.Command("sleep", "1000")}
	elsewhere(t, func(home string) {
		ip(t, "link set lo up")
		ip(t, "link add lan0 type veth peer name eth0 netns "+home)
		ip(t, "link add wan0 type veth peer name isp0")
		for _, l := range []string{"lan0", "wan0", "isp0"} {
			ip(t, "link set "+l+" up")
		}
		ip(t, "addr add "+lanRouter+"/24 dev lan0")
		ip(t, "addr add 93.184.0.5/16 dev wan0")
		if err := g.holder.Start(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { _ = g.holder.Process.Kill(); _ = g.holder.Wait() })
	ip(t, "link set eth0 up")
	ip(t, "addr add "+lanOwn+"/24 dev eth0")
	ip(t, "route add default via "+lanRouter)
	conf := strings.Join([]string{"ext_ifname=wan0", "listening_ip=lan0", "port=5000", "enable_natpmp=yes", "enable_upnp=yes", "secure_mode=yes",
		"system_uptime=yes", "notify_interval=60", "uuid=aaaaaaaa-bbbb-cccc-dddd-000000000001", "upnp_forward_chain=miniupnpd",
		"upnp_nat_chain=prerouting_miniupnpd", "upnp_nat_postrouting_chain=postrouting_miniupnpd", "allow 1024-65535 192.168.77.0/24 1024-65535", ""}, "\n")
	if err := os.WriteFile(filepath.Join(g.folder, "conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	g.do("nft", "add table inet filter; add chain inet filter miniupnpd; add chain inet filter prerouting_miniupnpd; add chain inet filter postrouting_miniupnpd")
	t.Cleanup(g.stop)
	g.start()
	return g
}

// command runs on the router.
func (g *gateway) command(name string, args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", strconv.Itoa(g.holder.Process.Pid), "-n", name}, args...)...)
}

func (g *gateway) do(name string, args ...string) {
	g.w.t.Helper()
	if out, err := g.command(name, args...).CombinedOutput(); err != nil {
		g.w.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func (g *gateway) ip(args string) { g.w.t.Helper(); g.do("ip", strings.Fields(args)...) }

// start has miniupnpd run, and waits until it answers.
func (g *gateway) start() {
	g.w.t.Helper()
	g.launch()
	g.w.until("miniupnpd answers", 20*time.Second, func() bool {
		c, err := net.DialTimeout("tcp", lanRouter+":5000", 100*time.Millisecond)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// launch has miniupnpd run; it answers some time later.
func (g *gateway) launch() {
	g.w.t.Helper()
	g.server = g.command("/usr/sbin/miniupnpd", "-d", "-f", filepath.Join(g.folder, "conf"), "-P", filepath.Join(g.folder, "pid"))
	if err := g.server.Start(); err != nil {
		g.w.t.Fatal(err)
	}
}

func (g *gateway) stop() {
	_ = g.server.Process.Signal(syscall.SIGTERM)
	_ = g.server.Wait()
}

// external gives the router this address.
func (g *gateway) external(a netip.Addr) {
	g.w.t.Helper()
	g.ip("addr flush dev wan0")
	g.ip("addr add " + a.String() + "/16 dev wan0")
}

func TestAChangeOfTheRouterIsPublishedInASecond(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.far()
		g := newGateway(t, w)
		undo := func(netip.Addr) { g.external(netip.MustParseAddr("93.184.0.5")) }
		down := 1500 * time.Millisecond
		for _, m := range []move{
			{"the router gets another address", addr.IPv4, nil, g.external, undo},
			{"the router's line down and up", addr.IPv4, nil, func(a netip.Addr) {
				g.ip("link set isp0 down")
				timer := time.NewTimer(down)
				<-timer.C
				g.ip("link set isp0 up")
				g.external(a)
			}, undo},
			{"the router restarts", addr.IPv4, nil, func(a netip.Addr) {
				g.ip("link set lan0 down")
				g.stop()
				g.external(a)
				timer := time.NewTimer(down)
				<-timer.C
				g.ip("link set lan0 up")
				g.launch()
			}, undo},
		} {
			took := w.truth(m, changes(), "HOMING_DETECT_LISTEN=router")
			if m.name != "the router gets another address" {
				for i := range took {
					took[i] -= down
				}
			}
			hold(t, m.name, took, time.Second, 2500*time.Millisecond)
		}
	})
}

// A prefix that the router announces is published as soon as the kernel calls an
// address of it usable; what it announces again is no reason to look.
func TestAPrefixOfARouterAdvertisementIsPublishedInASecond(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.far()
		g := newGateway(t, w)
		write(t, "/proc/sys/net/ipv6/conf/eth0/accept_ra", "1")
		write(t, "/proc/sys/net/ipv6/conf/eth0/autoconf", "1")
		write(t, "/proc/sys/net/ipv6/conf/eth0/max_addresses", "0") // all that are given up stay for a while
		g.do("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
		advertise := func(prefixes ...string) {
			conf := "interface lan0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;"
			for i, p := range prefixes {
				preferred := "600"
				if i > 0 {
					preferred = "0"
				}
				conf += " prefix " + p + "/64 { AdvValidLifetime 1200; AdvPreferredLifetime " + preferred + "; };"
			}
			if err := os.WriteFile(filepath.Join(g.folder, "radvd"), []byte(conf+" };\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		of := func(n int) string { return fmt.Sprintf("2a02:8070:%x::", n) }
		advertise(of(1))
		radvd := g.command("/usr/sbin/radvd", "-n", "-m", "stderr", "-C", filepath.Join(g.folder, "radvd"), "-p", filepath.Join(g.folder, "radvd.pid"))
		if err := radvd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = radvd.Process.Kill(); _ = radvd.Wait() }()
		usable := func(prefix string) (a netip.Addr) {
			out, _ := exec.Command("ip", "-6", "-o", "addr", "show", "dev", "eth0", "to", prefix+"/64", "-tentative", "-deprecated").Output()
			for _, word := range strings.Fields(string(out)) {
				if p, err := netip.ParsePrefix(word); err == nil && p.Addr().Is6() {
					return p.Addr()
				}
			}
			return a
		}
		var took, whole []time.Duration
		for n := 1; n <= changes(); n++ {
			w.until("the first prefix is usable", 30*time.Second, func() bool { return usable(of(n)).IsValid() })
			w.home.Set(addr.IPv6, usable(of(n)))
			p := w.start("home.example.org", nil, "UPDATE_CRON=@every 1h", "HOMING_LISTEN=off")
			w.until("the first round is made", 20*time.Second, func() bool { return p.rounds() > 0 && w.published() })
			if before := p.rounds(); n <= 2 {
				advertised := time.NewTimer(8 * time.Second) // twice at least
				<-advertised.C
				if more := p.rounds() - before; more > 0 {
					t.Errorf("advertisements of what is so made %d rounds", more)
				}
			}
			w.settled()
			changed := time.Now()
			advertise(of(n+1), of(n))
			if err := radvd.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			w.until("the next prefix is usable", 30*time.Second, func() bool { return usable(of(n + 1)).IsValid() })
			w.home.Set(addr.IPv6, usable(of(n+1)))
			began := time.Now()
			w.until("the record says so", 30*time.Second, w.published)
			took, whole = append(took, time.Since(began)), append(whole, time.Since(changed))
			p.end(syscall.SIGTERM)
		}
		slices.Sort(took)
		slices.Sort(whole)
		limit := 3 * time.Second
		if changes() < 10 { // radvd may rest for three seconds between two of them, and a machine may be busy
			limit = 10 * time.Second
		}
		hold(t, "the same, from when radvd was told", whole, limit, limit)
		hold(t, "a new prefix by router advertisement", took, time.Second, 2500*time.Millisecond)
	})
}

// What real miniupnpd says is a vote; of CGNAT it tells, and of what it is behind.
func TestTheRouterIsASource(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		g := newGateway(t, w)
		for _, c := range []struct{ at, says string }{
			{home4, "the router"},
			{"100.64.1.1", "has no public"},
			{"192.168.9.2", "has no public"},
		} {
			g.ip("addr flush dev wan0")
			g.ip("addr add " + c.at + "/24 dev wan0")
			w.settled()
			p := w.start("", []string{"detect"}, "IP4_PROVIDER=router,cloudflare.trace", "IP6_PROVIDER=none")
			if code := p.wait(); code != 0 || !strings.Contains(p.said(), "IPv4  result: "+home4) || !strings.Contains(p.said(), c.says) {
				t.Errorf("%s: exit code %d:\n%s", c.at, code, p.said())
			}
		}
		w.zone("example.org", "home.example.org")
		p := w.start("home.example.org", []string{"once"}, "IP4_PROVIDER=router,cloudflare.trace", "IP6_PROVIDER=none")
		if code := p.wait(); code != 0 || !strings.Contains(p.said(), "nobody can reach you over IPv4") {
			t.Errorf("exit code %d", code)
		}
	})
}

// Whoever forges announcements on the LAN costs a few looks, and publishes nothing.
func TestForgedAnnouncementsCostLittle(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.far()
		g := newGateway(t, w)
		p := w.start("home.example.org", nil, "UPDATE_CRON=@every 1h", "HOMING_LISTEN=off", "HOMING_DETECT_LISTEN=router", "IP6_PROVIDER=none")
		w.until("the first round is made", 20*time.Second, func() bool {
			return p.rounds() > 0 && slices.Contains(w.cloud.Contents("example.org", "home.example.org"), home4)
		})
		w.settled()
		grown := p.grown()
		began := time.Now()
		forge := `import socket,time
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP,socket.IP_MULTICAST_IF,socket.inet_aton("` + lanRouter + `"))
s.bind(("` + lanRouter + `",0))
for i in range(1000):
    s.sendto(bytes([0,128,0,0,0,0,0,i%256,84,6,6,i%250+1]),("224.0.0.1",5350)); time.sleep(0.01)`
		if out, err := g.command("python3", "-c", forge).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if n, most := p.rounds()-1, 3+1+int(time.Since(began)/(2*time.Second)); n < 1 || n > min(most, 5) {
			t.Errorf("1,000 forged announcements in %v made %d rounds", time.Since(began), n)
		}
		if w.wrote("84.6.6.") {
			t.Error("a forged address was published")
		}
		grown()
		p.end(syscall.SIGTERM)
	})
}
