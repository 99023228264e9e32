package web_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
	"github.com/homing-dns/homing/internal/web"
)

// has fails where the page lacks one of these texts.
func has(t *testing.T, w *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	page := strings.Join(strings.Fields(w.Body.String()), " ")
	for _, s := range texts {
		if !strings.Contains(page, s) {
			t.Errorf("%d: the page lacks %q", w.Code, s)
		}
	}
}

func lacks(t *testing.T, w *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(w.Body.String(), s) {
			t.Errorf("the page has %q", s)
		}
	}
}

func TestThePageSaysHowItStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings := func(c *web.Config) {
			c.Settings = func() []web.Setting {
				return []web.Setting{{Name: "detect.ipv4.sources", Value: "cloudflare.trace", Origin: "IP4_PROVIDER", Problem: "it is asked alone"}}
			}
		}
		p := newPlace(t, 9, settings)
		has(t, p.get("/", bearer), `<h1 id="verdict">The first check is running.</h1>`, "The first one is under way.", "To be kept", "waiting")
		p.round()
		time.Sleep(2 * time.Minute)
		has(t, p.get("/", bearer), "All 18 records point home.", "84.17.46.2", "2a02:8070:a1::7", "All 3 sources agree.", "next look", ">in 3 min<",
			"api.cloudflare.com", "home.example.org", "TTL 300 s", "proxied, TTL auto", ">2 min ago<", "IP4_PROVIDER", "it is asked alone", "1 problem", `http-equiv="refresh"`)
		p.house.Lie("203.0.113.5")
		p.house.Refuse("vpn.example.com", true)
		p.house.Move("84.17.1.1")
		p.house.Lose(addr.IPv6)
		p.round()
		has(t, p.get("/", bearer), "1 of 18 records is not right.", "Needs attention", "A vpn.example.com", "delete the other record of this name", "should be 84.17.1.1",
			`<td class="n">8, <span class="bad">1 failed</span></td>`, "not known now", "set detect.ipv6.sources: none", "disagrees", "203.0.113.5", "2 of 3 sources agree; 1 disagrees.")
		time.Sleep(time.Hour)
		has(t, p.get("/", bearer), "homing has stopped looking")
	})
}

// An address may be held back although nobody contradicts it.
func TestOnlySourcesThatDifferContradictEachOther(t *testing.T) {
	vote := func(a string) addr.Vote {
		said := addr.Unknown(errors.New("no answer"))
		if a != "" {
			said = addr.Known(netip.MustParsePrefix(a + "/32"))
		}
		return addr.Vote{Voter: addr.Voter{Source: "url", Operator: "it", Route: "it"}, Said: said}
	}
	for want, votes := range map[string][]addr.Vote{
		"What was answered is not published yet.": {vote("84.17.1.1"), vote(""), vote("84.17.1.1")},
		"The sources contradict each other.":      {vote("84.17.1.1"), vote(""), vote("84.17.1.2")},
		"No source answers.":                      {vote(""), vote("")},
	} {
		p := newPlace(t, 2)
		r := p.house.Round()
		r.Seen = plan.Seen{plan.Here(addr.IPv4): addr.Unknown(errors.New("it changes often")).With(votes...)}
		p.board.Done(r, p.house.Held())
		has(t, p.get("/", bearer), want)
	}
}

func TestThePageOfAHouseWithoutNamesSaysWhatToDo(t *testing.T) {
	for words, names := range map[string]text.Words{
		"Add one to <code>records</code>, such as <code>home.example.org</code>": nil,
		"Add one to <code>DOMAINS</code>, such as <code>home.example.org</code>": ofEnvironment,
	} {
		p := newPlace(t, 0, func(c *web.Config) { c.Words = names })
		p.round()
		has(t, p.get("/", bearer), "There are no names to manage yet.", words)
	}
}

// ofEnvironment says settings as their variables.
func ofEnvironment(s text.Setting) string {
	name := map[string]string{"records": "DOMAINS", "serve.hosts": "HOMING_HOSTS", "serve.token": "HOMING_TOKEN", "serve.token_file": "HOMING_TOKEN_FILE"}[s.Path]
	if s.Value == "" {
		return name
	}
	return name + "=" + s.Value
}

func TestTheLoginSaysWhereTheTokenIs(t *testing.T) {
	p := newPlace(t, 1, func(c *web.Config) { c.Words = ofEnvironment })
	has(t, p.get("/login"), "it is HOMING_TOKEN, or stands in the file that HOMING_TOKEN_FILE names, or in the file token")
	has(t, newPlace(t, 1).get("/login"), "it is serve.token, or stands in the file that serve.token_file names, or in the file token")
}

func TestWhoMayOnlyReadIsOfferedTheLogIn(t *testing.T) {
	p := newPlace(t, 1, public)
	p.round()
	has(t, p.get("/"), `href="login"`)
	lacks(t, p.get("/"), `action="sync"`, "Log out")
	has(t, p.get("/", session(p.logIn())), `action="sync"`, "Log out")
}

func TestWhatTheNetworkSaysCannotBecomeAPartOfThePage(t *testing.T) {
	const evil = "<script>alert(1)</script>\x00\u202e\u2066\x1b[31m\" onload=x '"
	p := newPlace(t, 2, func(c *web.Config) {
		c.Settings = func() []web.Setting { return []web.Setting{{Name: evil, Value: evil, Origin: evil, Problem: evil}} }
		c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) {
			return []status.Event{{At: time.Now().Add(-time.Hour), Kind: status.AddressFound, Of: plan.Here(addr.IPv4), To: evil},
				{At: time.Now(), Kind: status.FamilyPublished, Of: plan.Here(addr.IPv4), To: evil}}, nil
		}
	})
	r := p.house.Round()
	said := addr.Unknown(errors.New(evil)).With(addr.Vote{Voter: addr.Voter{Source: evil, Operator: evil, Route: evil}, Said: addr.Unknown(errors.New(evil))})
	r.Seen = plan.Seen{plan.Here(addr.IPv4): said}
	r.Conditions = append(r.Conditions, status.Condition{Code: status.ZoneFailed, Subject: evil, Text: evil, Hint: evil})
	p.board.Done(r, p.house.Held())
	p.board.Prime([]status.Event{{At: time.Now(), Kind: status.RecordChanged, From: evil, To: evil, Text: evil}, {Kind: status.EventKind(evil), Text: evil}})
	for _, path := range []string{"/", "/?q=" + "%3Cscript%3E%22%E2%80%AE", "/?span=%3Cscript%3E"} {
		w := p.get(path, bearer)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		lacks(t, w, "<script>", "\x00", "\u202e", "\u2066", "\x1b", `" onload`)
	}
	if w := p.get("/metrics", bearer); strings.Contains(w.Body.String(), "\u202e") {
		t.Error("the metrics hold it")
	}
}

func TestThePageHoldsNoScriptNoStyleAndNothingOfAnotherHost(t *testing.T) {
	p := newPlace(t, 9)
	p.round()
	inline := regexp.MustCompile(`(?i)<script(?: [^>]*)?>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:|url\(h|src="?(?:https?:)?//|<link[^>]+href="?(?:https?:)?//`)
	for _, path := range []string{"/", "/login", "/?span=90d"} {
		if found := inline.FindString(p.get(path, bearer).Body.String()); found != "" {
			t.Errorf("%s has %q", path, found)
		}
	}
	if css := p.get("/assets/style.css").Body.String(); strings.Contains(css, "http") || strings.Contains(css, "@import") {
		t.Error("the style loads something")
	}
}

func TestAssetsAreSentAgainOnlyWhenTheyAreOthers(t *testing.T) {
	p := newPlace(t, 1)
	for name, kind := range map[string]string{"app.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"} {
		w := p.get("/assets/" + name)
		if w.Code != 200 || w.Header().Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", name, w.Code, w.Header().Get("Content-Type"))
		}
		if again := p.get("/assets/"+name, header("If-None-Match", w.Header().Get("ETag"))); again.Code != 304 || again.Body.Len() > 0 {
			t.Errorf("%s again: %d", name, again.Code)
		}
	}
}

func TestARefreshLeavesOutTheRecordsThatTheReaderHas(t *testing.T) {
	p := newPlace(t, 9)
	p.round()
	have := fmt.Sprintf("/?have=%d", p.board.Now().Records)
	lacks(t, p.get(have, bearer), "nas.example.net</a></th>")
	p.round()
	lacks(t, p.get(have, bearer), "nas.example.net</a></th>") // nothing changed
	p.house.Move("84.17.1.1")
	p.round()
	has(t, p.get(have, bearer), "nas.example.net</a></th>")
}

func TestRecordsCanBeSearchedWithoutAScript(t *testing.T) {
	p := newPlace(t, 300)
	p.round()
	has(t, p.get("/?q=nas-2.", bearer), "nas-2.zone-0.example", `value="nas-2."`)
	lacks(t, p.get("/?q=nas-2.", bearer), "vpn-3.")
	has(t, p.get("/?q=nothing-of-this-name", bearer), "Nothing matches", "Show all")
	has(t, p.get("/?q=84.17.46.2", bearer), "nas-2.zone-0.example")
}

func TestManyTroublesAreTold(t *testing.T) {
	p := newPlace(t, 60)
	for _, r := range p.house.Wanted()[0].Spec.Records {
		p.house.Refuse(r.Name.String(), true)
	}
	p.round()
	has(t, p.get("/", bearer), "None of the 120 records is right.", "and 117 others")
}

func BenchmarkPage(b *testing.B) {
	for _, n := range []int{20, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := newPlace(b, n)
			p.round()
			b.ReportAllocs()
			for b.Loop() {
				p.get("/", bearer, header("Accept-Encoding", "gzip"))
			}
		})
	}
}
