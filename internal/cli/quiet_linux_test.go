//go:build check

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// quietFor is how long homes are watched in which nothing happens; make quiet
// watches longer.
func quietFor() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("HOMING_QUIET")); err == nil {
		return d
	}
	return 20 * time.Second
}

// wakeups is how often the threads of a process were given the processor.
func (p *program) wakeups() (n int) {
	p.w.t.Helper()
	for _, status := range must(filepath.Glob("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/task/*/status")) {
		for line := range strings.Lines(string(must(os.ReadFile(status)))) {
			if name, value, _ := strings.Cut(line, ":"); strings.HasSuffix(name, "voluntary_ctxt_switches") {
				more, _ := strconv.Atoi(strings.TrimSpace(value))
				n += more
			}
		}
	}
	return n
}

// Who listens to the kernel, and to the router, asks nobody more and wakes no
// more often than who does not, as long as nothing happens.
func TestAQuietHomeCostsNothingToListenTo(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		ip(t, "link add wan type veth peer name end")
		ip(t, "link set wan up")
		ip(t, "link set end up")
		ip(t, "addr add 192.168.77.10/24 dev wan")
		ip(t, "route add default via 192.168.77.1")
		ip(t, "addr add 2a02:8070::7/64 dev wan nodad")
		ip(t, "-6 route add default via 2a02:8070::1")
		w.settled()
		w.settled()
		woken := map[string]int{}
		for _, listen := range []string{"off", "system"} {
			p := w.start("home.example.org", nil, "UPDATE_CRON=@every 1h", "HOMING_LISTEN=off", "HOMING_DETECT_LISTEN="+listen)
			w.until("the first round is made", 20*time.Second, func() bool { return p.rounds() > 0 && w.right("example.org", "home.example.org") })
			for range 5 { // what a start began ends
				w.settled()
			}
			asked, calls, before := w.home.Requests(""), len(w.cloud.Calls()), p.wakeups()
			quiet := time.NewTimer(quietFor())
			<-quiet.C
			woken[listen] = p.wakeups() - before
			if a, c := w.home.Requests("")-asked, len(w.cloud.Calls())-calls; a != 0 || c != 0 || p.rounds() != 1 {
				t.Errorf("%s: %d questions, %d calls and %d rounds in %v", listen, a, c, p.rounds()-1, quietFor())
			}
			p.end(syscall.SIGTERM)
		}
		t.Logf("in %v a process was woken %d times with detect.listen: off, and %d times with system", quietFor(), woken["off"], woken["system"])
		if woken["system"] > woken["off"]+woken["off"]/2+10 {
			t.Errorf("listening woke it %d times, and not listening %d times", woken["system"], woken["off"])
		}
	})
}

// withoutNetlink is a program that starts another one to which the kernel gives no
// socket of rtnetlink, as some sandboxes have it: a filter of system calls
// (seccomp(2)) that answers EAFNOSUPPORT.
const withoutNetlink = `import ctypes,os,struct,sys
def op(code,jt,jf,k): return struct.pack("HBBI",code,jt,jf,k)
nr={"x86_64":41,"aarch64":198}[os.uname().machine] # of socket(2)
code=[op(0x20,0,0,0),op(0x15,0,3,nr),op(0x20,0,0,16),op(0x15,0,1,16),op(0x06,0,0,0x50000|97),op(0x06,0,0,0x7fff0000)]
filter=ctypes.create_string_buffer(b"".join(code))
class Program(ctypes.Structure): _fields_=[("n",ctypes.c_ushort),("at",ctypes.c_void_p)]
libc=ctypes.CDLL(None,use_errno=True)
assert libc.prctl(38,1,0,0,0)==0
assert libc.prctl(22,2,ctypes.byref(Program(len(code),ctypes.addressof(filter))),0,0)==0,ctypes.get_errno()
os.execvp(sys.argv[1],sys.argv[1:])`

// Where nothing can be heard, doctor says so once, and a daemon says nothing of it
// and looks as often as its schedule has it.
func TestWhereNothingCanBeHeardDoctorAloneSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		lay    func(t *testing.T, w *internet)
		listen string
		wrap   []string
		says   string
	}{
		"a router that says nothing, and no multicast": {func(t *testing.T, _ *internet) {
			silentLine(t)
			ip(t, "link set wan multicast off")
			ip(t, "route add prohibit 224.0.0.0/4")
		}, "router", nil, "cannot listen to the router"},
		"no netlink": {func(t *testing.T, _ *internet) { silentLine(t) }, "system", []string{"python3", "-c", withoutNetlink, must(exec.LookPath("homing"))}, "cannot listen for address changes on this machine"},
		"a bridge network": {func(t *testing.T, w *internet) {
			ip(t, "link add other0 type veth peer name other1") // so that the two ends have two numbers
			newNetwork(t, w)
			for path, kind := range map[string]string{"/sys": "sysfs", "/run": "tmpfs"} { // of this namespace alone
				if err := syscall.Mount("none", path, kind, 0, ""); err != nil {
					t.Fatal(err)
				}
			}
			write(t, "/run/.containerenv", "")
		}, "system", nil, "homing runs in a container on a bridge network and hears only of changes there"},
	} {
		t.Run(name, func(t *testing.T) { unheard(t, c.lay, c.listen, c.wrap, c.says) })
	}
}

// silentLine lays one with a router that answers nothing.
func silentLine(t *testing.T) {
	t.Helper()
	ip(t, "link add wan type veth peer name end")
	ip(t, "link set wan up")
	ip(t, "link set end up")
	ip(t, "addr add "+lanOwn+"/24 dev wan")
	ip(t, "addr add "+lanRouter+"/24 dev end")
	ip(t, "route add default via "+lanRouter)
}

func unheard(t *testing.T, lay func(t *testing.T, w *internet), listen string, wrap []string, says string) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		lay(t, w)
		start := func(args ...string) *program {
			settings := []string{"IP6_PROVIDER=none", "UPDATE_CRON=@every 2s", "HOMING_LISTEN=off", "HOMING_DETECT_LISTEN=" + listen}
			if wrap == nil {
				return w.start("home.example.org", args, settings...)
			}
			return w.startProgram(wrap[0], "home.example.org", append(wrap[1:len(wrap):len(wrap)], args...), settings...)
		}
		p := start("doctor")
		p.wait()
		if n := strings.Count(p.words(), says); n != 1 {
			t.Errorf("doctor says %q %d times:\n%s", says, n, p.said())
		}
		p = start()
		w.until("the first round is made", 20*time.Second, func() bool { return p.rounds() > 0 })
		w.home.Set(addr.IPv4, w.home.Addr(addr.IPv4).Next())
		w.until("a change is found by the schedule", 20*time.Second, func() bool { return p.rounds() > 1 && w.published4() })
		for _, word := range []string{"WRN", "ERR", "listen", "netlink", "multicast", "router", "bridge"} {
			if strings.Contains(p.said(), word) {
				t.Errorf("the log says %q:\n%s", word, p.said())
			}
		}
		p.end(syscall.SIGTERM)
	})
}

// published4 is published where IPv6 is out of scope.
func (w *internet) published4() bool {
	return strings.Contains(strings.Join(w.cloud.Contents("example.org", "home.example.org"), " "), w.home.Addr(addr.IPv4).String())
}
