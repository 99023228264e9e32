package detect

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/httpx/httpxtest"
)

// Nothing may run on when all tests are over.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	want4 = Wanted{Family: addr.IPv4}
	want6 = Wanted{Family: addr.IPv6}
)

// A world is an internet of HTTP hosts that notes who is asked, and how often
// somebody connects. Its fields are set before it is used.
type world struct {
	hosts map[string]http.HandlerFunc

	mu    sync.Mutex
	asked []string
	dials int
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.asked = append(w.asked, r.Host)
	w.mu.Unlock()
	if h := w.hosts[r.Host]; h != nil {
		h(rw, r)
		return
	}
	http.NotFound(rw, r)
}

// Asked lists the hosts that were asked so far.
func (w *world) Asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.asked)
}

func (w *world) Dials() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dials
}

func (w *world) noteDial() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dials++
}

// onLoopback lets every name lead to w over TCP.
func onLoopback(t testing.TB, w *world) *httpx.Client {
	s := httptest.NewServer(w)
	c := httpx.New(httpx.Options{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		w.noteDial()
		return new(net.Dialer).DialContext(ctx, "tcp", s.Listener.Addr().String())
	}})
	t.Cleanup(func() { c.CloseIdle(); s.Close() })
	return c
}

// inBubble lets every name lead to w over pipes, on which synctest can wait.
func inBubble(t *testing.T, w *world) *httpx.Client {
	dial := httpxtest.Serve(t, w)
	c := httpx.New(httpx.Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		w.noteDial()
		return dial(ctx, network, address)
	}})
	t.Cleanup(c.CloseIdle)
	return c
}

// What hosts do.

func shows(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(s)) }
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); w.Write([]byte(body)) }
}

// hang reads the question, or net/http would not notice that the asker left.
func hang(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// trickle sends a byte a second.
func trickle(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		for i := range len(s) {
			w.Write([]byte{s[i]})
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(time.Second):
			}
		}
	}
}

// reset breaks the connection off in the middle of the answer.
func reset(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	w.Write([]byte("1.2.3.4"))
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func huge(w http.ResponseWriter, _ *http.Request) {
	w.Write([]byte(strings.Repeat("1.2.3.4\n", 4<<20/8)))
}

// loop redirects to itself for ever.
func loop(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, r.URL.Path, http.StatusFound)
}

const portal = "<!DOCTYPE html>\n<html><body>Your address is 1.2.3.4, please log in</body></html>\n"

// What is expected.

// known is what a source that says these addresses knows.
func known(entries ...string) addr.Observation {
	var ps []netip.Prefix
	for _, e := range entries {
		w := want4
		if strings.Contains(e, ":") {
			w = want6
		}
		p, err := parseAddrOrCIDR(e, w, func(netip.Addr) error { return nil })
		if err != nil {
			panic(err)
		}
		ps = append(ps, p)
	}
	return addr.Known(ps...)
}

func wantSame(t *testing.T, got, want addr.Observation) {
	t.Helper()
	if !got.Same(want) {
		t.Errorf("it is %s, want %s", got.Describe(), want.Describe())
	}
}

// wantRefused wants nothing known, for a reason that says so.
func wantRefused(t *testing.T, got addr.Observation, says string) {
	t.Helper()
	if got.Known() {
		t.Errorf("it is %s, want it not known", got.Describe())
	} else if !strings.Contains(got.Why().Error(), says) {
		t.Errorf("%q does not say %q", got.Why(), says)
	}
}

func must(t testing.TB) func(Source, error) Source {
	return func(s Source, err error) Source {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

var errDown = errors.New("the line is down")

// swallow is a network on which no connection is ever made.
func swallow(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
