package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
	"github.com/homing-dns/homing/internal/web/webtest"
)

func behind(c *web.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }

// No link of any page leads to the root, so that a proxy may serve it anywhere.
func TestAllLinksAreRelative(t *testing.T) {
	p := newPlace(t, 300)
	p.house.Refuse(p.house.Wanted()[0].Spec.Records[0].Name.String(), true)
	p.round()
	absolute := regexp.MustCompile(`(?:href|src|action)="/[^"]*"`)
	for _, path := range []string{"/", "/login", "/events", "/plan", "/record?name=nas-0.zone-0.example", "/?failing=1"} {
		if found := absolute.FindString(p.get(path, bearer).Body.String()); found != "" {
			t.Errorf("%s has %s", path, found)
		}
	}
	if js := p.get("/assets/app.js").Body.String(); regexp.MustCompile(`["'` + "`" + `]/[a-z]`).MatchString(js) {
		t.Error("the script asks for something at the root")
	}
	for _, w := range []interface{ Result() *http.Response }{p.get("/"), p.ask("POST", "/login", "token="+token), p.ask("POST", "/logout", ""), p.ask("POST", "/theme", "theme=dark")} {
		if to := w.Result().Header.Get("Location"); to == "" || strings.HasPrefix(to, "/") || strings.Contains(to, ":") {
			t.Errorf("a browser is sent to %q", to)
		}
	}
}

// Below a path, whether the proxy takes it away or not.
func TestThePageIsServedBelowAPath(t *testing.T) {
	p := newPlace(t, 1, behind, func(c *web.Config) { c.Base = "/tools/homing" })
	p.round()
	for _, path := range []string{"/tools/homing/", "/"} {
		if w := p.get(path, bearer); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "home.example.org") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := p.get("/tools/homing", bearer); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "homing/" {
		t.Errorf("without a slash: %d %q", w.Code, w.Header().Get("Location"))
	}
	for _, path := range []string{"/tools/homing/assets/style.css", "/tools/homing/api/v1/status", "/tools/homing/healthz"} {
		if w := p.get(path, bearer); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/tools", "/tools/homing/nowhere", "/tools/homing//", "/tools/homingx/"} {
		if w := p.get(path, bearer); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	c := p.ask("POST", "/tools/homing/login", "token="+token).Result().Cookies()
	if len(c) != 1 || c[0].Path != "/tools/homing/" {
		t.Errorf("the cookie is for %v", c)
	}
}

// Home Assistant says where it serves an add-on, and shows it in a frame.
func TestAnIngressPathIsBelievedOfATrustedProxyAlone(t *testing.T) {
	p := newPlace(t, 1, behind)
	p.round()
	const path = "/api/hassio_ingress/aB-c_9"
	ingress := header("X-Ingress-Path", path)
	login := func(from edit) *http.Cookie {
		return p.ask("POST", "/login", "token="+token, from, ingress).Result().Cookies()[0]
	}
	if c := login(from("10.0.0.1:1")); c.Path != path+"/" {
		t.Errorf("the cookie is for %q", c.Path)
	}
	if c := login(from("192.0.2.1:1")); c.Path != "/" {
		t.Errorf("a stranger's word makes it a cookie for %q", c.Path)
	}
	framed := func(edits ...edit) bool {
		h := p.get("/login", edits...).Header()
		inside := strings.HasSuffix(h.Get("Content-Security-Policy"), "frame-ancestors 'self'")
		if inside != (h.Get("X-Frame-Options") == "SAMEORIGIN") {
			t.Errorf("%v", h)
		}
		return inside
	}
	if !framed(from("10.0.0.1:1"), ingress) || framed(from("192.0.2.1:1"), ingress) || framed(from("10.0.0.1:1")) {
		t.Error("who may frame the page")
	}
	for _, bad := range []string{"/a\"b", "//evil.example", "/a;b", "/../x", "x", "/x/", "/" + strings.Repeat("a", 300)} {
		if framed(from("10.0.0.1:1"), header("X-Ingress-Path", bad)) {
			t.Errorf("%q is taken for a path", bad)
		}
		if web.CheckBase(bad) == nil {
			t.Errorf("%q is taken for a base", bad)
		}
	}
}

func TestDarkAndLightAreChosenWithoutAScript(t *testing.T) {
	p := newPlace(t, 1, public)
	p.round()
	has(t, p.get("/"), `data-theme="auto"`)
	c := p.ask("POST", "/theme", "theme=dark").Result().Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.MaxAge < 1000 {
		t.Errorf("%+v", c)
	}
	has(t, p.get("/", session(c)), `data-theme="dark"`, `value="dark" aria-pressed="true"`)
	has(t, p.get("/login", session(c)), `data-theme="dark"`)
	c.Value = "<script>"
	has(t, p.get("/", session(c)), `data-theme="auto"`)
	if v := p.ask("POST", "/theme", "theme=%3Cscript%3E").Result().Cookies()[0].Value; v != "auto" {
		t.Error(v)
	}
}

func TestOneCauseIsOneCardWithItsNamesAndLinks(t *testing.T) {
	p := newPlace(t, 60)
	for _, r := range p.house.Wanted()[0].Spec.Records {
		p.house.Refuse(r.Name.String(), true)
	}
	p.round()
	w := p.get("/", bearer)
	if n := cards(w.Body.String()); n != 1 {
		t.Errorf("%d cards", n)
	}
	has(t, w, "Show names", `href="record?name=`+p.house.Wanted()[0].Spec.Records[0].Name.String()+`"`, "all that fail", `href="./?failing=1#records"`, `href="https://github.com/homing-dns/homing/blob/main/docs/troubleshooting.md#zones-and-records"`)
	has(t, w, "Only failing (60)", "zones last read")
}

// A link to the documentation leads to a page and a heading that are there.
func TestLinksToTheDocumentationLeadSomewhere(t *testing.T) {
	for _, code := range []status.Code{status.AddressUnknown, status.ZoneFailed, status.RecordMissing, status.SettingsRefused, status.TellingFailed} {
		p := newPlace(t, 1)
		r := p.house.Round()
		r.Conditions = []status.Condition{{Code: code, Subject: "it", Text: "it is so"}}
		p.board.Done(r, p.house.Held())
		found := regexp.MustCompile(`blob/main/docs/([a-z-]+\.md)#?([a-z-]*)"`).FindStringSubmatch(p.get("/", bearer).Body.String())
		if found == nil {
			t.Errorf("%s: no link", code)
			continue
		}
		b, err := os.ReadFile("../../docs/" + found[1])
		if err != nil {
			t.Error(err)
		}
		var anchors []string
		for line := range strings.Lines(string(b)) {
			if h, ok := strings.CutPrefix(line, "## "); ok {
				anchors = append(anchors, strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(strings.TrimSpace(h))))
			}
		}
		if found[2] != "" && !slices.Contains(anchors, found[2]) {
			t.Errorf("%s leads to %s, which has %v", code, found[2], anchors)
		}
	}
}

func TestFailingZonesAreUnfolded(t *testing.T) {
	p := newPlace(t, 300)
	bad := p.house.Wanted()[0].Spec.Records[250].Name
	p.house.Refuse(bad.String(), true)
	p.round()
	page := p.get("/", bearer).Body.String()
	if n := strings.Count(page, `<details class="card zone"`); n < 2 {
		t.Fatalf("%d zones", n)
	}
	first := page[strings.Index(page, `<details class="card zone"`):]
	first = first[:strings.Index(first, ">")]
	if !strings.HasSuffix(first, " open") || strings.Count(page, `<details class="card zone"`) == strings.Count(page, "open>") {
		t.Errorf("the first zone is %s", first)
	}
}

// events is a past with something of everything.
func events(now time.Time) []status.Event {
	key := func(n string) dns.Key { return dns.Key{Name: webtest.Name(n), Type: dns.A} }
	var all []status.Event
	for i := range 130 {
		all = append(all, status.Event{At: now.Add(-time.Duration(200-i) * time.Minute), Kind: status.RecordChanged, Count: 1,
			Keys: []dns.Key{key(fmt.Sprintf("n%d.example.org", i))}, From: "84.1.1.1", To: fmt.Sprintf("84.1.2.%d", i), Text: "=cmd|'/c calc'!A1"})
	}
	c := status.Condition{Code: status.ChangeFailed, Subject: "A n7.example.org", Key: key("n7.example.org"), Text: "it was refused"}
	return append(all, status.Event{At: now.Add(-time.Minute), Kind: status.ConditionBegan, Count: 1, Failure: true, Code: c.Code, Conditions: []status.Condition{c}, Keys: []dns.Key{c.Key}, Text: "A n7.example.org: it was refused"},
		status.Event{At: now.Add(-48 * time.Hour), Kind: status.HomingBegan, Text: "homing 1"})
}

func TestEventsAreFilteredPagedAndExported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1, func(c *web.Config) {
			c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) {
				all := events(time.Now())
				slices.SortFunc(all, func(a, b status.Event) int { return a.At.Compare(b.At) })
				return all, nil
			}
		})
		p.round()
		items := func(path string) int {
			return strings.Count(p.get(path, bearer).Body.String(), `<span class="sign" aria-hidden="true">`)
		}
		for path, want := range map[string]int{"/events": 50, "/events?page=3": 32, "/events?kind=problems": 1, "/events?kind=homing": 1, "/events?kind=homing&span=24h": 0,
			"/events?name=N129.": 1, "/events?name=n7.example": 2, "/events?kind=records&page=99": 30, "/events?kind=nonsense&span=nonsense": 50} {
			if n := items(path); n != want {
				t.Errorf("%s: %d events, want %d", path, n, want)
			}
		}
		has(t, p.get("/events?kind=records&name=n1", bearer), `format=csv`, `kind=records`, `name=n1`)
		w := p.get("/events?kind=records&format=csv", bearer)
		lines := strings.Split(strings.TrimSpace(w.Body.String()), "\r\n")
		if len(lines) != 131 || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("%d lines, %v", len(lines), w.Header())
		}
		if !strings.HasSuffix(lines[1], `,"n129.example.org","A","","","84.1.1.1","84.1.2.129","'=cmd|'/c calc'!A1"`) {
			t.Errorf("%s", lines[1])
		}
		var out struct{ Events []map[string]any }
		if err := json.Unmarshal(p.get("/events?kind=problems&format=json", bearer).Body.Bytes(), &out); err != nil || len(out.Events) != 1 {
			t.Errorf("%v %v", out, err)
		}
		if w := p.get("/events"); w.Code != http.StatusSeeOther {
			t.Errorf("to a stranger: %d", w.Code)
		}
		w = p.get("/record?name=n7.example.org", bearer)
		has(t, w, "n7.example.org", "84.1.1.1 → 84.1.2.7", "it was refused", "No record of this name is kept now.")
		lacks(t, w, "n8.example.org", "84.1.2.70")
		has(t, p.get("/record?name=home.example.org", bearer), "84.17.46.2", "Nothing of the kind")
		if w := p.get("/record", bearer); w.Code != http.StatusNotFound {
			t.Errorf("of no name: %d", w.Code)
		}
	})
}

func TestAHistoryThatCannotBeReadIsToldOnItsPage(t *testing.T) {
	p := newPlace(t, 1, func(c *web.Config) {
		c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) {
			return nil, errors.New("the disk is gone")
		}
	})
	p.round()
	has(t, p.get("/events", bearer), "the disk is gone")
	if w := p.get("/events?format=csv", bearer); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d", w.Code)
	}
}

func TestThePlanIsShownWithoutAScript(t *testing.T) {
	p := newPlace(t, 3)
	p.round()
	has(t, p.get("/", bearer), `action="plan"`)
	has(t, p.get("/plan", bearer), "Nothing to change.", "Nothing was changed.")
	p.house.Move("84.17.50.9")
	w := p.get("/plan", bearer)
	has(t, w, "changes would be made.", "84.17.46.2 → 84.17.50.9", "A home.example.org", "has a different address")
	if n := strings.Count(w.Body.String(), "has a different address"); n != strings.Count(w.Body.String(), `<section class="card plan"`) {
		t.Errorf("the reason stands %d times", n)
	}
	failing := newPlace(t, 1, func(c *web.Config) {
		c.PlanNow = func(context.Context) (status.Round, error) { return status.Round{}, errors.New("it did not end") }
	})
	has(t, failing.get("/plan", bearer), "No plan could be made: it did not end")
	many := newPlace(t, 3000)
	if n, page := many.weight("/plan"); n > lightMost || !strings.Contains(page, "more; <code>homing plan</code>") {
		t.Errorf("a plan of 3,000 names: %d bytes", n)
	}
}

func TestOnDayOneASentenceStandsForTheChart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 2)
		p.round()
		w := p.get("/", bearer)
		has(t, w, "homing has watched since", "nothing has changed")
		lacks(t, w, `class="plot"`)
		page := w.Body.String()
		if strings.Index(page, `id="timeline"`) < strings.Index(page, `id="records"`) {
			t.Error("the chart stands before the records")
		}
		p.house.Move("84.17.50.9")
		time.Sleep(time.Minute)
		p.round()
		has(t, p.get("/", bearer), `class="plot"`)
	})
}
