//go:build check

package cli_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Where the server is that every line of a home leads to.
const (
	server4 = "9.9.9.9"
	server6 = "2620:fe::fe"
	echo    = "echo.example.net" // its name, if a name server on a line is asked
)

// A line leads to a namespace in which a server tells everybody the address it
// sees. All servers have the same addresses: only the line tells them apart.
type line struct {
	name       string
	own4, own6 string // the home's addresses on it

	mu      sync.Mutex
	callers []string
}

// newLine lays the nth line of a home. The first of several is the default.
func newLine(t *testing.T, name string, n int) *line {
	t.Helper()
	net4, net6 := fmt.Sprintf("81.2.%d.", n), fmt.Sprintf("2a02:8070:%d::", n)
	l := &line{name: name, own4: net4 + "2", own6: net6 + "2"}
	elsewhere(t, func(home string) {
		ip(t, "link set lo up")
		ip(t, "link add end type veth peer name "+name+" netns "+home)
		ip(t, "link set end up")
		ip(t, "addr add "+net4+"1/24 dev end")
		ip(t, "addr add "+net6+"1/64 dev end nodad")
		for _, at := range []string{server4, server6} {
			ip(t, "addr add "+at+" dev lo nodad")
			l.serve(t, net.JoinHostPort(at, "80"))
		}
		serveDNS(t, net.JoinHostPort(server4, "53"), func(m *dnsmessage.Message) {
			answerDNS(m, map[string][]string{echo + ".": {server4, server6}})
		})
	})
	// or an answer would be dropped that does not come by the default line
	write(t, "/proc/sys/net/ipv4/conf/all/rp_filter", "0")
	write(t, "/proc/sys/net/ipv4/conf/"+name+"/rp_filter", "0")
	ip(t, "link set "+name+" up")
	ip(t, "addr add "+l.own4+"/24 dev "+name)
	ip(t, "addr add "+l.own6+"/64 dev "+name+" nodad")
	ip(t, fmt.Sprintf("route add default via %s1 metric %d", net4, n))
	ip(t, fmt.Sprintf("-6 route add default via %s1 metric %d", net6, n))
	return l
}

// serve tells who asks there the address it is seen at.
func (l *line) serve(t *testing.T, at string) {
	t.Helper()
	listener, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller := netip.MustParseAddrPort(r.RemoteAddr).Addr().String()
		l.mu.Lock()
		l.callers = append(l.callers, caller)
		l.mu.Unlock()
		_, _ = io.WriteString(w, caller+"\n") // the caller misses it
	})}
	var running sync.WaitGroup
	running.Go(func() { _ = s.Serve(listener) }) // it ends when it is closed
	t.Cleanup(func() {
		_ = s.Close()
		running.Wait()
	})
}

// called lists who came since it was asked the last time.
func (l *line) called() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() { l.callers = nil }()
	return slices.Clone(l.callers)
}

// elsewhere runs f on a thread in a new network namespace, and tells it a path
// to the one it comes from. The thread ends with f; the namespace stays for as
// long as there are sockets that f opened.
func elsewhere(t *testing.T, f func(home string)) {
	t.Helper()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
			t.Errorf("make a network namespace: %v", err)
			return
		}
		f(fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), home.Fd()))
	}()
	if <-done; t.Failed() {
		t.FailNow() // which nobody but this goroutine may do
	}
}

// write sets a value of the kernel in this namespace.
func write(t *testing.T, path, value string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(value), 0o644); err != nil {
		t.Fatal(err)
	}
}
