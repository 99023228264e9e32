package detect

import (
	"net/http"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

func askURL(t *testing.T, w Wanted, h http.HandlerFunc) (addr.Observation, *world) {
	t.Helper()
	seen := &world{hosts: map[string]http.HandlerFunc{"ip.example.org": h}}
	c := onLoopback(t, seen)
	return must(t)(URL(w, c, "http://ip.example.org/plain?token=hunter2", URLOptions{})).Observe(t.Context()), seen
}

func TestURLReadsTheTextBehindIt(t *testing.T) {
	o, _ := askURL(t, want4, text("8.8.4.4\n8.8.8.8/28\n"))
	wantSame(t, o, known("8.8.4.4", "8.8.8.8/28"))
	o, _ = askURL(t, want6, text("2a00:1450::1"))
	wantSame(t, o, known("2a00:1450::1/64"))
	o, _ = askURL(t, want4, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/plain" && r.URL.RawQuery == "token=hunter2" {
			w.Write([]byte("8.8.4.4"))
		}
	})
	wantSame(t, o, known("8.8.4.4"))
}

func TestURLRefuses(t *testing.T) {
	exactly := "8.8.4.4 #" + strings.Repeat("x", maxAnswer-9)
	if o, _ := askURL(t, want4, text(exactly)); !o.Known() {
		t.Errorf("an answer of %d bytes: %s", len(exactly), o.Describe())
	}
	for _, c := range []struct {
		name string
		host http.HandlerFunc
		says string
	}{
		{"a status that is not 200", status(404, "8.8.4.4"), "404 Not Found instead of 200 OK"},
		{"a redirect", loop, "302 Found"},
		{"an answer of 4097 bytes", text(exactly + "x"), "longer than 4096 bytes"},
		{"4 MB", huge, "longer than 4096 bytes"},
		{"an answer that breaks off", reset, "unexpected EOF"},
		{"a web page", text(portal), "web page"},
		{"nothing", text(""), "holds no address"},
		{"a private address", text("10.0.0.1"), "private"},
		{"CGNAT", text("100.64.0.1"), "CGNAT"},
		{"the other family", text("2a00:1450::1"), "not an IPv4 address"},
		{"one bad entry among good ones", text("8.8.4.4\nx\n"), `line 2: "x"`},
		{"a compressed answer nobody asked for", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "" {
				t.Error("a compressed answer was asked for: it could be a bomb")
			}
			w.Header().Set("Content-Encoding", "gzip")
			w.Write([]byte("\x1f\x8b\x08"))
		}, "is not an address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, seen := askURL(t, want4, c.host)
			wantRefused(t, o, c.says)
			if n := len(seen.Asked()); n != 1 {
				t.Errorf("it was asked %d times", n)
			}
		})
	}
}

func TestURLKeepsItsSecrets(t *testing.T) {
	s := must(t)(URL(want4, onLoopback(t, &world{}), "http://me:hunter2@ip.example.org/plain?token=hunter2", URLOptions{}))
	said := s.Observe(t.Context()).Why().Error() + s.Voter().Source + s.Voter().Way
	if strings.Contains(said, "hunter2") {
		t.Error(said)
	}
	gone := must(t)(URL(want4, httpx.New(httpx.Options{}), "http://127.0.0.1:1/?token=hunter2", URLOptions{}))
	if said := gone.Observe(t.Context()).Why().Error(); strings.Contains(said, "hunter2") || !strings.Contains(said, "ask 127.0.0.1:1/?…") {
		t.Error(said)
	}
	if _, err := URL(want4, nil, "https://me:hunter2@ip.example.org/%zz", URLOptions{}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func TestURLSendsTheUserOfTheURL(t *testing.T) {
	w := &world{hosts: map[string]http.HandlerFunc{"ip.example.org": func(w http.ResponseWriter, r *http.Request) {
		if user, pass, _ := r.BasicAuth(); user == "me" && pass == "hunter2" {
			w.Write([]byte("8.8.4.4"))
		}
	}}}
	wantSame(t, must(t)(URL(want4, onLoopback(t, w), "http://me:hunter2@ip.example.org/", URLOptions{})).Observe(t.Context()), known("8.8.4.4"))
}

func TestURLSaysWhoVotes(t *testing.T) {
	for raw, want := range map[string]addr.Voter{
		"https://ip.example.co.uk/plain": {Source: "url:https://ip.example.co.uk/plain", Operator: "example.co.uk", Way: "ip.example.co.uk/plain", Authenticated: true},
		"http://127.0.0.1:8080/?a=b":     {Source: "url:http://127.0.0.1:8080/?…", Operator: "127.0.0.1", Way: "127.0.0.1:8080/?…"},
	} {
		if got := must(t)(URL(want4, httpx.New(httpx.Options{}), raw, URLOptions{})).Voter(); got != want {
			t.Errorf("%s is %+v", raw, got)
		}
	}
}

func TestURLRefusesWhatIsNone(t *testing.T) {
	for raw, says := range map[string]string{
		"ip.example.org":               "must begin with https://",
		"ftp://ip.example.org/":        "must begin with https://",
		"https:///plain":               "names no host",
		"https://:443/":                "names no host",
		"https://ip.example.org/#json": "nothing may follow a # but json=",
		"https://bücher.example/":      "ASCII form",
		"https://ip.example.org:x/":    "read the URL",
		"https://ip example.org/":      "read the URL",
		"":                             "must begin with https://",
	} {
		if _, err := URL(want4, nil, raw, URLOptions{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestOperatorIsTheRegistrableDomain(t *testing.T) {
	for host, want := range map[string]string{
		"ifconfig.co":             "ifconfig.co",
		"v4.ident.me":             "ident.me",
		"IP.Example.ORG.":         "example.org",
		"a.b.example.co.uk":       "example.co.uk",
		"alice.github.io":         "github.io", // who hosts both of two pages can forge both
		"checkip.amazonaws.com":   "amazonaws.com",
		"localhost":               "localhost",
		"router":                  "router",
		"192.0.2.1":               "192.0.2.1",
		"2001:db8::1":             "2001:db8::1",
		"co.uk":                   "co.uk",
		"www.cloudflare.com":      cloudflare,
		"cloudflare-dns.com":      cloudflare,
		"ipv4.icanhazip.com":      cloudflare,
		"x.cloudflareclient.com":  cloudflare,
		"cloudflare.com.evil.org": "evil.org",
		"evil-cloudflare.com":     "evil-cloudflare.com",
	} {
		if got := operator(host); got != want {
			t.Errorf("operator(%q) = %q, want %q", host, got, want)
		}
	}
}
