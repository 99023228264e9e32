package sim

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/addr"
)

var (
	v4    = netip.MustParseAddr("84.1.2.3")
	v6    = netip.MustParseAddr("2a02:8071::1")
	wrong = netip.MustParseAddr("84.9.9.9")
)

// asker asks a home over one family, through dialled connections.
type asker struct {
	t       *testing.T
	network string
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
}

func (a asker) ask(method, url, kind string, body []byte) (*http.Response, []byte, error) {
	a.t.Helper()
	tr := &http.Transport{DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return a.dial(ctx, a.network, address)
	}}
	defer tr.CloseIdleConnections()
	r, err := http.NewRequestWithContext(a.t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	resp, err := tr.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, b, err
}

func (a asker) get(url string) string {
	a.t.Helper()
	_, b, err := a.ask("GET", url, "", nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(b)
}

// txt asks the one DNS question, and returns the strings of the answers.
func (a asker) txt(name string, class dnsmessage.Class) (dnsmessage.RCode, []string) {
	a.t.Helper()
	q := dnsmessage.Message{Header: dnsmessage.Header{ID: 77}, Questions: []dnsmessage.Question{{
		Name: dnsmessage.MustNewName(name), Type: dnsmessage.TypeTXT, Class: class,
	}}}
	packed, err := q.Pack()
	if err != nil {
		a.t.Fatal(err)
	}
	resp, b, err := a.ask("POST", "http://cloudflare-dns.com/dns-query", dnsMessage, packed)
	if err != nil || resp.Header.Get("Content-Type") != dnsMessage {
		a.t.Fatalf("DoH: %v %v", err, resp)
	}
	var m dnsmessage.Message
	if err := m.Unpack(b); err != nil || m.ID != 77 || !m.Response {
		a.t.Fatalf("answer %+v: %v", m, err)
	}
	var out []string
	for _, r := range m.Answers {
		out = append(out, strings.Join(r.Body.(*dnsmessage.TXTResource).TXT, "|"))
	}
	return m.RCode, out
}

// eachNet runs a test on both kinds of Net; over pipes in a bubble.
func eachNet(t *testing.T, f func(t *testing.T, h *Home, n *Net)) {
	t.Run("loopback", func(t *testing.T) {
		h := NewHome(v4, v6)
		n, err := Loopback(h)
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		f(t, h, n)
	})
	t.Run("pipes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := NewHome(v4, v6)
			n := Pipes(h)
			defer n.Close()
			f(t, h, n)
		})
	})
}

func TestEveryEndpointTellsTheAddressOfTheFamilyAsked(t *testing.T) {
	eachNet(t, func(t *testing.T, h *Home, n *Net) {
		for network, want := range map[string]netip.Addr{"tcp4": v4, "tcp6": v6} {
			a := asker{t, network, n.Dial}
			page := a.get("http://api.cloudflare.com/cdn-cgi/trace")
			for _, line := range []string{"h=api.cloudflare.com", "ip=" + want.String(), "warp=off", "visit_scheme=http"} {
				if strings.Count("\n"+page, "\n"+line+"\n") != 1 {
					t.Errorf("%s: no line %q in\n%s", network, line, page)
				}
			}
			if got := a.get("http://ip.example.net/ip"); got != want.String()+"\n" {
				t.Errorf("%s: /ip says %q", network, got)
			}
			if code, got := a.txt("whoami.cloudflare.", dnsmessage.ClassCHAOS); code != dnsmessage.RCodeSuccess || len(got) != 1 || got[0] != want.String() {
				t.Errorf("%s: whoami gives %v %q", network, code, got)
			}
			if code, got := a.txt("whoami.cloudflare.", dnsmessage.ClassINET); code != dnsmessage.RCodeRefused || got != nil {
				t.Errorf("%s: class IN gives %v %q", network, code, got)
			}
		}
		if h.Requests("api.cloudflare.com") != 2 || h.Requests("cloudflare-dns.com", addr.IPv6) != 2 || h.Requests("") != 8 {
			t.Errorf("requests counted: %d, %d, %d", h.Requests("api.cloudflare.com"), h.Requests("cloudflare-dns.com", addr.IPv6), h.Requests(""))
		}
	})
}

func TestAddressChangesAndFamiliesGoDown(t *testing.T) {
	eachNet(t, func(t *testing.T, h *Home, n *Net) {
		a, b := asker{t, "tcp4", n.Dial}, asker{t, "tcp6", n.Dial}
		h.Set(addr.IPv4, wrong)
		if got := a.get("http://x.test/ip"); got != wrong.String()+"\n" {
			t.Errorf("after the change: %q", got)
		}
		kept, err := n.Dial(t.Context(), "tcp6", "x.test:80")
		if err != nil {
			t.Fatal(err)
		}
		defer kept.Close()
		h.Set(addr.IPv6, netip.Addr{})
		if _, _, err := b.ask("GET", "http://x.test/ip", "", nil); err == nil {
			t.Error("a family that is down was reached")
		}
		if _, err := io.WriteString(kept, "GET /ip HTTP/1.1\r\nHost: x.test\r\n\r\n"); err == nil {
			if p, _ := io.ReadAll(kept); len(p) != 0 {
				t.Errorf("an old connection still answers: %q", p)
			}
		}
		if got := a.get("http://x.test/ip"); got != wrong.String()+"\n" {
			t.Errorf("the other family says %q", got)
		}
		h.Set(addr.IPv4, netip.Addr{})
		if _, err := n.Dial(t.Context(), "tcp", "x.test:80"); err == nil {
			t.Error("dialled with both families down")
		}
	})
}

func TestEachLieIsToldByItsHostOnly(t *testing.T) {
	for _, tt := range []struct {
		name string
		lie  Lie
		want string // in the trace
	}{
		{"another address", Lie{Addr: wrong}, "\nip=84.9.9.9\n"},
		{"the other family", Lie{Addr: v6}, "\nip=2a02:8071::1\n"},
		{"two addresses", Lie{More: []netip.Addr{wrong}}, "\nip=84.1.2.3\nip=84.9.9.9\n"},
		{"WARP", Lie{Warp: "on"}, "\nwarp=on\n"},
		{"another host", Lie{Host: "evil.test"}, "\nh=evil.test\n"},
		{"a portal", Portal(), "<html>"},
		{"an error", Lie{Status: 503}, "\nip=84.1.2.3\n"},
		{"4 MB", Lie{Pad: 4 << 20}, strings.Repeat("\n", 4<<20)},
		{"a trickle", Lie{Trickle: time.Microsecond}, "\nip=84.1.2.3\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachNet(t, func(t *testing.T, h *Home, n *Net) {
				h.Lie("liar.test", tt.lie)
				a := asker{t, "tcp4", n.Dial}
				resp, b, err := a.ask("GET", "http://liar.test/cdn-cgi/trace", "", nil)
				if err != nil || !strings.Contains(string(b), tt.want) || tt.lie.Status != 0 && resp.StatusCode != tt.lie.Status {
					t.Errorf("%v, body %.300q", err, b)
				}
				if got := a.get("http://honest.test/cdn-cgi/trace"); !strings.Contains(got, "\nip=84.1.2.3\n") || strings.Contains(got, tt.want) && tt.lie.Trickle == 0 && tt.lie.Status == 0 {
					t.Errorf("an honest host says %q", got)
				}
				h.Lie("liar.test", Lie{})
				if got := a.get("http://liar.test/ip"); got != "84.1.2.3\n" {
					t.Errorf("honest again, it says %q", got)
				}
			})
		})
	}
}

func TestLieToldOverOneFamilySparesTheOther(t *testing.T) {
	h := NewHome(v4, v6)
	n, err := Loopback(h)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	h.Lie("", Lie{Family: addr.IPv4, Addr: wrong})
	if got := (asker{t, "tcp4", n.Dial}).get("http://x.test/ip"); got != "84.9.9.9\n" {
		t.Errorf("IPv4 says %q", got)
	}
	if got := (asker{t, "tcp6", n.Dial}).get("http://x.test/ip"); got != v6.String()+"\n" {
		t.Errorf("IPv6 says %q", got)
	}
	if _, got := (asker{t, "tcp4", n.Dial}).txt("whoami.cloudflare.", dnsmessage.ClassCHAOS); len(got) != 1 || got[0] != "84.9.9.9" {
		t.Errorf("DoH says %q", got)
	}
}

func TestRedirectHangAndLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHome(v4)
		n := Pipes(h)
		defer n.Close()
		a := asker{t, "tcp4", n.Dial}
		h.Lie("loop.test", Lie{Redirect: "/ip"})
		if resp, _, err := a.ask("GET", "http://loop.test/ip", "", nil); err != nil || resp.StatusCode != 302 || resp.Header.Get("Location") != "/ip" {
			t.Errorf("redirect: %v %+v", err, resp)
		}
		h.SetLatency(70 * time.Millisecond)
		start := time.Now()
		a.get("http://x.test/ip")
		if took := time.Since(start); took != 70*time.Millisecond {
			t.Errorf("an answer took %v", took)
		}
		h.Lie("hang.test", Lie{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, "GET", "http://hang.test/ip", nil)
		if err != nil {
			t.Fatal(err)
		}
		tr := &http.Transport{DialContext: n.Dial}
		defer tr.CloseIdleConnections()
		start = time.Now()
		if _, err := tr.RoundTrip(r); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("the hanging host gave %v after %v", err, time.Since(start))
		}
	})
}

func TestQuestionsThatAreNotDNSAreRefused(t *testing.T) {
	h := NewHome(v4)
	n, err := Loopback(h)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	a := asker{t, "tcp4", n.Dial}
	for _, tt := range []struct {
		method, kind, body string
		status             int
	}{
		{"POST", "text/plain", "", 415}, {"POST", dnsMessage, "nonsense", 400}, {"GET", dnsMessage, "", 404},
		{"POST", dnsMessage, "\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 400},
	} {
		resp, _, err := a.ask(tt.method, "http://cloudflare-dns.com/dns-query", tt.kind, []byte(tt.body))
		if err != nil || resp.StatusCode != tt.status {
			t.Errorf("%s %q: %v, %+v", tt.method, tt.body, err, resp)
		}
	}
}
