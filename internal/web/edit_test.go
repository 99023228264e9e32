package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// clerk is an Editor with one setting.
type clerk struct {
	sync.Mutex
	every string
	asked []web.Proposal
}

func (c *clerk) tag() string { return `"` + c.every + `"` }

func (c *clerk) Editable() *web.Editable {
	c.Lock()
	defer c.Unlock()
	return &web.Editable{Tag: c.tag(), File: "/etc/homing/homing.yaml",
		Settings: []web.EditableRow{{Path: "schedule.every", Form: "text", Type: "schedule", Default: "@every 5m", Doc: "When to look."},
			{Path: "log.level", Form: "text", Type: "debug, info, warn or error", Words: []string{"debug", "info", "warn", "error"}, Doc: "How much the log says."},
			{Path: "schedule.on_start", Form: "boolean", Type: "true or false", Default: "true", Doc: "Whether the first round is made at once."},
			{Path: "notify.webhook", Form: "text", Type: "URL", Secret: true, Doc: "A URL that is sent the same as JSON."},
			{Path: "notify.exec", Form: "text", Type: "command", Doc: "A command.", Locked: "it runs a program"},
			{Path: "records.*.name", Form: "text", Type: "name", Doc: "The name to keep pointing home."},
			{Path: "records.*.ttl", Form: "number", Type: "seconds", Doc: "The TTL of new records."},
			{Path: "accounts.*.token", Form: "text", Type: "token", Secret: true, Doc: "The token."}},
		Said: []web.EditableSaid{{Path: "schedule.every", Items: []string{c.every}}, {Path: "records[0].name", Items: []string{"nas.example.org"}}, {Path: "accounts.default.token", Secret: true},
			{Path: "log.level", Items: []string{"warn"}, Locked: "it is set by HOMING_LOG_LEVEL"}, {Path: "notify.webhook", Secret: true}}}
}

func (c *clerk) Propose(_ context.Context, p web.Proposal) web.Verdict {
	c.Lock()
	defer c.Unlock()
	c.asked = append(c.asked, p)
	v := web.Verdict{Tag: c.tag()}
	switch {
	case p.Tag != v.Tag:
		v.Conflict, v.Problems = true, []web.EditProblem{{Reason: "it was changed meanwhile"}}
		return v
	}
	for _, change := range p.Changes {
		switch {
		case change.Path != "schedule.every" && !strings.HasPrefix(change.Path, "records["):
			v.Problems = append(v.Problems, web.EditProblem{Path: change.Path, Reason: "there is no such setting", Hint: "another one"})
		case !change.Remove && change.Items[0] == "sometimes":
			v.Problems = append(v.Problems, web.EditProblem{Path: change.Path, Reason: "cron wants 5 fields and this has 1"})
		}
	}
	if len(v.Problems) > 0 {
		return v
	}
	v.Diff = []web.DiffLine{{Text: `  every: "@every 5m"`}, {Added: true, Text: `  every: "@every 1m"`}}
	if p.Save {
		c.every = p.Changes[0].Items[0]
		v.Saved, v.Tag = true, c.tag()
		return v
	}
	v.Plan = &status.Round{}
	return v
}

func editing(c *clerk) func(*web.Config) { return func(cfg *web.Config) { cfg.Editor = c } }

const change = `{"changes":[{"path":"schedule.every","items":["@every 1m"]}]}`

func TestSettingsAreChangedOverTheAPI(t *testing.T) {
	c := &clerk{every: "@every 5m"}
	p := newPlace(t, 1, editing(c))
	o := published(t, p)
	put := func(query, body string, edits ...edit) *http.Response {
		w := p.ask("PUT", "/api/v1/config"+query, body, append([]edit{bearer}, edits...)...)
		schema, ok := o.response("/api/v1/config", "PUT", strconv.Itoa(w.Code))
		if !ok {
			t.Errorf("%d is not described", w.Code)
		}
		for _, f := range o.check(schema, decode[any](t, w), "PUT") {
			t.Error(f)
		}
		return w.Result()
	}
	w := p.get("/api/v1/config", bearer)
	schema, _ := o.response("/api/v1/config", "GET", "200")
	for _, f := range o.check(schema, decode[any](t, w), "GET") {
		t.Error(f)
	}
	tag := header("If-Match", w.Result().Header.Get("ETag"))
	for _, tt := range []struct {
		query, body string
		edits       []edit
		want        int
	}{
		{"", change, nil, 428},
		{"", change, []edit{header("If-Match", `"another"`)}, 412},
		{"", "{", []edit{tag}, 400},
		{"", `{"changes":[]}`, []edit{tag}, 400},
		{"", `{"changes":[` + strings.Repeat(`{"path":"x"},`, 200) + `{"path":"x"}]}`, []edit{tag}, 400},
		{"", change, []edit{tag, header("Content-Type", "text/plain")}, 415},
		{"", `{"x":"` + strings.Repeat("x", 65<<10) + `"}`, []edit{tag}, 413},
		{"", `{"changes":[{"path":"notify.exec","items":["/bin/sh"]},{"path":"schedule.every","items":["sometimes"]}]}`, []edit{tag}, 422},
		{"?review=true", change, []edit{tag}, 200},
		{"", change, []edit{tag}, 200},
		{"", change, []edit{tag}, 412}, // it is another file now
	} {
		if got := put(tt.query, tt.body, tt.edits...); got.StatusCode != tt.want {
			t.Errorf("%s %.60s: %d instead of %d", tt.query, tt.body, got.StatusCode, tt.want)
		}
	}
	saved := 0
	for _, asked := range c.asked {
		if asked.Save && asked.Tag == `"@every 5m"` && len(asked.Changes) == 1 {
			saved++
		}
	}
	if c.every != "@every 1m" || saved != 2 || c.asked[len(c.asked)-1].Who != "the token, from 192.0.2.9" {
		t.Errorf("%q after %+v", c.every, c.asked)
	}
}

// TestNothingIsChangedWithoutEditTheTokenAndTheSameOrigin: each of the three is
// needed, on every path that changes settings.
func TestNothingIsChangedWithoutEditTheTokenAndTheSameOrigin(t *testing.T) {
	for what, tt := range map[string]struct {
		edits  []edit
		off    bool
		public bool
		want   int
	}{
		"without edit":        {edits: []edit{bearer}, off: true, want: 403},
		"nobody":              {want: 401},
		"nobody, all may see": {public: true, want: 401},
		"a wrong token":       {edits: []edit{header("Authorization", "wrong")}, want: 403},
		"another site":        {edits: []edit{bearer, header("Origin", "https://attacker.example")}, want: 403},
		"a frame of another":  {edits: []edit{bearer, header("Sec-Fetch-Site", "cross-site")}, want: 403},
		"a rebound name":      {edits: []edit{to("attacker.example")}, want: 421},
	} {
		c := &clerk{every: "@every 5m"}
		p := newPlace(t, 1, editing(c), func(cfg *web.Config) {
			cfg.PublicRead = tt.public
			if tt.off {
				cfg.Editor = nil
			}
		})
		edits := append([]edit{header("If-Match", c.tag())}, tt.edits...)
		if w := p.ask("PUT", "/api/v1/config", change, edits...); w.Code != tt.want {
			t.Errorf("%s: %d instead of %d", what, w.Code, tt.want)
		}
		if w := p.get("/api/v1/config", tt.edits...); w.Code != tt.want && !strings.Contains(what, "another site") && !strings.Contains(what, "frame") {
			t.Errorf("%s reads: %d instead of %d", what, w.Code, tt.want)
		}
		if len(c.asked) > 0 {
			t.Errorf("%s: %+v", what, c.asked)
		}
	}
	c := &clerk{every: "@every 5m"}
	p := newPlace(t, 1, editing(c))
	if w := p.ask("PUT", "/api/v1/config", change, header("If-Match", c.tag()), session(p.logIn())); w.Code != 200 || !strings.HasPrefix(c.asked[0].Who, "a session") {
		t.Errorf("a session: %d %+v", w.Code, c.asked)
	}
}

// TestTheFormsChangeSettings goes through the page as a browser without scripts does.
func TestTheFormsChangeSettings(t *testing.T) {
	c := &clerk{every: "@every 5m"}
	p := newPlace(t, 1, editing(c))
	in := session(p.logIn())
	post := func(pairs ...string) *httptest.ResponseRecorder {
		form := url.Values{"at": {"schedule"}, "tag": {c.tag()}}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return p.ask("POST", "/settings", form.Encode(), in)
	}
	has(t, p.get("/", in), `href="settings"`)
	has(t, p.get("/settings?at=schedule", in), "schedule.every", "When to look.", "without it @every 5m", `value="@every 5m"`, `<option value="true">`)
	has(t, p.get("/settings?at=notify", in), `type="password"`, "Take webhook out; it is set and not shown", "It cannot be changed here: it runs a program.")
	has(t, p.get("/settings?at=log", in), "It cannot be changed here: it is set by HOMING_LOG_LEVEL.")
	has(t, p.get("/settings?at=records", in), "nas.example.org", "Add one")
	has(t, p.get("/settings?at=records[0]", in), `value="nas.example.org"`, "Remove records[0]")

	has(t, post("schedule.every", "@every 5m"), "Nothing is changed.")
	if w := post("schedule.every", "sometimes"); w.Code != 422 {
		t.Errorf("%d", w.Code)
	} else {
		has(t, w, `value="sometimes"`, `aria-invalid="true"`, "cron wants 5 fields and this has 1", `href="#f-schedule-every"`)
	}
	w := post("schedule.every", "@every 1m")
	has(t, w, "- every: &#34;@every 5m&#34;", "+ every: &#34;@every 1m&#34;", "Nothing to change.", `value="save"`)
	if c.every != "@every 5m" {
		t.Fatal("a review saved")
	}
	_, id, _ := strings.Cut(w.Body.String(), `name="review" value="`)
	id, _, _ = strings.Cut(id, `"`)
	has(t, post("do", "save", "review", id), "Saved to /etc/homing/homing.yaml")
	if c.every != "@every 1m" || !strings.HasPrefix(c.asked[len(c.asked)-1].Who, "a session") {
		t.Errorf("%q %+v", c.every, c.asked)
	}
	if w := post("do", "save", "review", id); w.Code != 410 {
		t.Errorf("the same review twice: %d", w.Code)
	}
	if w := post("schedule.every", "@every 9m", "tag", "another"); w.Code != 422 {
		t.Errorf("another file: %d", w.Code)
	}
}

// Secrets that were typed in are not in any page that follows.
func TestAReviewShowsNoSecret(t *testing.T) {
	c := &clerk{every: "@every 5m"}
	p := newPlace(t, 1, editing(c))
	in := session(p.logIn())
	for _, at := range []string{"notify", "accounts.default"} {
		form := url.Values{"at": {at}, "tag": {c.tag()}, "notify.webhook": {"https://example.org/canary"}, "accounts.default.token": {"canary"}}
		lacks(t, p.ask("POST", "/settings", form.Encode(), in), "canary")
	}
	if len(c.asked) != 2 || c.asked[1].Changes[0].Items[0] != "canary" {
		t.Errorf("%+v", c.asked)
	}
}

func TestTheFormsNeedEditTheTokenAndTheSameOrigin(t *testing.T) {
	form := url.Values{"at": {"schedule"}, "tag": {`"@every 5m"`}, "schedule.every": {"@every 1m"}}.Encode()
	for what, tt := range map[string]struct {
		edits []edit
		off   bool
		want  int
	}{
		"without edit":  {edits: []edit{bearer}, off: true, want: 403},
		"nobody":        {want: 303},
		"another site":  {edits: []edit{bearer, header("Origin", "https://attacker.example")}, want: 403},
		"another frame": {edits: []edit{bearer, header("Sec-Fetch-Site", "cross-site")}, want: 403},
	} {
		c := &clerk{every: "@every 5m"}
		p := newPlace(t, 1, public, editing(c), func(cfg *web.Config) {
			if tt.off {
				cfg.Editor = nil
			}
		})
		if w := p.ask("POST", "/settings", form, tt.edits...); w.Code != tt.want {
			t.Errorf("%s: %d instead of %d", what, w.Code, tt.want)
		}
		if len(c.asked) > 0 {
			t.Errorf("%s: %+v", what, c.asked)
		}
		if w := p.get("/settings"); w.Code != 303 {
			t.Errorf("whoever may only read sees settings: %d", w.Code)
		}
	}
}
