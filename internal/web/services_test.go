package web_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/web"
)

// herald is a Messenger that writes down what it is asked for.
type herald struct {
	services []web.Service
	fails    error
	asked    []string
}

func (h *herald) Services() []web.Service { return h.services }

func (h *herald) Test(_ context.Context, service string) error {
	h.asked = append(h.asked, service)
	return h.fails
}

// telling is a page with services that are told.
func telling(t *testing.T) (*herald, *clerk, *place) {
	h := &herald{services: []web.Service{
		{Name: "ntfy", Tests: true},
		{Name: "discord", Tests: true, Sent: 3, Tried: time.Now()},
		{Name: "gotify <b>", Tests: true, Failed: 2, Tried: time.Now(), Since: time.Now().Add(-26 * time.Hour), Err: "HTTP 404", Hint: "check the token"},
		{Name: "hook"},
	}}
	c := &clerk{every: "@every 5m"}
	return h, c, newPlace(t, 1, editing(c), func(cfg *web.Config) { cfg.Messenger = h })
}

func TestThePageShowsWhoIsToldAndTheLastAnswers(t *testing.T) {
	_, _, p := telling(t)
	in := session(p.logIn())
	w := p.get("/settings?at=notify", in)
	has(t, w, "Who is told", "<strong>ntfy</strong>: nothing was sent yet", "<strong>discord</strong>: delivered at", ", 3 in all", "gotify &lt;b&gt;</strong>: not delivered at",
		", nor anything since", ": HTTP 404; check the token", "Send a test to ntfy", "There is no test of it: it is told only of what really happens.")
	lacks(t, w, "Send a test to hook")
	lacks(t, p.get("/settings?at=schedule", in), "Who is told")
	c := &clerk{every: "@every 5m"}
	nobody := newPlace(t, 1, editing(c))
	lacks(t, nobody.get("/settings?at=notify", session(nobody.logIn())), "Who is told")
}

func TestATestIsSentFromThePage(t *testing.T) {
	h, c, p := telling(t)
	in := session(p.logIn())
	post := func(service string) *httptest.ResponseRecorder {
		return p.ask("POST", "/settings", url.Values{"do": {"test"}, "service": {service}}.Encode(), in)
	}
	for _, tt := range []struct {
		service string
		fails   error
		code    int
		want    string
	}{
		{"discord", nil, 200, `role="status">The test was delivered to discord. Look whether you see it there.`},
		{"gotify <b>", nil, 200, `role="alert">The test did not reach gotify &lt;b&gt;. What it said stands below.`},
		{"hook", errors.New("it is told only of what really happens"), 409, `role="alert">No test was sent to hook: it is told only of what really happens.`},
		{"ntfy", context.DeadlineExceeded, 200, `role="alert">ntfy has not answered yet; look again in a moment.`},
		{strings.Repeat("x", 500), nil, 404, "There is nobody to test."},
	} {
		h.fails = tt.fails
		w := post(tt.service)
		if w.Code != tt.code {
			t.Errorf("%.20s: %d", tt.service, w.Code)
		}
		has(t, w, tt.want, "Who is told")
	}
	if !slices.Equal(h.asked, []string{"discord", "gotify <b>", "hook", "ntfy"}) || len(c.asked) != 0 {
		t.Errorf("%q %v", h.asked, c.asked)
	}
	if said := p.log.String(); !strings.Contains(said, `msg="a test message was asked for" service=discord by="a session, from 192.0.2.9"`) {
		t.Error(said)
	}
}

func TestATestNeedsEditTheTokenAndTheSameOrigin(t *testing.T) {
	form := url.Values{"do": {"test"}, "service": {"ntfy"}}.Encode()
	for what, tt := range map[string]struct {
		edits []edit
		off   bool
		want  int
	}{
		"without edit":  {edits: []edit{bearer}, off: true, want: 403},
		"nobody":        {want: 303},
		"another site":  {edits: []edit{bearer, header("Origin", "https://attacker.example")}, want: 403},
		"another frame": {edits: []edit{bearer, header("Sec-Fetch-Site", "cross-site")}, want: 403},
		"the token":     {edits: []edit{bearer}, want: 200},
	} {
		h := &herald{services: []web.Service{{Name: "ntfy", Tests: true}}}
		p := newPlace(t, 1, public, editing(&clerk{}), func(cfg *web.Config) {
			cfg.Messenger = h
			if tt.off {
				cfg.Editor = nil
			}
		})
		if w := p.ask("POST", "/settings", form, tt.edits...); w.Code != tt.want {
			t.Errorf("%s: %d instead of %d", what, w.Code, tt.want)
		}
		if sent := len(h.asked) > 0; sent != (tt.want == 200) {
			t.Errorf("%s: sent is %t", what, sent)
		}
		if w := p.get("/settings?do=test&service=ntfy", tt.edits...); len(h.asked) > 1 {
			t.Errorf("%s: a GET sends: %d", what, w.Code)
		}
	}
}

// choosing is an Editor of a list of words.
type choosing struct {
	clerk
	chosen []string
}

func (c *choosing) Editable() *web.Editable {
	e := c.clerk.Editable()
	e.Settings = append(e.Settings, web.EditableRow{Path: "notify.events", Form: "list", Type: "changed, failed, stopped", Words: []string{"changed", "failed", "stopped"}, Doc: "What they are told of; without it everything."})
	if len(c.chosen) > 0 {
		e.Said = append(e.Said, web.EditableSaid{Path: "notify.events", Items: c.chosen})
	}
	return e
}

// What services are told of is chosen by ticking it.
func TestEventsAreChosen(t *testing.T) {
	for _, tt := range []struct {
		chosen, ticked []string
		want           *web.ProposedChange
	}{
		{nil, nil, nil},
		{nil, []string{"failed"}, &web.ProposedChange{Path: "notify.events", Items: []string{"failed"}}},
		{[]string{"failed"}, []string{"changed", "stopped"}, &web.ProposedChange{Path: "notify.events", Items: []string{"changed", "stopped"}}},
		{[]string{"stopped", "changed"}, []string{"changed", "stopped"}, nil},
		{[]string{"failed"}, nil, &web.ProposedChange{Path: "notify.events", Remove: true}},
	} {
		c := &choosing{clerk: clerk{every: "@every 5m"}, chosen: tt.chosen}
		p := newPlace(t, 1, func(cfg *web.Config) { cfg.Editor = c })
		in := session(p.logIn())
		page := p.get("/settings?at=notify", in).Body.String()
		for _, w := range []string{"changed", "failed", "stopped"} {
			if ticked := strings.Contains(page, `name="notify.events" value="`+w+`" checked`); ticked != slices.Contains(tt.chosen, w) {
				t.Errorf("%v: %s is ticked: %t", tt.chosen, w, ticked)
			}
		}
		form := url.Values{"at": {"notify"}, "tag": {c.tag()}, "notify.events": append([]string{""}, tt.ticked...)}
		w := p.ask("POST", "/settings", form.Encode(), in)
		switch {
		case tt.want == nil:
			has(t, w, "Nothing is changed.")
		case len(c.asked) != 1 || len(c.asked[0].Changes) != 1 || c.asked[0].Changes[0].Path != tt.want.Path || c.asked[0].Changes[0].Remove != tt.want.Remove || !slices.Equal(c.asked[0].Changes[0].Items, tt.want.Items):
			t.Errorf("%v → %v: %+v", tt.chosen, tt.ticked, c.asked)
		default: // the clerk refuses it, and what was ticked stays
			for _, word := range tt.ticked {
				has(t, w, `value="`+word+`" checked`)
			}
		}
	}
	c := &choosing{clerk: clerk{every: "@every 5m"}, chosen: []string{"CHANGED"}}
	p := newPlace(t, 1, func(cfg *web.Config) { cfg.Editor = c })
	has(t, p.get("/settings?at=notify", session(p.logIn())), ">CHANGED</textarea>")
}
