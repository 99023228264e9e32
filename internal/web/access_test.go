package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/web"
)

var reading = []string{"/", "/widget", "/metrics", "/api/v1/status", "/api/v1/history", "/api/v1/plan"}

func public(c *web.Config) { c.PublicRead = true }

// logIn gives the cookie of a session.
func (p *place) logIn(edits ...edit) *http.Cookie {
	p.t.Helper()
	w := p.ask("POST", "/login", url.Values{"token": {token}}.Encode(), edits...)
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(cookies) != 1 {
		p.t.Fatalf("log in: %d %v", w.Code, cookies)
	}
	return cookies[0]
}

// session is what a browser sends that has logged in.
func session(c *http.Cookie) edit {
	return func(r *http.Request) {
		r.AddCookie(c)
		if r.Header.Get("Origin") == "" {
			r.Header.Set("Origin", "http://"+r.Host)
		}
	}
}

func TestReadingNeedsTheTokenUnlessItIsPublic(t *testing.T) {
	closed, open := newPlace(t, 1), newPlace(t, 1, public)
	cookie := closed.logIn()
	for _, path := range reading {
		want := 401
		if path == "/" {
			want = 303 // to the log-in
		}
		if w := closed.get(path); w.Code != want {
			t.Errorf("%s without a token: %d", path, w.Code)
		}
		if w := closed.get(path, header("Authorization", "Bearer wrong")); w.Code != 403 {
			t.Errorf("%s with a wrong token: %d", path, w.Code)
		}
		for what, e := range map[string]edit{"the token": bearer, "the bare token": header("Authorization", token), "a session": session(cookie)} {
			if w := closed.get(path, e); w.Code != 200 {
				t.Errorf("%s with %s: %d %s", path, what, w.Code, w.Body)
			}
		}
		if w := open.get(path); w.Code != 200 {
			t.Errorf("public %s: %d", path, w.Code)
		}
	}
}

// Where everybody may read, strangers see what is published and no settings.
func TestStrangersSeeNoSettings(t *testing.T) {
	p := newPlace(t, 1, public, func(c *web.Config) {
		c.Settings = func() []web.Setting {
			return []web.Setting{{Name: "notify.exec", Value: "/opt/hook …", Origin: "/etc/homing.yaml:3"}, {Name: "ttl", Problem: "no number"}}
		}
	})
	p.round()
	lacks(t, p.get("/"), "notify.exec", "/opt/hook", "/etc/homing.yaml", "no number", `id="settings"`)
	has(t, p.get("/", bearer), "notify.exec", "/opt/hook")
	has(t, p.get("/", session(p.logIn())), "notify.exec")
}

func TestAskingForARoundAlwaysNeedsTheToken(t *testing.T) {
	p := newPlace(t, 1, public)
	for _, path := range []string{"/sync", "/api/v1/sync"} {
		if w := p.ask("POST", path, ""); w.Code != 401 {
			t.Errorf("%s: %d", path, w.Code)
		}
		if w := p.ask("POST", path, "", header("Authorization", "Bearer wrong")); w.Code != 403 {
			t.Errorf("%s with a wrong token: %d", path, w.Code)
		}
	}
	if p.asked != 0 {
		t.Error("a round was asked for")
	}
	if w := p.ask("POST", "/api/v1/sync", "", bearer); w.Code != 202 || p.asked != 1 {
		t.Errorf("%d, asked %d times", w.Code, p.asked)
	}
	if w := p.ask("POST", "/api/v1/sync", "", session(p.logIn())); w.Code != 202 || p.asked != 2 {
		t.Errorf("%d, asked %d times", w.Code, p.asked)
	}
	none := newPlace(t, 1, public, func(c *web.Config) { c.Token = secret.String{} })
	if w := none.ask("POST", "/api/v1/sync", ""); w.Code != 503 {
		t.Errorf("where no token is set: %d", w.Code)
	}
}

func TestAnEmptyTokenOpensNothingWhereNoneIsSet(t *testing.T) {
	p := newPlace(t, 1, func(c *web.Config) { c.Token = secret.String{} })
	if w := p.ask("POST", "/login", "token="); w.Code != 403 || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d %v", w.Code, w.Result().Cookies())
	}
	forged := newPlace(t, 1).logIn()
	for _, e := range []edit{header("Authorization", "Bearer "), header("Authorization", " "), session(forged)} {
		if w := p.get("/api/v1/status", e); w.Code == 200 {
			t.Error("it opened")
		}
	}
}

func TestOtherSitesMayNotAct(t *testing.T) {
	p := newPlace(t, 1)
	cookie := p.logIn()
	for what, edits := range map[string][]edit{
		"by its origin":        {header("Origin", "https://attacker.example")},
		"by its fetch":         {header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://attacker.example")},
		"another port":         {header("Origin", "http://127.0.0.1:9999")},
		"an opaque origin":     {header("Origin", "null")},
		"with the token, even": {header("Origin", "https://attacker.example"), bearer},
	} {
		for _, path := range []string{"/sync", "/api/v1/sync", "/login", "/logout"} {
			if w := p.ask("POST", path, "", append(edits, session(cookie))...); w.Code != 403 {
				t.Errorf("%s, %s: %d", what, path, w.Code)
			}
		}
	}
	if p.asked != 0 {
		t.Error("a round was asked for")
	}
	if w := p.ask("POST", "/api/v1/sync", "", session(cookie), header("Origin", "http://"+host)); w.Code != 202 {
		t.Errorf("the page itself: %d", w.Code)
	}
}

// A cookie alone changes nothing: every browser says where a request comes from.
func TestASessionActsOnlyFromThePageItself(t *testing.T) {
	p := newPlace(t, 1)
	mine := p.logIn()
	cookie := func(r *http.Request) { r.AddCookie(mine) }
	for _, q := range []struct{ method, path string }{{"POST", "/sync"}, {"POST", "/api/v1/sync"}, {"POST", "/settings"}, {"PUT", "/api/v1/config"},
		{"POST", "/login"}, {"POST", "/logout"}, {"POST", "/theme"}} {
		w := p.ask(q.method, q.path, "token="+token, cookie)
		if w.Code != 403 || !strings.Contains(w.Body.String(), "a script shows the token instead") {
			t.Errorf("%s %s: %d %s", q.method, q.path, w.Code, w.Body)
		}
	}
	if w := p.get("/", cookie); w.Code != 200 || p.asked != 0 {
		t.Errorf("reading, and still logged in: %d, asked %d times", w.Code, p.asked)
	}
	for what, edits := range map[string][]edit{
		"its origin": {cookie, header("Origin", "http://"+host)}, "its fetch": {cookie, header("Sec-Fetch-Site", "same-origin")},
		"the token": {bearer}, "the token and a cookie": {bearer, cookie},
	} {
		if w := p.ask("POST", "/api/v1/sync", "", edits...); w.Code != 202 {
			t.Errorf("with %s: %d %s", what, w.Code, w.Body)
		}
	}
	if w := p.ask("POST", "/login", "token="+token); w.Code != 303 {
		t.Errorf("a script that logs in with the token: %d", w.Code)
	}
}

func TestWithoutATokenOnlyNamesCountThatStrangersCannotPointHere(t *testing.T) {
	p := newPlace(t, 1, public, func(c *web.Config) { c.Hosts = []string{"Home.Example.org."} })
	cookie := p.logIn()
	ours := []string{"127.0.0.1:8245", "[::1]:8245", "192.168.1.2", "[2001:db8::1]", "localhost:8245", "LOCALHOST", "page.localhost", "nas.home.arpa", "homing.internal:80", "home.example.org", "HOME.example.org.:8245"}
	others := []string{"attacker.example", "attacker.example:8245", "home.example.org.attacker.example", "sub.home.example.org", "local.attacker.example",
		"127.0.0.1.attacker.example", "127.0.0.1.nip.io", "nas.lan", "nas", "homing:8245", "NAS.", "nas.local", "nas.local.:8245", "", "a@127.0.0.1.attacker.example"}
	for _, h := range ours {
		for what, e := range map[string]edit{"nothing": func(*http.Request) {}, "a session": session(cookie)} {
			if w := p.get("/api/v1/status", to(h), e); w.Code != 200 {
				t.Errorf("%q with %s: %d %s", h, what, w.Code, w.Body)
			}
		}
	}
	for _, h := range others {
		for _, path := range append(reading, "/login", "/api/v1/events") {
			if w := p.get(path, to(h)); w.Code != http.StatusMisdirectedRequest {
				t.Errorf("%s at %q: %d", path, h, w.Code)
			}
			if w := p.get(path, to(h), session(cookie)); w.Code != http.StatusMisdirectedRequest {
				t.Errorf("%s at %q with a session: %d", path, h, w.Code)
			}
			if path == "/api/v1/events" {
				continue
			}
			if w := p.get(path, to(h), bearer); w.Code != 200 {
				t.Errorf("%s at %q with the token: %d", path, h, w.Code)
			}
		}
		if w := p.ask("POST", "/login", "token="+token, to(h)); w.Code != http.StatusMisdirectedRequest {
			t.Errorf("log in at %q: %d", h, w.Code)
		}
	}
}

// Whoever came by such a name reads what to set, and then comes by it.
func TestARefusedNameIsToldTheSettingThatAllowsIt(t *testing.T) {
	p := newPlace(t, 1, public, func(c *web.Config) { c.Words = ofEnvironment })
	for host, want := range map[string]string{"nas:8245": "HOMING_HOSTS=nas", "NAS.local.": "HOMING_HOSTS=nas.local", "a@b": "set HOMING_HOSTS\""} {
		if w := p.get("/", to(host)); w.Code != http.StatusMisdirectedRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", host, w.Code, w.Body)
		}
	}
	set := newPlace(t, 1, public, func(c *web.Config) { c.Hosts = []string{"nas", "nas.local"} })
	for _, host := range []string{"nas:8245", "NAS.local."} {
		if w := set.get("/", to(host)); w.Code != 200 {
			t.Errorf("%s: %d %s", host, w.Code, w.Body)
		}
	}
}

func TestTheSessionCookieIsForThisPageAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := &keptSessions{}
		p := newPlace(t, 1, kept.by)
		c := p.logIn()
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.Secure || strings.Contains(c.Value, token) {
			t.Errorf("%+v", c)
		}
		for _, forged := range []string{"", "x", c.Value + "A", c.Value[:len(c.Value)-2], "B" + c.Value[1:], strings.Repeat("A", 4000)} {
			bad := *c
			bad.Value = forged
			if w := p.get("/api/v1/status", session(&bad)); w.Code != 401 {
				t.Errorf("%q opened: %d", forged, w.Code)
			}
		}
		again := newPlace(t, 1, kept.by) // as after a restart
		if w := again.get("/api/v1/status", session(c)); w.Code != 200 {
			t.Errorf("after a restart: %d", w.Code)
		}
		other := newPlace(t, 1, kept.by, func(c *web.Config) { c.Token = secret.New("another") })
		if w := other.get("/api/v1/status", session(c)); w.Code != 401 {
			t.Errorf("after the token changed: %d", w.Code)
		}
		time.Sleep(31 * 24 * time.Hour)
		if w := p.get("/api/v1/status", session(c)); w.Code != 401 {
			t.Errorf("after its life: %d", w.Code)
		}
		w := p.ask("POST", "/logout", "", session(c))
		if gone := w.Result().Cookies(); len(gone) != 1 || gone[0].MaxAge >= 0 {
			t.Errorf("log out: %v", gone)
		}
	})
}

func TestAWrongTokenAtTheDoorIsSaidThere(t *testing.T) {
	p := newPlace(t, 1)
	w := p.ask("POST", "/login", "token=wrong")
	if w.Code != 403 || !strings.Contains(w.Body.String(), "That is not the token.") || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestGuessingIsSlowedToOneASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1)
		guess := func(client string) (*httptest.ResponseRecorder, time.Duration) {
			at := time.Now()
			w := p.get("/api/v1/status", header("Authorization", "Bearer guess"), from(client))
			return w, time.Since(at)
		}
		for i := range 10 {
			if w, took := guess("192.0.2.1:1"); w.Code != 403 || took > 0 {
				t.Fatalf("guess %d: %d after %v", i, w.Code, took)
			}
		}
		if w, took := guess("192.0.2.1:2"); w.Code != 403 || took != time.Second {
			t.Errorf("the eleventh: %d after %v", w.Code, took)
		}
		if _, took := guess("192.0.2.2:1"); took > 0 {
			t.Errorf("another address waits for %v", took)
		}
		at := time.Now()
		if w := p.ask("POST", "/login", "token=guess", from("192.0.2.1:3")); w.Code != 403 || time.Since(at) != time.Second {
			t.Errorf("the log-in: %d after %v", w.Code, time.Since(at))
		}
		if w := p.get("/api/v1/status", bearer, from("192.0.2.1:4")); w.Code != 200 {
			t.Errorf("the token itself: %d", w.Code)
		}
		if w := p.get("/healthz", from("192.0.2.1:5")); w.Code != 200 {
			t.Errorf("health: %d", w.Code)
		}
		time.Sleep(time.Minute)
		if _, took := guess("192.0.2.1:6"); took > 0 {
			t.Errorf("after a minute it still waits for %v", took)
		}
	})
}

func TestManyGuessesAtOnceAreTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1)
		bad := header("Authorization", "Bearer guess")
		for range 10 {
			p.get("/widget", bad, from("[2001:db8::1]:1"))
		}
		codes := make(chan int, 100)
		for i := range 100 {
			go func() { codes <- p.get("/widget", bad, from(fmt.Sprintf("[2001:db8::%x]:1", i))).Code }() // one /64 is one client
		}
		synctest.Wait()
		time.Sleep(time.Minute)
		got := map[int]int{}
		for range 100 {
			got[<-codes]++
		}
		if got[403] != 8 || got[429] != 92 {
			t.Errorf("%v", got)
		}
	})
}

// Many addresses together guess no quicker than one a second; who has the token
// comes in all the while, from an address that is new and by the log-in too.
func TestManyAddressesTogetherGuessSlowly(t *testing.T) {
	for name, secretly := range map[string]string{"long": token, "short": "short"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlace(t, 1, func(c *web.Config) { c.Token = secret.New(secretly) })
				right := header("Authorization", "Bearer "+secretly)
				p.get("/widget", right, from("198.51.100.7:1"))
				codes := make(chan int, 1000)
				for i := range 1000 {
					client := from(fmt.Sprintf("10.1.%d.%d:1", i/250, i%250))
					go func() { codes <- p.get("/widget", header("Authorization", "Bearer guess"), client).Code }()
				}
				synctest.Wait()
				at := time.Now()
				if w := p.get("/widget", right, from("198.51.100.7:1")); w.Code != 200 || time.Since(at) > 0 {
					t.Errorf("who has shown it before: %d after %v", w.Code, time.Since(at))
				}
				if name == "long" {
					c := p.logIn(from("203.0.113.1:1"))
					if w := p.get("/widget", right, from("10.1.0.1:1")); w.Code != 200 || time.Since(at) > 0 || c.Value == "" {
						t.Errorf("the token from anywhere: %d after %v", w.Code, time.Since(at))
					}
				}
				time.Sleep(guessing)
				got := map[int]int{}
				for range 1000 {
					got[<-codes]++
				}
				if got[403] != 108 || got[429] != 892 {
					t.Errorf("%v", got)
				}
			})
		})
	}
}

// guessing is longer than whoever guesses is kept waiting.
const guessing = 10 * time.Second

func TestAThousandGuessersAreNotRememberedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1)
		var asking sync.WaitGroup // at once: one after another they would take more than an hour
		for i := range 5000 {
			asking.Go(func() {
				p.get("/widget", header("Authorization", "Bearer guess"), from(fmt.Sprintf("10.1.%d.%d:1", i/250, i%250)))
			})
		}
		asking.Wait()
		if p.log.count() > 256 {
			t.Errorf("%d lines in the log", p.log.count())
		}
	})
}

func TestForwardedHeadersCountOnlyFromTrustedProxies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trusting := func(c *web.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }
		bad := header("Authorization", "Bearer guess")
		slow := func(p *place, edits ...edit) bool {
			at := time.Now()
			p.get("/widget", append(edits, bad)...)
			return time.Since(at) > 0
		}
		p := newPlace(t, 1, trusting)
		for i := range 20 {
			if slow(p, from("10.0.0.1:1"), header("X-Forwarded-For", fmt.Sprintf("6.6.6.6, 198.51.100.%d", i))) {
				t.Error("clients behind a proxy share their guesses")
			}
		}
		for i := range 10 {
			slow(p, from("192.0.2.1:1"), header("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i)))
		}
		if !slow(p, from("192.0.2.1:1"), header("X-Forwarded-For", "203.0.113.1")) {
			t.Error("a stranger hides behind a header")
		}
		for range 10 {
			slow(p, from("10.0.0.1:1"), header("X-Forwarded-For", "10.0.0.1, 203.0.113.7"))
		}
		if !slow(p, from("10.0.0.1:1"), header("X-Forwarded-For", "9.9.9.9, 203.0.113.7")) {
			t.Error("what a client adds in front changes who it is")
		}

		c := p.logIn(from("10.0.0.1:1"), header("X-Forwarded-Proto", "https"), header("X-Forwarded-Host", "nas.internal"), to("upstream.attacker.example"))
		if !c.Secure {
			t.Error("the cookie may travel in the clear")
		}
		if c := p.logIn(from("192.0.2.77:1"), header("X-Forwarded-Proto", "https")); c.Secure {
			t.Error("a stranger says what the scheme is")
		}
		if w := p.get("/login", from("192.0.2.77:1"), to("attacker.example"), header("X-Forwarded-Host", "localhost")); w.Code != 421 {
			t.Errorf("a stranger says what the host is: %d", w.Code)
		}
	})
}

func TestEveryAnswerHasTheHeadersThatProtect(t *testing.T) {
	p := newPlace(t, 1)
	for _, w := range []*httptest.ResponseRecorder{p.get("/", bearer), p.get("/login"), p.get("/nowhere"), p.get("/api/v1/status"),
		p.get("/assets/app.js"), p.get("/healthz"), p.ask("POST", "/sync", "", header("Origin", "http://x.example")), p.get("/a//b")} {
		for k, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"} {
			if got := w.Header().Get(k); got != want {
				t.Errorf("%d %s: %q", w.Code, k, got)
			}
		}
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%d: %q", w.Code, csp)
		}
	}
}

func TestNoAnswerAndNoLineHoldsTheToken(t *testing.T) {
	p := newPlace(t, 3, func(c *web.Config) {
		c.Settings = func() []web.Setting {
			return []web.Setting{{Name: "serve.token", Value: c.Token.String(), Origin: "HOMING_TOKEN"}}
		}
	})
	p.round()
	cookie := p.logIn()
	for _, path := range append(reading, "/login", "/health", "/nowhere", "/api/v1/openapi.json", "/assets/app.js") {
		for _, e := range []edit{bearer, session(cookie), header("Authorization", "Basic "+token+"x")} {
			w := p.get(path, e)
			if strings.Contains(w.Body.String(), token) || strings.Contains(fmt.Sprint(w.Header()), token) {
				t.Errorf("%s tells the token", path)
			}
		}
	}
	if strings.Contains(p.log.String(), token) {
		t.Error("the log tells the token")
	}
}
