package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/web"
)

const typed = "a-secret-that-somebody-typed"

// helper sets a house up that has two hosts, of which "by-service" asks for its token
// once it knows the service.
type helper struct {
	mu      sync.Mutex
	asked   []map[string]string // accounts that were checked
	busy    chan struct{}       // is waited for in each check; nil: none
	started chan struct{}
	made    web.SetUpAnswers
	saved   bool
}

func (c *helper) Hosts() []web.SetUpHost {
	return []web.SetUpHost{c.Host("plain", nil), c.Host("by-service", nil), c.Host("by-hand", nil)}
}

func (c *helper) Host(word string, said map[string]string) web.SetUpHost {
	token := web.SetUpAsk{Key: "token", Label: "Token", Doc: "Its token.", Type: "token", Secret: true}
	switch word {
	case "by-service":
		h := web.SetUpHost{Word: word, Name: "By service", Get: "Look there.", Asks: []web.SetUpAsk{{Key: "service", Label: "Service", Doc: "Which.", Type: "word"}}}
		if said["service"] != "" {
			h.Asks = append(h.Asks, token)
		}
		return h
	case "by-hand":
		return web.SetUpHost{Word: word, Name: "By hand", Get: "Look there.", ByHand: "it runs a program"}
	}
	return web.SetUpHost{Word: "plain", Name: "Plain", Get: "Make one at https://plain.example/<new>.", Link: "https://plain.example/", Asks: []web.SetUpAsk{token}}
}

func (c *helper) Account(_ context.Context, a web.SetUpAnswers) (web.SetUpSeen, []web.EditProblem) {
	if c.busy != nil {
		c.started <- struct{}{}
		<-c.busy
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, a.Account)
	if a.Account["token"] != typed {
		return web.SetUpSeen{}, []web.EditProblem{{Path: "token", Reason: "it is <not> known\u202e", Hint: "make another"}}
	}
	return web.SetUpSeen{Listed: true, Zones: []web.SetUpZone{{Name: "example.org"}, {Name: "example.net", ReadOnly: true}},
		Families: []web.SetUpFamily{{Name: "IPv4", Here: true, Text: "here it is 192.0.2.1"}, {Name: "IPv6", Text: "not here"}}}, nil
}

func (c *helper) Review(_ context.Context, a web.SetUpAnswers) (web.SetUpMade, []web.EditProblem) {
	c.made = a
	return web.SetUpMade{File: "/state/homing.yaml", YAML: "records: [" + strings.Join(a.Names, ", ") + "]", Secrets: []string{"/state/token"}, NoPlan: "nobody answers"}, nil
}

func (c *helper) Save(context.Context) []web.EditProblem {
	c.saved = true
	return nil
}

func (c *helper) Admit() (secret.String, *web.Sessions) {
	return secret.New(token), web.NewSessions(nil, slog.New(slog.DiscardHandler))
}

// hall is a set-up that is served, and a browser before it.
type hall struct {
	t      *testing.T
	helper *helper
	code   string
	url    string
	origin string // which the browser sends
	ended  chan error
	http.Client
}

func newHall(t *testing.T, c *helper) *hall {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	at := "http://" + l.Addr().String()
	h := &hall{t: t, helper: c, code: web.NewCode().Reveal(), url: at, origin: at, ended: make(chan error, 1),
		Client: http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() {
		h.ended <- web.New(web.Config{Log: slog.New(slog.DiscardHandler)}).ServeSetUp(ctx, l, c, secret.New(h.code))
	})
	t.Cleanup(func() { cancel(); serving.Wait() })
	return h
}

// submit sends a form, and gives the status, where it leads, and the page.
func (h *hall) submit(form ...string) (status int, to, page string) {
	h.t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.url+"/setup", strings.NewReader(values.Encode()))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", h.origin)
	answer, err := h.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Location"), h.body(answer)
}

func (h *hall) open(path string) string {
	h.t.Helper()
	answer, err := h.Get(h.url + path)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.body(answer)
}

// body is a page, which holds to what every page has to.
func (h *hall) body(answer *http.Response) string {
	h.t.Helper()
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	text := string(b)
	if strings.Contains(text, typed) || strings.Contains(text, h.code) || strings.Contains(text, "\u202e") {
		h.t.Errorf("a secret, or what turns the writing around, comes out:\n%s", text)
	}
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || answer.Header.Get("Cache-Control") != "no-store" {
		h.t.Errorf("the headers are %v", answer.Header)
	}
	if absolute := regexp.MustCompile(`(?:href|src|action)="/`).FindString(text); absolute != "" || strings.HasPrefix(answer.Header.Get("Location"), "/") {
		h.t.Errorf("a link leads to the root: %s %s", absolute, answer.Header.Get("Location"))
	}
	return text
}

func TestTheCookieOfTheSetUpActsOnlyFromItsPage(t *testing.T) {
	c := &helper{}
	h := newHall(t, c)
	h.submit("do", "code", "code", h.code)
	for _, h.origin = range []string{"", "http://attacker.example"} {
		if status, _, page := h.submit("do", "account", "host", "plain", "token", typed); status != http.StatusForbidden || len(c.asked) > 0 {
			t.Errorf("from %q: %d %s", h.origin, status, page)
		}
	}
}

func TestASecretIsTypedOnceForAHostAndNeverComesBack(t *testing.T) {
	h := newHall(t, &helper{})
	if status, to, _ := h.submit("do", "code", "code", h.code); status != http.StatusSeeOther || to != "./" {
		t.Fatalf("%d, to %q", status, to)
	}
	if page := h.open("/"); !strings.Contains(page, `Make one at  <a`) && !strings.Contains(page, `href="https://plain.example/"`) || strings.Contains(page, "<new>") {
		t.Errorf("the host:\n%s", page)
	}
	status, _, page := h.submit("do", "account", "host", "plain", "token", "another-secret")
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "it is &lt;not&gt; known") || !strings.Contains(page, `href="#f-token"`) || strings.Contains(page, "another-secret") {
		t.Errorf("a wrong token: %d\n%s", status, page)
	}
	if status, to, _ := h.submit("do", "account", "host", "plain", "token", typed); status != http.StatusSeeOther || to != "./?at=names" {
		t.Fatalf("%d, to %q", status, to)
	}
	if page := h.open("/?at=names"); !strings.Contains(page, "example.org, example.net (read-only)") || !strings.Contains(page, "192.0.2.1") {
		t.Errorf("what the token sees:\n%s", page)
	}
	if page := h.open("/?at=account"); !strings.Contains(page, "typed before and is kept") {
		t.Errorf("it is not said that the token is kept:\n%s", page)
	}
	if status, _, _ := h.submit("do", "account", "host", "plain", "token", ""); status != http.StatusSeeOther {
		t.Errorf("without typing it again: %d", status)
	}
	if status, to, _ := h.submit("do", "account", "host", "by-service", "service", "first"); status != http.StatusSeeOther || to != "./?at=account" {
		t.Errorf("a host that asks on: %d, to %q", status, to)
	}
	if page := h.open("/?at=account"); !strings.Contains(page, `value="first"`) || strings.Contains(page, "typed before") || !strings.Contains(page, "f-token") {
		t.Errorf("a host that asks on:\n%s", page)
	}
	if status, _, _ := h.submit("do", "account", "host", "by-service", "service", "first", "token", ""); status != http.StatusUnprocessableEntity {
		t.Errorf("the token of another host was sent: %v", h.helper.asked)
	}
	before := len(h.helper.asked)
	if status, _, page := h.submit("do", "account", "host", "by-hand"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "it runs a program") || len(h.helper.asked) != before {
		t.Errorf("a host that is set up by hand: %d\n%s", status, page)
	}
}

func TestOnlyWhatWasReviewedIsSaved(t *testing.T) {
	h := newHall(t, &helper{})
	h.submit("do", "code", "code", h.code)
	if status, _, _ := h.submit("do", "names", "names", "home.example.org"); status != http.StatusUnprocessableEntity {
		t.Errorf("names before the host was asked: %d", status)
	}
	if status, _, _ := h.submit("do", "save", "review", ""); status != http.StatusUnprocessableEntity || h.helper.saved {
		t.Errorf("saved before anything was reviewed: %d", status)
	}
	h.submit("do", "account", "host", "plain", "token", typed)
	for want, names := range map[string]string{"at least one": " \n", "more than 500": strings.Repeat("a.example.org\n", 501)} {
		if status, _, page := h.submit("do", "names", "names", names, "IPv4", "on"); status != http.StatusUnprocessableEntity || !strings.Contains(page, want) {
			t.Errorf("%s: %d", want, status)
		}
	}
	if status, _, page := h.submit("do", "names", "names", "home.example.org"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "#families") {
		t.Errorf("no family: %d", status)
	}
	review := func(names string) string {
		h.submit("do", "names", "names", names, "IPv4", "on", "IPv6", "on", "every", "1m")
		return regexp.MustCompile(`name="review" value="([0-9a-f]+)"`).FindStringSubmatch(h.open("/"))[1]
	}
	old := review("old.example.org")
	latest := review("home.example.org, nas.example.org\nwww.example.org")
	if got := fmt.Sprint(h.helper.made.Names, h.helper.made.Families, h.helper.made.Every); got != "[home.example.org nas.example.org www.example.org] [IPv4 IPv6]1m" {
		t.Errorf("it understood %s", got)
	}
	if status, _, _ := h.submit("do", "save", "review", old); status != http.StatusUnprocessableEntity || h.helper.saved {
		t.Errorf("an older review was saved: %d", status)
	}
	h.submit("do", "save", "review", latest)
	if err := <-h.ended; err != nil || !h.helper.saved {
		t.Errorf("saved %t, and it ended with %v", h.helper.saved, err)
	}
}

func TestOneStepIsTakenAtATime(t *testing.T) {
	h := newHall(t, &helper{busy: make(chan struct{}), started: make(chan struct{})})
	h.submit("do", "code", "code", h.code)
	first := make(chan int)
	go func() {
		status, _, _ := h.submit("do", "account", "host", "plain", "token", typed)
		first <- status
	}()
	<-h.helper.started
	if status, _, _ := h.submit("do", "account", "host", "plain", "token", typed); status != http.StatusServiceUnavailable {
		t.Errorf("a second one meanwhile: %d", status)
	}
	if page := h.open("/"); !strings.Contains(page, "Your DNS host") {
		t.Errorf("the page cannot be seen meanwhile:\n%s", page)
	}
	close(h.helper.busy)
	if status := <-first; status != http.StatusSeeOther {
		t.Errorf("the first: %d", status)
	}
}

// Whoever guesses, in turn or at once, has five tries.
func TestFiveWrongCodesCloseThePage(t *testing.T) {
	h := newHall(t, &helper{})
	var guessing sync.WaitGroup
	for range 5 {
		guessing.Go(func() { h.submit("do", "code", "code", "AAAA-AAAA") })
	}
	guessing.Wait()
	if err := <-h.ended; !errors.Is(err, web.ErrWrongCodes) {
		t.Errorf("it ended with %v", err)
	}
}

// deaf is a listener that nobody comes to.
type deaf struct{ closed chan struct{} }

func (d deaf) Accept() (net.Conn, error) { <-d.closed; return nil, net.ErrClosed }
func (d deaf) Close() error              { close(d.closed); return nil }
func (d deaf) Addr() net.Addr            { return &net.TCPAddr{} }

func TestTheSetUpIsOpenForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		err := web.New(web.Config{Log: slog.New(slog.DiscardHandler)}).ServeSetUp(t.Context(), deaf{make(chan struct{})}, &helper{}, web.NewCode())
		if !errors.Is(err, web.ErrSetUpLate) || time.Since(began) != time.Hour {
			t.Errorf("after %v it ended with %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := web.New(web.Config{Log: slog.New(slog.DiscardHandler)}).ServeSetUp(ctx, deaf{make(chan struct{})}, &helper{}, web.NewCode()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("told to end, it ended with %v", err)
		}
	})
}

func TestCodesAreOfLettersThatLookLikeNoOthers(t *testing.T) {
	seen := make(map[string]bool)
	for range 200 {
		code := web.NewCode().Reveal()
		if !regexp.MustCompile(`^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$`).MatchString(code) || seen[code] {
			t.Errorf("%s", code)
		}
		seen[code] = true
	}
}
