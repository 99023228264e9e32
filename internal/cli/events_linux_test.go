//go:build check

package cli_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/sim"
)

// changes is how often each change is made; HOMING_CHANGES=50 makes a benchmark
// of it.
func changes() int {
	if n, err := strconv.Atoi(os.Getenv("HOMING_CHANGES")); err == nil {
		return n
	}
	return 2
}

// far has the API of this internet take as long as the real one does.
func (w *internet) far() {
	w.cloud.SetOptions(sim.Options{ReadLatency: 60 * time.Millisecond, WriteLatency: 120 * time.Millisecond})
	w.zone("example.org", "home.example.org")
}

// published reports whether the records say where the home is.
func (w *internet) published() bool { return w.right("example.org", "home.example.org") }

// move is a change of the home's addresses, on the machine itself or beyond it.
type move struct {
	name string
	f    addr.Family
	// from when it counts: where it is not given, from when make begins. An IPv6
	// address is checked for a second or two before the kernel calls it usable.
	usable func(a netip.Addr) bool
	make   func(a netip.Addr)
	undo   func(a netip.Addr)
}

// truth makes moves, each with a fresh daemon in a calm house, and says how long
// it took from each until the record was confirmed.
func (w *internet) truth(m move, n int, settings ...string) []time.Duration {
	w.t.Helper()
	var took []time.Duration
	for i := range n {
		a := netip.MustParseAddr(fmt.Sprintf("93.184.%d.%d", 1+i/200, 1+i%200))
		if m.f == addr.IPv6 {
			a = netip.MustParseAddr(fmt.Sprintf("2a02:8070:%x::7", 1+i))
		}
		p := w.start("home.example.org", nil, append([]string{"UPDATE_CRON=@every 1h", "HOMING_LISTEN=off"}, settings...)...)
		w.until("the first round is made", 20*time.Second, func() bool { return p.rounds() > 0 && w.published() })
		w.settled()
		began := time.Now()
		if m.usable == nil {
			w.home.Set(m.f, a)
			m.make(a)
		} else {
			m.make(a)
			w.until("the kernel calls "+a.String()+" usable", 20*time.Second, func() bool { return m.usable(a) })
			w.home.Set(m.f, a)
			began = time.Now()
		}
		w.until(m.name+": the record says so", 30*time.Second, w.published)
		took = append(took, time.Since(began))
		p.end(syscall.SIGTERM)
		if m.undo != nil {
			m.undo(a)
		}
	}
	slices.Sort(took)
	return took
}

// settled gives the kernel the time to end what a start began, such as the
// check of a link-local address. There is nothing to wait for.
func (w *internet) settled() {
	w.t.Helper()
	timer := time.NewTimer(time.Second)
	<-timer.C
}

// holds fails where it took longer than that, and tells how long.
func hold(t *testing.T, what string, took []time.Duration, median, worst time.Duration) {
	t.Helper()
	mid, last := took[len(took)/2], took[len(took)-1]
	t.Logf("%-40s median %6.0f ms, worst %6.0f ms of %d", what, float64(mid.Microseconds())/1000, float64(last.Microseconds())/1000, len(took))
	if mid > median || last > worst {
		t.Errorf("%s: median %v, worst %v", what, mid, last)
	}
}

func TestAChangeOfTheMachineIsPublishedInASecond(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.far()
		lay := func() {
			ip(t, "link add wan type veth peer name end")
			ip(t, "link set wan up")
			ip(t, "link set end up")
			ip(t, "addr add 93.184.0.5/16 dev wan")
			ip(t, "route add default via 93.184.0.1")
			ip(t, "addr add 2a02:8070::7/64 dev wan nodad")
			ip(t, "-6 route add default via 2a02:8070::1")
		}
		lay()
		usable := func(a netip.Addr) bool {
			out, _ := exec.Command("ip", "-6", "addr", "show", "to", a.String()).Output()
			return strings.Contains(string(out), a.String()) && !strings.Contains(string(out), "tentative")
		}
		nothing := func(netip.Addr) {}
		var tun *os.File
		for _, m := range []move{
			{"an address in place of another", addr.IPv4, nil, func(a netip.Addr) {
				ip(t, "addr flush dev wan scope global")
				ip(t, "addr add "+a.String()+"/16 dev wan")
				ip(t, "route add default via 93.184.0.1")
			}, nil},
			{"the link down and up", addr.IPv4, nil, func(netip.Addr) {
				ip(t, "link set end down")
				w.settled()
				ip(t, "link set end up")
			}, nothing},
			{"a new prefix", addr.IPv6, usable, func(a netip.Addr) { ip(t, "addr add "+a.String()+"/64 dev wan") }, nil},
			{"a new interface, as PPPoE makes one (tun)", addr.IPv4, nil, func(a netip.Addr) {
				tun = openTun(t, "ppp9")
				ip(t, "link set ppp9 up")
				ip(t, "addr add "+a.String()+" peer 93.184.255.1 dev ppp9")
				ip(t, "route replace default dev ppp9")
			}, func(netip.Addr) {
				tun.Close() // and with it the interface goes
				ip(t, "route replace default via 93.184.0.1")
			}},
		} {
			took := w.truth(m, changes())
			if m.name == "the link down and up" {
				for i := range took { // it counts from when it is up
					took[i] -= time.Second
				}
			}
			hold(t, m.name, took, time.Second, 2500*time.Millisecond)
			ip(t, "link del wan")
			lay()
		}
		hold(t, "polled every five seconds", w.truth(move{"polled", addr.IPv4, nil, nothing, nil}, changes(), "HOMING_DETECT_LISTEN=off", "UPDATE_CRON=@every 5s"), time.Minute, time.Minute)
	})
}

// openTun makes an interface from point to point, which lasts as long as the file
// is open (linux/if_tun.h).
func openTun(t *testing.T, name string) *os.File {
	t.Helper()
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatalf("open /dev/net/tun: %v", err)
	}
	var req [40]byte // struct ifreq
	copy(req[:syscall.IFNAMSIZ-1], name)
	binary.NativeEndian.PutUint16(req[syscall.IFNAMSIZ:], syscall.IFF_TUN|syscall.IFF_NO_PI)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&req))); errno != 0 {
		t.Fatalf("make %s: %v", name, errno)
	}
	return os.NewFile(uintptr(fd), name)
}

// What says nothing new is no reason to look, however often it is said.
func TestAStormOfTheMachineMakesFewRounds(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		ip(t, "link add wan type veth peer name end")
		ip(t, "link set wan up")
		ip(t, "link set end up")
		ip(t, "addr add 93.184.0.5/16 dev wan")
		ip(t, "route add default via 93.184.0.1")
		ip(t, "addr add 2a02:8070::7/64 dev wan nodad valid_lft 3600 preferred_lft 3600")
		ip(t, "-6 route add default via 2a02:8070::1")
		p := w.start("home.example.org", nil, "UPDATE_CRON=@every 1h", "HOMING_LISTEN=off")
		w.until("the first round is made", 20*time.Second, func() bool { return p.rounds() > 0 && w.published() })
		w.settled()
		looks := func() int { return w.home.Requests("") }
		grown := p.grown()
		before := looks()
		var batch strings.Builder
		for i := range 1000 { // as router advertisements do
			fmt.Fprintf(&batch, "addr change 2a02:8070::7/64 dev wan valid_lft %d preferred_lft %d\n", 3600+i, 3600+i)
		}
		all(t, batch.String())
		w.settled()
		if n := looks() - before; n > 0 || p.rounds() > 1 {
			t.Errorf("an address that was told of 1,000 times more was looked for with %d requests", n)
		}
		batch.Reset()
		for range 1000 {
			batch.WriteString("link set end down\nlink set end up\n")
		}
		began := time.Now()
		all(t, batch.String())
		w.settled()
		most := 3 + 1 + int(time.Since(began)/(2*time.Second))
		if n := p.rounds() - 1; n > most {
			t.Errorf("1,000 flaps in %v made %d rounds", time.Since(began), n)
		}
		if !w.published() {
			t.Error("the record is another one")
		}
		grown()
		p.end(syscall.SIGTERM)
	})
}

// all has ip carry out lines at once.
func all(t *testing.T, lines string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "ip", "-batch", "-")
	c.Stdin = strings.NewReader(lines)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("ip: %v\n%s", err, out)
	}
}
