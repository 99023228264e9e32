package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/homing-dns/homing/internal/web"
)

// serving has a place listen on loopback until the test ends.
func (p *place) serving(t testing.TB) (address string, stop func() error) {
	t.Helper()
	l, err := web.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l.Addr().String(), p.serve(t, l)
}

func (p *place) serve(t testing.TB, l net.Listener) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.server.Serve(ctx, l) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() { cancel(); err = <-ended })
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// pipes is a listener without a network, so that a bubble's clock can move.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8245} }

func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours
}

// answer sends a request as it stands and reads the status of the answer.
func answer(t *testing.T, address, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, request); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
	line, err := textproto.NewReader(bufio.NewReader(c)).ReadLine()
	if err != nil {
		return err.Error()
	}
	_, code, _ := strings.Cut(line, " ")
	return code[:min(3, len(code))]
}

func TestBadInputIsRefusedAndToldOnce(t *testing.T) {
	auth := "Host: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\n"
	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\n" + auth + "\r\n" }
	tests := []struct{ what, request, code string }{
		{"a header that is too long", "GET /widget HTTP/1.1\r\n" + auth + "X: " + strings.Repeat("x", 20_000) + "\r\n\r\n", "431"},
		{"headers without end", "GET /widget HTTP/1.1\r\n" + auth + strings.Repeat("X-Y: "+strings.Repeat("x", 1000)+"\r\n", 60) + "\r\n", "431"},
		{"a path that is too long", get("/" + strings.Repeat("x", 3000)), "414"},
		{"a wrong method", "DELETE /widget HTTP/1.1\r\n" + auth + "\r\n", "405"},
		{"a method that is none", "G(T / HTTP/1.1\r\n" + auth + "\r\n", "400"},
		{"no request at all", "hello\r\n\r\n", "400"},
		{"another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "404"},
		{"no host", "GET / HTTP/1.1\r\n\r\n", "400"},
		{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
		{"another host", "GET / HTTP/1.1\r\nHost: attacker.example\r\n\r\n", "421"},
		{"a proxy request", "GET http://attacker.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "421"},
		{"CONNECT", "CONNECT attacker.example:443 HTTP/1.1\r\nHost: attacker.example:443\r\n\r\n", "404"},
		{"a way up", get("/../../etc/passwd"), "404"},
		{"a hidden way up", get("/assets/%2e%2e/%2e%2e/go.mod"), "404"},
		{"a hidden slash", get("/assets/..%2fserver.go"), "404"},
		{"a backslash", get("/assets/..\\server.go"), "404"},
		{"a template", get("/assets/page.html"), "404"},
		{"a folder", get("/assets/"), "404"},
		{"two slashes", get("//widget"), "404"},
		{"a zero byte", get("/widget%00"), "404"},
		{"a line break", get("/widget%0d%0aX:%20y"), "404"},
		{"another site", "POST /api/v1/sync HTTP/1.1\r\n" + auth + "Origin: https://attacker.example\r\nContent-Length: 0\r\n\r\n", "403"},
		{"malformed JSON", "POST /api/v1/sync HTTP/1.1\r\n" + auth + "Content-Type: application/json\r\nContent-Length: 5\r\n\r\n{\"wai", "400"},
		{"another type", "POST /api/v1/sync HTTP/1.1\r\n" + auth + "Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>", "415"},
		{"a body that is too long", "POST /api/v1/sync HTTP/1.1\r\n" + auth + "Content-Length: 999999\r\n\r\n", "413"},
		{"a body that grows", "POST /api/v1/sync HTTP/1.1\r\n" + auth + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("400\r\n"+strings.Repeat("x", 1024)+"\r\n", 8), "413"},
		{"two lengths", "POST /api/v1/sync HTTP/1.1\r\n" + auth + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n", "400"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			p := newPlace(t, 1)
			address, stop := p.serving(t)
			for range 3 {
				if code := answer(t, address, tt.request); code != tt.code {
					t.Errorf("%s, want %s", code, tt.code)
				}
			}
			if code := answer(t, address, get("/widget")); code != "200" {
				t.Errorf("after it the server answers %s", code)
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
			if p.log.count() != 1 || !strings.Contains(p.log.String(), "status="+tt.code) || strings.Contains(p.log.String(), token) {
				t.Errorf("the log says %q", p.log.String())
			}
			if p.asked != 0 {
				t.Error("a round was asked for")
			}
		})
	}
}

func TestSlowClientsAreCutOff(t *testing.T) {
	requests := map[string]string{"nothing": "", "half a request": "GET / HTTP/1.1\r\nHost: x\r\n"}
	for _, what := range []string{"POST /api/v1/sync", "POST /sync", "POST /settings", "PUT /api/v1/config", "GET /api/v1/plan", "GET /plan", "GET /api/v1/events", "GET /api/v1/status"} {
		requests["half the body of "+what] = what + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 10\r\n\r\n{"
	}
	for what, first := range requests {
		synctest.Test(t, func(t *testing.T) {
			p, l := newPlace(t, 1), newPipes()
			stop := p.serve(t, l)
			c := l.dial()
			at := time.Now()
			if _, err := io.WriteString(c, first); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, c)
			if took := time.Since(at); took > 11*time.Second {
				t.Errorf("%s: cut off after %v", what, took)
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnIdleConnectionIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, l := newPlace(t, 1), newPipes()
		stop := p.serve(t, l)
		c := l.dial()
		go func() { _, _ = io.WriteString(c, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n") }()
		at := time.Now()
		_, _ = io.Copy(io.Discard, c)
		if took := time.Since(at); took < 30*time.Second || took > 61*time.Second {
			t.Errorf("closed after %v", took)
		}
		_ = stop()
	})
}

func TestAStreamLastsAndTellsEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, l := newPlace(t, 3), newPipes()
		stop := p.serve(t, l)
		c := l.dial()
		go func() {
			_, _ = io.WriteString(c, "GET /api/v1/events HTTP/1.0\r\nHost: x\r\nAuthorization: "+token+"\r\n\r\n")
		}()
		events := make(chan string, 100)
		go func() {
			defer close(events)
			in := bufio.NewScanner(c)
			for in.Scan() {
				if data, ok := strings.CutPrefix(in.Text(), "data: "); ok && data != "{}" { // a beat has none
					events <- data
				}
			}
		}()
		if first := <-events; !strings.Contains(first, `"level":"waiting"`) || !strings.Contains(first, `"next":null`) {
			t.Error(first)
		}
		p.round()
		if second := <-events; !strings.Contains(second, `"round":1,"outcome":"changed"`) {
			t.Error(second)
		}
		time.Sleep(24 * time.Hour) // far beyond every timeout of the server
		p.round()
		synctest.Wait()
		if third := <-events; !strings.Contains(third, `"round":2,"outcome":"unchanged"`) {
			t.Error(third)
		}
		at := time.Now()
		if err := stop(); err != nil || time.Since(at) > time.Second {
			t.Errorf("%v after %v", err, time.Since(at))
		}
		if _, open := <-events; open {
			t.Error("the stream goes on")
		}
	})
}

func TestAStreamThatIsNotReadIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, l := newPlace(t, 1), newPipes()
		stop := p.serve(t, l)
		c := l.dial()
		_, _ = io.WriteString(c, "GET /api/v1/events HTTP/1.0\r\nHost: x\r\nAuthorization: "+token+"\r\n\r\n")
		for range 1000 {
			p.round()
			time.Sleep(time.Second)
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the server still waits for the client")
		}
		_ = stop()
	})
}

func TestTooManyStreamsAreTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, l := newPlace(t, 1), newPipes()
		stop := p.serve(t, l)
		open := func() string {
			c := l.dial()
			go func() {
				_, _ = io.WriteString(c, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: "+token+"\r\n\r\n")
			}()
			line, err := bufio.NewReader(c).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = io.Copy(io.Discard, c) }()
			return line
		}
		for i := range 200 {
			if line := open(); !strings.Contains(line, "200") {
				t.Fatalf("stream %d: %s", i, line)
			}
		}
		if line := open(); !strings.Contains(line, "503") {
			t.Errorf("the one too many: %s", line)
		}
		_ = stop()
	})
}

func TestAHundredStreamsCostLittle(t *testing.T) {
	p := newPlace(t, 20)
	p.round()
	address, _ := p.serving(t)
	memory := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := memory()
	var conns []net.Conn
	for range 100 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
		fmt.Fprintf(c, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n", token)
		if _, err := c.Read(make([]byte, 4096)); err != nil {
			t.Fatal(err)
		}
	}
	p.round()
	for _, c := range conns {
		if _, err := c.Read(make([]byte, 4096)); err != nil {
			t.Fatal(err)
		}
	}
	cost := int64(memory()) - int64(before)
	t.Logf("100 streams cost %d KiB", cost>>10)
	if cost > 15<<20 {
		t.Errorf("100 streams cost %d KiB", cost>>10)
	}
	for _, c := range conns {
		_ = c.Close()
	}
}

func TestServeEndsCleanly(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p := newPlace(t, 1)
	address, stop := p.serving(t)
	tr := &http.Transport{}
	res, err := (&http.Client{Transport: tr}).Get("http://" + address + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if err := stop(); err != nil {
		t.Error(err)
	}
	tr.CloseIdleConnections()
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("it still listens")
	}
	l := newPipes()
	_ = l.Close()
	if err := p.server.Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a listener that fails: %v", err)
	}
}

func TestABusyPortIsSaidClearly(t *testing.T) {
	l, err := web.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = web.Listen(l.Addr().String())
	le, ok := errors.AsType[*web.ListenError](err)
	if !ok || !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(string(le.Hint), "set {serve.listen} to another one") || !strings.HasPrefix(err.Error(), "listen on 127.0.0.1:") {
		t.Errorf("%v", err)
	}
	if _, err := web.Listen("not an address"); err == nil {
		t.Error("it listens on nonsense")
	}
}

func TestASocketIsForItsOwnerAlone(t *testing.T) {
	t.Chdir(t.TempDir()) // the whole path may be too long for a socket
	const path = "homing.sock"
	l, err := web.Listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	p := newPlace(t, 1)
	stop := p.serve(t, l)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}}}
	for i, want := range []int{401, 200} {
		r, _ := http.NewRequest("GET", "http://homing/api/v1/status", nil)
		if i > 0 {
			bearer(r)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%d, want %d", res.StatusCode, want)
		}
	}
	if _, err := web.Listen("unix:" + path); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a second one: %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir("."); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestADeadSocketIsReplacedAndAFileIsNot(t *testing.T) {
	t.Chdir(t.TempDir()) // the whole path may be too long for a socket
	const path = "s"
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	_ = dead.Close()
	l, err := web.Listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := web.Listen("unix:" + path); err == nil {
		t.Error("it replaced a file")
	}
	if b, _ := os.ReadFile(path); string(b) != "mine" {
		t.Errorf("the file says %q", b)
	}
	if _, err := web.Listen("unix:" + filepath.Join("no", "such", "folder")); err == nil {
		t.Error("it listens nowhere")
	}
}
