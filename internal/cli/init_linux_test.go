package cli_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/homing-dns/homing/internal/sim"
)

// terminal is a pseudo-terminal with homing init at the other end.
type terminal struct {
	t     *testing.T
	us    *os.File
	them  *os.File
	cmd   *exec.Cmd
	ended chan error

	answered int // how far

	mu    sync.Mutex
	shown strings.Builder
}

func inTerminal(t *testing.T, folder string, env []string, args ...string) *terminal {
	t.Helper()
	us, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	var n, lock int32
	ioctl(t, us, syscall.TIOCSPTLCK, unsafe.Pointer(&lock))
	ioctl(t, us, syscall.TIOCGPTN, unsafe.Pointer(&n))
	them, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, us: us, them: them, cmd: exec.Command("homing", args...), ended: make(chan error, 1)}
	x.cmd.Dir, x.cmd.Env = folder, env
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = them, them, them
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { x.ended <- x.cmd.Wait() }()
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := us.Read(b)
			x.mu.Lock()
			x.shown.Write(b[:n])
			x.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = x.cmd.Process.Kill()
		_, _ = us.Close(), them.Close()
		if t.Failed() {
			t.Logf("the terminal shows:\n%s", x.said())
		}
	})
	return x
}

// said is what the terminal shows.
func (x *terminal) said() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.shown.String()
}

// after waits for a question whose answer shows, or does not, and types it.
func (x *terminal) after(question string, shows bool, answer string) {
	x.t.Helper()
	waitUntil(x.t, "the question "+question, func() bool {
		_, rest, asked := strings.Cut(x.said()[x.answered:], question)
		return asked && !strings.Contains(rest, "\n") && x.echoes() == shows
	})
	x.answered = len(x.said())
	if _, err := x.us.WriteString(answer); err != nil {
		x.t.Fatal(err)
	}
}

func (x *terminal) echoes() bool {
	var s syscall.Termios
	ioctl(x.t, x.them, syscall.TCGETS, unsafe.Pointer(&s))
	return s.Lflag&syscall.ECHO != 0
}

// code is the exit code, once it has ended.
func (x *terminal) code() int {
	x.t.Helper()
	select {
	case <-x.ended:
		return x.cmd.ProcessState.ExitCode()
	case <-time.After(20 * time.Second):
		x.t.Fatal("it does not end")
		return -1
	}
}

func ioctl(t *testing.T, f *os.File, what uintptr, to unsafe.Pointer) {
	t.Helper()
	if _, _, err := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), what, uintptr(to)); err != 0 {
		t.Fatal(err)
	}
}

func waitUntil(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !is(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s: it did not come", what)
		}
	}
}

// A secret does not show while it is typed. Ctrl-C leaves nothing behind, and a
// terminal that shows what is typed.
func TestInitHidesASecretAndLeavesNothingAtCtrlC(t *testing.T) {
	cloud := sim.NewCloudflare()
	cloud.AddToken(sim.Token{Value: goodToken})
	cloud.AddZone(sim.Zone{Name: "example.org"})
	net, err := sim.Loopback(sim.NewHome(netip.MustParseAddr("84.1.2.3"), netip.MustParseAddr("2a02:8070::7")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(net.Close)
	net.Handle("/client/v4/", cloud)
	url := net.URL()
	home := t.TempDir()
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "HOMING_STATE=" + filepath.Join(home, "state"), "CLOUDFLARE_BASE_URL=" + url + "/client/v4",
		"IP4_PROVIDER=url:" + url + "/ip", "IP6_PROVIDER=none"}
	for _, at := range []struct {
		question string
		shows    bool
	}{{"Number [", true}, {"Token (hidden): ", false}, {"Names [", true}, {"Write it?", true}} {
		x := inTerminal(t, home, env, "init", "--for", "other", "--config", filepath.Join(home, "new", "homing.yaml"))
		for _, q := range []struct {
			question string
			shows    bool
			answer   string
		}{{"Number [", true, "1\n"}, {"Token (hidden): ", false, goodToken + "\n"}, {"Names [", true, "\n"}, {"Every [", true, "\n"}, {"Page [", true, "\n"}, {"Write it?", true, "\n"}} {
			if q.question == at.question {
				x.after(q.question, q.shows, "\x03")
				break
			}
			x.after(q.question, q.shows, q.answer)
		}
		if code := x.code(); code != 1 {
			t.Errorf("at %q it ended with %d", at.question, code)
		}
		waitUntil(t, "the last words", func() bool { return strings.Contains(x.said(), "Nothing was written.") })
		if strings.Contains(x.said(), goodToken) {
			t.Errorf("at %q the token was shown", at.question)
		}
		if !x.echoes() {
			t.Errorf("after Ctrl-C at %q nothing that is typed shows", at.question)
		}
		if left, err := os.ReadDir(home); err != nil || len(left) != 0 {
			t.Errorf("after Ctrl-C at %q there are %v, %v", at.question, left, err)
		}
	}
}
