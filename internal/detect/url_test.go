package detect

import (
	"fmt"
	"net/http"
	"slices"
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
	o, _ := askURL(t, want4, shows("8.8.4.4\n8.8.8.8/28\n"))
	wantSame(t, o, known("8.8.4.4", "8.8.8.8/28"))
	o, _ = askURL(t, want6, shows("2a00:1450::1"))
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
	if o, _ := askURL(t, want4, shows(exactly)); !o.Known() {
		t.Errorf("an answer of %d bytes: %s", len(exactly), o.Describe())
	}
	for _, c := range []struct {
		name string
		host http.HandlerFunc
		says string
	}{
		{"a status that is not 200", status(404, "8.8.4.4"), "404 Not Found instead of 200 OK"},
		{"a redirect", loop, "302 Found"},
		{"an answer of 4097 bytes", shows(exactly + "x"), "longer than 4096 bytes"},
		{"4 MB", huge, "longer than 4096 bytes"},
		{"an answer that breaks off", reset, "unexpected EOF"},
		{"a web page", shows(portal), "web page"},
		{"nothing", shows(""), "holds no address"},
		{"a zone", shows("2a00:1450::1%eth0"), "has a zone"},
		{"a private address", shows("10.0.0.1"), "private address"},
		{"a carrier's address", shows("100.64.0.1"), "carrier's shared address"},
		{"CGNAT", shows("100.64.0.1"), "CGNAT"},
		{"the other family", shows("2a00:1450::1"), "not an IPv4 address"},
		{"one bad entry among good ones", shows("8.8.4.4\nx\n"), `line 2: "x"`},
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
	said := s.Observe(t.Context()).Why().Error() + s.Voter().Source + s.Voter().Route
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
		"https://ip.example.co.uk/plain": {Source: "url:https://ip.example.co.uk/plain", Operator: "example.co.uk", Route: "ip.example.co.uk/plain", Authenticated: true},
		"http://127.0.0.1:8080/?a=b":     {Source: "url:http://127.0.0.1:8080/?…", Operator: "127.0.0.1", Route: "127.0.0.1:8080/?…"},
	} {
		if got := must(t)(URL(want4, httpx.New(httpx.Options{}), raw, URLOptions{})).Voter(); got != want {
			t.Errorf("%s is %+v", raw, got)
		}
	}
}

func TestURLRefusesWhatIsNone(t *testing.T) {
	for raw, says := range map[string]string{
		"ip.example.org":                    "must begin with https://",
		"ftp://ip.example.org/":             "must begin with https://",
		"https:///plain":                    "names no host",
		"https://:443/":                     "names no host",
		"https://ip.example.org/#json=":     "a field is missing",
		"https://ip.example.org/#json=a..b": "a field is missing",
		"https://ip.example.org/#json=.a":   "a field is missing",
		"https://ip.example.org/#xpath=/ip": "nothing may follow a # but json=<field>",
		"https://ip.example.org/#json":      "nothing may follow a # but json=",
		"https://bücher.example/":           "ASCII form",
		"https://ip.example.org:x/":         "read the URL",
		"https://ip example.org/":           "read the URL",
		"":                                  "must begin with https://",
	} {
		if _, err := URL(want4, nil, raw, URLOptions{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestURLSaysTheWordThatForcesAFamily(t *testing.T) {
	c := onLoopback(t, &world{hosts: map[string]http.HandlerFunc{"ip.example.org": shows("2a00:1450::1")}})
	s := must(t)(URL(want6, c, "http://ip.example.org/", URLOptions{Word: "url.via4"}))
	if got := s.Voter(); got.Source != "url.via4:http://ip.example.org/" || got.Route != "ip.example.org/" {
		t.Errorf("it is %+v", got)
	}
	wantSame(t, s.Observe(t.Context()), known("2a00:1450::1/64"))
}

func TestURLSendsAHeaderToItsHostAlone(t *testing.T) {
	var sent []string
	w := &world{hosts: map[string]http.HandlerFunc{"localhost": func(rw http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Host+": "+r.Header.Get("X-Key"))
		http.Redirect(rw, r, "http://elsewhere.example/", http.StatusFound)
	}, "elsewhere.example": shows("8.8.4.4")}}
	header := http.Header{"X-Key": {"hunter2"}}
	s := must(t)(URL(want4, onLoopback(t, w), "http://localhost/", URLOptions{Header: header}))
	header.Set("X-Key", "changed later")
	o := s.Observe(t.Context())
	wantRefused(t, o, "302 Found")
	if !slices.Equal(sent, []string{"localhost: hunter2"}) || !slices.Equal(w.Asked(), []string{"localhost"}) {
		t.Errorf("sent %v, asked %v", sent, w.Asked())
	}
	if said := o.Describe() + fmt.Sprintf("%+v", s.Voter()); strings.Contains(said, "hunter2") {
		t.Error(said)
	}
}

func TestURLSendsNoSecretThatOthersCanRead(t *testing.T) {
	header := http.Header{"Authorization": {"Bearer hunter2"}}
	for _, raw := range []string{"https://ip.example.org/", "http://127.0.0.1:8080/", "http://[::1]/", "http://LocalHost/"} {
		must(t)(URL(want4, httpx.New(httpx.Options{}), raw, URLOptions{Header: header}))
	}
	for _, raw := range []string{"http://ip.example.org/", "http://192.168.1.1/", "http://localhost.example.org/", "http://127.0.0.1.example.org/"} {
		if _, err := URL(want4, nil, raw, URLOptions{Header: header}); err == nil || !strings.Contains(err.Error(), "use https://") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", raw, err)
		}
	}
	must(t)(URL(want4, httpx.New(httpx.Options{}), "http://ip.example.org/", URLOptions{Header: http.Header{}}))
}

func TestURLRefusesAHeaderThatCannotBeSent(t *testing.T) {
	for says, header := range map[string]http.Header{
		`"" is not the name of a header`:      {"": {"hunter2"}},
		`"X Key" is not the name of a header`: {"X Key": {"hunter2"}},
		`"X-Key:" is not the name`:            {"X-Key:": {"hunter2"}},
		"Host cannot be set":                  {"Host": {"hunter2"}},
		`"X-Key" holds a line end`:            {"X-Key": {"hunter2\r\nX: y"}},
		"or another control character":        {"X-Key": {"hunter2\x00"}},
	} {
		if _, err := URL(want4, nil, "https://ip.example.org/", URLOptions{Header: header}); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", header, err)
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
		"4.tnedi.me":              "ident.me",
		"checkip.global.api.aws":  "amazonaws.com",
		"localhost":               "localhost",
		"router":                  "router",
		"192.0.2.1":               "192.0.2.1",
		"2001:db8::1":             "2001:db8::1",
		"co.uk":                   "co.uk",
		"www.cloudflare.com":      cloudflareOperator,
		"cloudflare-dns.com":      cloudflareOperator,
		"ipv4.icanhazip.com":      cloudflareOperator,
		"x.cloudflareclient.com":  cloudflareOperator,
		"cloudflare.com.evil.org": "evil.org",
		"evil-cloudflare.com":     "evil-cloudflare.com",
	} {
		if got := operatorOf(host); got != want {
			t.Errorf("operator(%q) = %q, want %q", host, got, want)
		}
	}
}

// A page may say anything, so a private address on one is never taken; what can be
// done is told.
func TestAPageThatShowsAPrivateAddressSaysTheWayOut(t *testing.T) {
	for shown, allow := range map[string]string{"10.0.0.1": "detect.allow: private", "100.64.0.1": "detect.allow: cgnat"} {
		o, _ := askURL(t, want4, shows(shown))
		if cure := CureOf(o.Why()).String(); !strings.Contains(cure, "read it by exec:<command> or file:<path> and set "+allow) {
			t.Errorf("%s: %q", shown, cure)
		}
	}
}
