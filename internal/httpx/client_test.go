package httpx

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// dialled notes how a client dials, and always reaches the same server.
type dialled struct {
	to string
	mu sync.Mutex
	by []string
}

func (d *dialled) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	d.by = append(d.by, network+" "+address)
	d.mu.Unlock()
	return new(net.Dialer).DialContext(ctx, "tcp", d.to)
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, c *Client, url string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(r)
}

// fetch sends a GET and returns the status; the body is read to its end.
func fetch(t *testing.T, c *Client, url string) int {
	t.Helper()
	resp, err := get(t, c, url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadBody(resp, 1<<10); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

func TestClientIsPinnedToItsFamily(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	for network, want := range map[string]string{"": "tcp", "tcp4": "tcp4", "tcp6": "tcp6"} {
		d := &dialled{to: s.Listener.Addr().String()}
		c := New(Options{Network: network, Dial: d.dial})
		fetch(t, c, "http://who.example/")
		c.CloseIdle()
		if len(d.by) != 1 || d.by[0] != want+" who.example:80" {
			t.Errorf("pinned to %q it dials %v", network, d.by)
		}
	}
}

func TestClientPinnedToTheOtherFamilyDoesNotConnect(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := New(Options{Network: "tcp6"})
	if resp, err := get(t, c, s.URL); err == nil { // 127.0.0.1
		resp.Body.Close()
		t.Error("a client pinned to IPv6 reached an IPv4 address")
	}
}

func TestClientDoesNotFollowRedirects(t *testing.T) {
	followed := false
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		followed = followed || r.URL.Path == "/next"
		http.Redirect(w, r, "/next", http.StatusFound)
	})
	c := New(Options{})
	defer c.CloseIdle()
	if status := fetch(t, c, s.URL); status != http.StatusFound || followed {
		t.Errorf("status %d, followed %v", status, followed)
	}
}

func TestClientSendsWhatEveryRequestCarriesAndCounts(t *testing.T) {
	var got http.Header
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
	c := New(Options{UserAgent: "homing/1", Header: http.Header{"Authorization": {"Bearer x"}}})
	defer c.CloseIdle()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	for range 3 {
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if got.Get("User-Agent") != "homing/1" || got.Get("Authorization") != "Bearer x" {
		t.Errorf("sent %v", got)
	}
	if len(r.Header) != 0 {
		t.Errorf("the caller's request was changed: %v", r.Header)
	}
	if c.Calls() != 3 {
		t.Errorf("counted %d calls of 3", c.Calls())
	}
}

func TestClientKeepsConnectionsUntilCloseIdle(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	d := &dialled{to: s.Listener.Addr().String()}
	c := New(Options{Dial: d.dial})
	defer c.CloseIdle()
	fetch(t, c, s.URL)
	fetch(t, c, s.URL)
	if len(d.by) != 1 {
		t.Fatalf("two requests opened %d connections", len(d.by))
	}
	c.CloseIdle()
	fetch(t, c, s.URL)
	if len(d.by) != 2 {
		t.Error("CloseIdle left the connection open")
	}
}

func TestClientTrustsOnlyItsRoots(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c := New(Options{Roots: roots})
	defer c.CloseIdle()
	fetch(t, c, s.URL)
	if resp, err := get(t, New(Options{Roots: x509.NewCertPool()}), s.URL); err == nil {
		resp.Body.Close()
		t.Error("a server that nobody vouches for is trusted")
	}
	lax := New(Options{Insecure: true})
	defer lax.CloseIdle()
	fetch(t, lax, s.URL)
}

func TestClientUsesAProxyOnlyWhenAsked(t *testing.T) {
	// net/http reads the environment once in a process, so look at the wiring.
	if New(Options{}).transport.Proxy != nil || New(Options{Proxy: true}).transport.Proxy == nil {
		t.Error("a proxy is used exactly when Options.Proxy says so")
	}
}

func TestClientRefusesEndlessHeaders(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("a", 2*maxHeader))
	})
	if resp, err := get(t, New(Options{}), s.URL); err == nil {
		resp.Body.Close()
		t.Error("a header of 128 KiB was taken")
	}
}

func TestErrorsDoNotNameTheURL(t *testing.T) {
	gone := errors.New("gone")
	c := New(Options{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, gone }})
	_, err := get(t, c, "http://user:hunter1@who.example/?token=hunter2")
	if !errors.Is(err, gone) || strings.Contains(err.Error(), "hunter") {
		t.Errorf("got %v", err)
	}
}

func TestClientSendsTheUserOfTheURL(t *testing.T) {
	var got http.Header
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
	c := New(Options{})
	defer c.CloseIdle()
	fetch(t, c, strings.Replace(s.URL, "://", "://me:secret@", 1))
	if want := "Basic bWU6c2VjcmV0"; got.Get("Authorization") != want {
		t.Errorf("sent %q, want %q", got.Get("Authorization"), want)
	}
}
