package daemon

import (
	"context"
	"net"
	"os"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// systemd is the socket a supervisor listens at.
type systemd struct {
	conn *net.UnixConn
}

// supervised listens where homing is told to report: at a path, or without one in
// a folder of the test.
func supervised(t *testing.T, path string) *systemd {
	t.Helper()
	if path == "" {
		t.Chdir(t.TempDir()) // the whole path may be too long for a socket
		path = "notify"
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return &systemd{conn: conn}
}

// next is the next datagram.
func (s *systemd) next(t *testing.T) string {
	t.Helper()
	s.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 4096)
	n, err := s.conn.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// waiting is how many datagrams are there. It does not wait for one, so that it
// may be used in a bubble.
func (s *systemd) waiting(t *testing.T) (n int) {
	t.Helper()
	raw, err := s.conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Read(func(fd uintptr) bool {
		for b := make([]byte, 4096); ; n++ {
			if _, _, err := syscall.Recvfrom(int(fd), b, syscall.MSG_DONTWAIT); err != nil {
				return true
			}
		}
	})
	return n
}

func TestSystemdHearsWhatItWantsToKnow(t *testing.T) {
	for _, path := range []string{"", "@homing-test-" + strconv.Itoa(os.Getpid())} {
		s := supervised(t, path)
		var sv systemdNotifier
		sv.ready("3 records right")
		sv.status("evil\n\x1b[31mREADY=1\nSTOPPING=1")
		sv.stopping("homing stops")
		for _, want := range []string{"READY=1\nSTATUS=3 records right", "STATUS=evil[31mREADY=1STOPPING=1", "STOPPING=1\nSTATUS=homing stops"} {
			if got := s.next(t); got != want {
				t.Errorf("it hears %q, want %q", got, want)
			}
		}
		sv.reloading()
		sv.reloading()
		first, second := usec(t, s.next(t)), usec(t, s.next(t))
		if first <= 0 || second < first {
			t.Errorf("reloads at %d and %d", first, second)
		}
	}
}

func usec(t *testing.T, message string) int64 {
	t.Helper()
	m := regexp.MustCompile(`^RELOADING=1\nMONOTONIC_USEC=(\d+)$`).FindStringSubmatch(message)
	if m == nil {
		t.Fatalf("it hears %q", message)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWithoutSystemdNothingHappens(t *testing.T) {
	for _, socket := range []string{"", "/no/such/socket"} {
		t.Setenv("NOTIFY_SOCKET", socket)
		var sv systemdNotifier
		sv.ready("x")
		sv.reloading()
		sv.stopping("x")
	}
}

func TestTheWatchdogIntervalIsSystemds(t *testing.T) {
	for env, want := range map[[2]string]time.Duration{
		{"", ""}:                                0,
		{"30000000", ""}:                        30 * time.Second,
		{"30000000", strconv.Itoa(os.Getpid())}: 30 * time.Second,
		{"30000000", "1"}:                       0, // meant for another process
		{"-1", ""}:                              0,
		{"soon", ""}:                            0,
	} {
		t.Setenv("WATCHDOG_USEC", env[0])
		t.Setenv("WATCHDOG_PID", env[1])
		if got := watchdogInterval(); got != want {
			t.Errorf("%q: %s, want %s", env, got, want)
		}
	}
}

// The loop promises its next sign of progress. While it keeps its word the dog
// is fed twice in each interval, however long it rests; once it is stuck, no
// more; and when it goes on after all, again.
func TestAStuckRoundStarvesTheWatchdog(t *testing.T) {
	s := supervised(t, "")
	fed := func(d time.Duration) (n int) {
		for ; d > 0; d -= time.Minute { // the socket holds ten at most
			time.Sleep(min(d, time.Minute))
			synctest.Wait()
			n += s.waiting(t)
		}
		return n
	}
	synctest.Test(t, func(t *testing.T) {
		var w watchdog
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { w.run(ctx, 30*time.Second) })
		if n := fed(time.Hour); n != 0 {
			t.Errorf("fed %d times before anything was promised", n)
		}
		w.extend(24 * time.Hour) // a round was made, the next is due tomorrow
		if n := fed(10 * time.Minute); n != 40 {
			t.Errorf("fed %d times in ten minutes of rest, want 40", n)
		}
		w.extend(time.Minute)
		if n := fed(10 * time.Minute); n < 3 || n > 4 {
			t.Errorf("fed %d times in the minute that was promised", n)
		}
		if n := fed(24 * time.Hour); n != 0 {
			t.Errorf("fed %d times while the loop is stuck", n)
		}
		w.extend(time.Minute)
		if n := fed(time.Minute + time.Second); n == 0 {
			t.Error("it goes on and is not fed")
		}
		stop()
		wg.Wait()
		wg.Go(func() { w.run(t.Context(), 0) }) // where nobody waits for it
		wg.Wait()
	})
}
