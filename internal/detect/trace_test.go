package detect

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

const traceHostName = "api.cloudflare.com"

// traceOf is what a trace host answers, as seen in 2026.
func traceOf(host, ip, warp string) string {
	return fmt.Sprintf("fl=000f00\nh=%s\nip=%s\nts=1795219200.123\nvisit_scheme=https\nuag=homing/1\ncolo=FRA\nsliver=none\n"+
		"http=http/1.1\nloc=DE\ntls=TLSv1.3\nsni=plaintext\nwarp=%s\ngateway=off\nrbi=off\nkex=X25519MLKEM768\n", host, ip, warp)
}

// askTrace asks a single trace host that behaves like h.
func askTrace(t *testing.T, w Wanted, h http.HandlerFunc) addr.Observation {
	t.Helper()
	c := onLoopback(t, &world{hosts: map[string]http.HandlerFunc{traceHostName: h}})
	s := must(t)(Trace(w, c, []string{"http://" + traceHostName + "/cdn-cgi/trace"}))
	return s.Observe(t.Context())
}

func TestTraceReadsTheAddressOfItsFamily(t *testing.T) {
	wantSame(t, askTrace(t, want4, shows(traceOf(traceHostName, "8.8.4.4", "off"))), known("8.8.4.4/32"))
	wantSame(t, askTrace(t, want6, shows(traceOf(traceHostName, "2a00:1450::1", "off"))), known("2a00:1450::1/64"))
	wantSame(t, askTrace(t, Wanted{addr.IPv6, 56}, shows(traceOf(traceHostName, "2a00:1450::1", "off"))), known("2a00:1450::1/56"))
	wantSame(t, askTrace(t, want4, shows(strings.ReplaceAll(traceOf(traceHostName, "8.8.4.4", "off"), "\n", "\r\n"))), known("8.8.4.4"))
}

func TestTraceRefuses(t *testing.T) {
	const h = traceHostName
	good := traceOf(h, "8.8.4.4", "off")
	for _, c := range []struct {
		name   string
		wanted Wanted
		host   http.HandlerFunc
		says   string
	}{
		{"a status that is not 200", want4, status(503, good), "503 Service Unavailable instead of 200"},
		{"another 2xx", want4, status(203, good), "203"},
		{"a redirect", want4, loop, `302 Found instead of 200 OK and points to "/cdn-cgi/trace", which is not followed`},
		{"4 MB", want4, huge, "longer than 4096 bytes"},
		{"a trace that is too long", want4, shows(good + strings.Repeat("a=b\n", 1024)), "longer than 4096 bytes"},
		{"an answer that breaks off", want4, reset, "unexpected EOF"},
		{"a web page", want4, shows(portal), "web page; a captive portal"},
		{"what is no trace", want4, shows("error code: 1034\n"), `"error code: 1034" is not a line of a trace`},
		{"nothing", want4, shows(""), `0 lines "h="`},
		{"another host", want4, shows(traceOf("evil.example", "8.8.4.4", "off")), `comes from "evil.example", which was not asked`},
		{"no host", want4, shows(strings.Replace(good, "h="+h+"\n", "", 1)), `0 lines "h="`},
		{"two hosts", want4, shows(good + "h=" + h + "\n"), `2 lines "h="`},
		{"no address", want4, shows(strings.Replace(good, "ip=8.8.4.4\n", "", 1)), `0 lines "ip="`},
		{"two addresses", want4, shows(good + "ip=8.8.8.8\n"), `2 lines "ip="`},
		{"an address twice", want4, shows(good + "ip=8.8.4.4\n"), `2 lines "ip="`},
		{"no warp", want4, shows(strings.Replace(good, "warp=off\n", "", 1)), `0 lines "warp="`},
		{"warp", want4, shows(traceOf(h, "8.8.4.4", "on")), `Cloudflare WARP (warp="on")`},
		{"warp plus", want4, shows(traceOf(h, "8.8.4.4", "plus")), `Cloudflare WARP (warp="plus")`},
		{"IPv6 for IPv4", want4, shows(traceOf(h, "2a00:1450::1", "off")), "not an IPv4 address"},
		{"IPv4 for IPv6", want6, shows(traceOf(h, "8.8.4.4", "off")), "not an IPv6 address"},
		{"IPv4 inside IPv6", want6, shows(traceOf(h, "::ffff:8.8.4.4", "off")), "written inside IPv6"},
		{"IPv4 inside IPv6 for IPv4", want4, shows(traceOf(h, "::ffff:8.8.4.4", "off")), "written inside IPv6"},
		{"a zone", want6, shows(traceOf(h, "2a00:1450::1%eth0", "off")), "has a zone"},
		{"a network", want4, shows(traceOf(h, "8.8.4.4/24", "off")), `"8.8.4.4/24" is not an address`},
		{"no number", want4, shows(traceOf(h, "8.8.4", "off")), `"8.8.4" is not an address`},
		{"leading zeros", want4, shows(traceOf(h, "8.8.4.04", "off")), "is not an address"},
		{"a blank after it", want4, shows(traceOf(h, "8.8.4.4 ", "off")), "is not an address"},
		{"CGNAT", want4, shows(traceOf(h, "100.64.0.1", "off")), "CGNAT"},
		{"a private address", want4, shows(traceOf(h, "192.168.1.1", "off")), "RFC 1918"},
		{"Cloudflare's own", want4, shows(traceOf(h, "104.27.1.1", "off")), "Cloudflare's own network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRefused(t, askTrace(t, c.wanted, c.host), c.says)
		})
	}
}

func TestTraceNamesTheHostInItsReason(t *testing.T) {
	wantRefused(t, askTrace(t, want4, status(500, "")), "ask api.cloudflare.com: it answered 500")
	wantRefused(t, askTrace(t, want4, shows("x")), "read the trace of api.cloudflare.com: ")
}

func TestTraceDoesNotPassControlCharactersOn(t *testing.T) {
	for _, body := range []string{"\x1b[2J\n", traceOf("\x1b[2J", "8.8.4.4", "off"), traceOf(traceHostName, "\x1b[2J", "off"), traceOf(traceHostName, "8.8.4.4", "\x1b[2J")} {
		if why := askTrace(t, want4, shows(body)).Why(); why == nil || strings.Contains(why.Error(), "\x1b") {
			t.Errorf("%q", why)
		}
	}
}

func TestTraceSaysWhoVotes(t *testing.T) {
	c := httpx.New(httpx.Options{})
	s := must(t)(Trace(want4, c, append(TraceURLs(), "http://localhost:8080/trace")))
	if got, want := s.Voter(), (addr.Voter{Source: "cloudflare.trace", Operator: "cloudflare.com", Authenticated: true}); got != want {
		t.Errorf("the source is %+v", got)
	}
	var ways []string
	for _, w := range routesOf(s) {
		v := w.Voter()
		ways = append(ways, v.Route)
		if v.Certain || v.Authenticated != (v.Route != "localhost:8080") {
			t.Errorf("%+v", v)
		}
	}
	if got, want := strings.Join(ways, " "), "api.cloudflare.com www.cloudflare.com connectivity.cloudflareclient.com localhost:8080"; got != want {
		t.Errorf("the ways are %s", got)
	}
}

func TestTraceOverTLSBelievesOnlyTheHostItAsked(t *testing.T) {
	const certified, hijacked = "example.com", "hijacked.test"
	s := httptest.NewUnstartedServer(&world{hosts: map[string]http.HandlerFunc{
		certified: shows(traceOf(certified, "8.8.4.4", "off")),
		hijacked:  shows(traceOf(hijacked, "8.8.8.8", "off")),
	}})
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c := httpx.New(httpx.Options{Roots: roots, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", s.Listener.Addr().String())
	}})
	defer c.CloseIdle()
	wantSame(t, must(t)(Trace(want4, c, []string{"https://" + certified})).Observe(t.Context()), known("8.8.4.4"))
	wantRefused(t, must(t)(Trace(want4, c, []string{"https://" + hijacked})).Observe(t.Context()), "ask hijacked.test: tls:")
}

func TestTraceNeedsURLs(t *testing.T) {
	for _, urls := range [][]string{nil, {"api.cloudflare.com"}, {"ftp://api.cloudflare.com"}, {"https://"}} {
		if _, err := Trace(want4, nil, urls); err == nil {
			t.Errorf("%q are taken", urls)
		}
	}
}

// Whatever a host sends: no panic, and no address that is not public, of the
// right family, and said by exactly one line.
func FuzzTrace(f *testing.F) {
	f.Add([]byte(traceOf(traceHostName, "8.8.4.4", "off")), true)
	f.Add([]byte(traceOf(traceHostName, "2a00:1450::1", "off")), false)
	f.Add([]byte(traceOf(traceHostName, "::ffff:8.8.4.4", "off")), false)
	f.Add([]byte("h=api.cloudflare.com\nip=8.8.4.4\nip=8.8.4.4\nwarp=off"), true)
	f.Add([]byte(portal), true)
	f.Add([]byte("h=api.cloudflare.com\r\nip=100.64.0.1\r\nwarp=off\r\n"), true)
	u := &url.URL{Scheme: "https", Host: traceHostName}
	f.Fuzz(func(t *testing.T, body []byte, four bool) {
		w := want6
		if four {
			w = want4
		}
		p, err := parseTraceAnswer(body, u, w)
		if err != nil {
			return
		}
		checkPublic(t, w, p)
		if n := strings.Count("\n"+string(body), "\nip="); n != 1 {
			t.Errorf("%s out of %d lines", p, n)
		}
	})
}

// checkPublic wants p to be one that may be published.
func checkPublic(t *testing.T, w Wanted, p netip.Prefix) {
	t.Helper()
	if !p.IsValid() || !w.Family.Holds(p.Addr()) {
		t.Errorf("%s is no address of %s", p, w.Family)
	}
	if err := addr.Public(p.Addr(), 0); err != nil {
		t.Error(err)
	}
	if a, err := netip.ParseAddr(p.Addr().String()); err != nil || a != p.Addr() {
		t.Errorf("%s does not read back: %v", p, err)
	}
}
