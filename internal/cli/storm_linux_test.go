//go:build check

package cli_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// resources is what a process has of the kernel: KiB of memory of its own, open
// files and threads.
func (p *program) resources() (anonymous, files, threads int) {
	p.w.t.Helper()
	at := "/proc/" + strconv.Itoa(p.cmd.Process.Pid)
	for line := range strings.Lines(string(must(os.ReadFile(at + "/status")))) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "RssAnon":
			anonymous = n
		case "Threads":
			threads = n
		}
	}
	return anonymous, len(must(os.ReadDir(at + "/fd"))), threads
}

// grown takes down what the process has; what it gives fails where that has
// become more than a few rounds bring.
func (p *program) grown() func() {
	p.w.t.Helper()
	memory, files, threads := p.resources()
	return func() {
		p.w.t.Helper()
		m, f, n := p.resources()
		p.w.t.Logf("before and after: %d and %d KiB, %d and %d files, %d and %d threads", memory, m, files, f, threads, n)
		if m > memory+max(2048, memory/4) || f > files+8 || n > threads+4 { // connections to the API may be kept; the race detector has more of all
			p.w.t.Errorf("it grew from %d to %d KiB, from %d to %d files, from %d to %d threads", memory, m, files, f, threads, n)
		}
	}
}

// advertise has the router send router advertisements (RFC 4861, section 4.2): n
// of them, a hundred a second, of one prefix again and again or of another each
// time. Their lifetimes differ.
func (g *gateway) advertise(n int, prefix string, another bool) {
	g.w.t.Helper()
	step := "0"
	if another {
		step = "i"
	}
	script := fmt.Sprintf(`import socket,struct,time
s=socket.socket(socket.AF_INET6,socket.SOCK_RAW,58)
s.setsockopt(socket.IPPROTO_IPV6,socket.IPV6_MULTICAST_HOPS,255)
s.setsockopt(socket.IPPROTO_IPV6,socket.IPV6_MULTICAST_IF,socket.if_nametoindex("lan0"))
for i in range(%d):
    p=bytearray(socket.inet_pton(socket.AF_INET6,"%s")); p[4]=%s
    s.sendto(struct.pack(">BBHBBHII",134,0,0,64,0,1800,0,0)+struct.pack(">BBBBIII",3,4,64,0xc0,7200+i,3600+i,0)+bytes(p),("ff02::1",0))
    time.sleep(0.01)`, n, prefix, step)
	if out, err := g.command("python3", "-c", script).CombinedOutput(); err != nil {
		g.w.t.Fatalf("%v\n%s", err, out)
	}
}

// Real advertisements: a thousand of what is so are no look, and a hundred of
// something else each are as many looks as a storm may cost. What somebody
// announces is not published, since nobody sees it.
func TestAStormOfRouterAdvertisementsCostsLittle(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.far()
		g := newGateway(t, w)
		write(t, "/proc/sys/net/ipv6/conf/eth0/accept_ra", "1")
		write(t, "/proc/sys/net/ipv6/conf/eth0/autoconf", "1")
		own := func() (a netip.Addr) {
			out, _ := exec.Command("ip", "-6", "-o", "addr", "show", "dev", "eth0", "scope", "global", "-tentative").Output()
			for _, word := range strings.Fields(string(out)) {
				if p, err := netip.ParsePrefix(word); err == nil && p.Addr().Is6() {
					return p.Addr()
				}
			}
			return a
		}
		w.until("the router has an address on the link", 20*time.Second, func() bool {
			out, _ := g.command("ip", "-6", "-o", "addr", "show", "dev", "lan0", "scope", "link", "-tentative").Output()
			return strings.Contains(string(out), "fe80")
		})
		g.advertise(1, "2a02:8070::", false)
		w.until("there is an address", 20*time.Second, func() bool { return own().IsValid() })
		w.home.Set(addr.IPv6, own())
		p := w.start("home.example.org", nil, "UPDATE_CRON=@every 1h", "HOMING_LISTEN=off")
		w.until("the first round is made", 20*time.Second, func() bool { return p.rounds() > 0 && w.published() })
		w.settled()
		w.settled()
		grown, rounds, requests := p.grown(), p.rounds(), w.home.Requests("")
		g.advertise(1000, "2a02:8070::", false)
		w.settled()
		if n := w.home.Requests("") - requests; n != 0 || p.rounds() != rounds {
			t.Errorf("1,000 advertisements of what is so made %d requests and %d rounds", n, p.rounds()-rounds)
		}
		grown()

		grown, rounds = p.grown(), p.rounds()
		began := time.Now()
		g.advertise(100, "2a02:8070::", true)
		for range 5 { // the kernel checks their addresses for a second or two
			w.settled()
		}
		most := 3 + 1 + int(time.Since(began)/(2*time.Second))
		if n := p.rounds() - rounds; n < 1 || n > most {
			t.Errorf("100 advertisements of something else made %d rounds, of at most %d", n, most)
		}
		if !w.published() || w.wrote("2a02:8070:1") {
			t.Error("what was announced was published")
		}
		grown()
		p.end(syscall.SIGTERM)
	})
}
