package notify

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

const uuid = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"

// every is an event of each kind, in the order of a life.
func every(t *testing.T) []struct {
	name string
	Event
} {
	write := errors.New("the quota is used up")
	failedWrite := did(round(0, status.Condition{Code: status.ChangeFailed, Subject: "A b.example.org", Text: "the quota is used up", Hint: "delete one"}),
		nil, move(t, "a.example.org"))
	failedWrite = did(failedWrite, write, move(t, "b.example.org"))
	left := round(0)
	left.Zones = []status.Zone{{Plan: plan.Plan{Sets: []plan.Set{{Changes: []plan.Change{move(t, "a.example.org")}}}}}}
	dry := round(0)
	dry.Dry = true
	stopped := status.Condition{Code: status.Stopped, Subject: "round"}
	return []struct {
		name string
		Event
	}{
		{"start", StartedEvent(noon, "homing 1.2.3", 3, "every 5m")},
		{"start of a one-shot", StartedOnceEvent("homing 1.2.3")},
		{"bad settings", MisconfiguredEvent(noon, "DOMAINS is empty")},
		{"no round at the start", WaitingEvent("at 13:00")},
		{"nothing changed", rounding(round(0))},
		{"changed", rounding(did(round(0), nil, move(t, "a.example.org"), move(t, "b.example.org")))},
		{"only for information", rounding(round(0, status.Condition{Code: status.SettingAdapted}))},
		{"a write failed", rounding(failedWrite)},
		{"a write failed and nothing says so", rounding(did(round(0), write, move(t, "b.example.org")))},
		{"a change was left out", rounding(left)},
		{"not known", rounding(blindly(0, noAddress()))},
		{"cut short", rounding(round(0, stopped))},
		{"cut short and failed", rounding(round(0, stopped, zoneDown()))},
		{"cut short and a write failed", rounding(did(round(0, stopped), write, move(t, "b.example.org")))},
		{"a plan", rounding(dry)},
		{"no round", rounding(status.Round{})},
		{"reload", ReloadedEvent(noon, 3, "every 5m")},
		{"cleaned", CleanedUpEvent(noon, []string{"deleted A a.example.org"}, false)},
		{"nothing to clean", CleanedUpEvent(noon, nil, false)},
		{"not cleaned", CleanedUpEvent(noon, []string{"A a.example.org: no"}, true)},
		{"stop", StoppedEvent(noon, false)},
		{"stop after a failure", StoppedEvent(noon, true)},
		{"end of a one-shot", ExitedEvent(1)},
		{"end of the schedule", ScheduleEndedEvent(noon)},
		{"nothing", Event{}},
	}
}

// rounding is the event of a round that there will be no other of.
func rounding(r status.Round) Event {
	var w watch
	w.decide(r, after(r), Rules{OneShot: true})
	return rounded(r, nil, w.State)
}

// hcPing is a server like Healthchecks' with one check, and what it got.
func hcPing(t *testing.T, path string) (base string, got func() []string) {
	var pings []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, path)
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.URL.RawQuery != "" || r.Header.Get("Content-Type") != "" {
			t.Errorf("asked with %s ?%s %v", r.Method, r.URL.RawQuery, r.Header)
		}
		if !ok {
			fmt.Fprint(w, "OK (not found)")
			return
		}
		pings = append(pings, strings.TrimRight(rest+" "+string(body), " "))
		fmt.Fprint(w, "OK\n")
	})
	return s.URL, func() []string { p := pings; pings = nil; return p }
}

func TestHealthchecksIsToldExactlyThis(t *testing.T) {
	want := map[string]string{
		"start":                              "/start homing 1.2.3",
		"start of a one-shot":                "/start homing 1.2.3",
		"bad settings":                       "/fail configuration errors",
		"no round at the start":              " started; the first round is due at 13:00",
		"nothing changed":                    "",
		"changed":                            " 198.51.100.1 → 203.0.113.7: A a.example.org, A b.example.org",
		"only for information":               "",
		"a write failed":                     "/fail A b.example.org: the quota is used up; delete one",
		"a write failed and nothing says so": "/fail A b.example.org: the quota is used up",
		"a change was left out":              "/fail 1 change left to make",
		"not known":                          "/fail IPv4: the line is down",
		"cut short":                          "none",
		"cut short and failed":               "/log example.org: the host does not answer",
		"cut short and a write failed":       "/fail A b.example.org: the quota is used up",
		"a plan":                             "none",
		"no round":                           "none",
		"reload":                             "none",
		"cleaned":                            "/log deleted A a.example.org",
		"nothing to clean":                   "none",
		"not cleaned":                        "/fail A a.example.org: no",
		"stop":                               "/0 stopped",
		"stop after a failure":               "/log stopped while something was not right",
		"end of a one-shot":                  "/1 ended with status 1",
		"end of the schedule":                "/fail homing has ended: its schedule has no more rounds, and nothing keeps the records true.",
		"nothing":                            "none",
	}
	for _, path := range []string{"/" + uuid, "/pingkey0123456789abcde/home-dns", "/ping/" + uuid} {
		base, got := hcPing(t, path)
		s := made(t)(NewHealthchecks(hidden(base+path), client(t)))
		for _, e := range every(t) {
			if err := sent(t, s, e.Event); err != nil {
				t.Errorf("%s: %v", e.name, err)
			}
			expected := []string{want[e.name]}
			if want[e.name] == "none" {
				expected = nil
			}
			if p := got(); !slices.Equal(p, expected) {
				t.Errorf("%s: pinged %q, want %q", e.name, p, expected)
			}
		}
	}
}

func TestACheckThatDoesNotExistIsAnError(t *testing.T) {
	base, _ := hcPing(t, "/"+uuid)
	s := made(t)(NewHealthchecks(hidden(base+"/0bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"), client(t)))
	err := sent(t, s, rounding(round(0)))
	if f, ok := errors.AsType[*Failure](err); !ok || f.Temporary || f.Hint == "" || !strings.Contains(err.Error(), "OK (not found)") {
		t.Errorf("%v", err)
	}
	silent(t, err.Error(), "0bf66975")
}

func TestOnlyOKIsSuccessForHealthchecks(t *testing.T) {
	for _, x := range []struct {
		status  int
		body    string
		passing bool
	}{{201, "OK", false}, {200, "", false}, {200, "ok", false}, {200, "<html>OK</html>", false}, {200, "canary", false}, {404, "not found", false}, {302, "OK", false},
		{429, "rate limited", true}, {503, "OK", true}, {200, strings.Repeat("OK", maxAnswer), true}} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(x.status); fmt.Fprint(w, x.body) })
		err := sent(t, made(t)(NewHealthchecks(hidden(s.URL+"/"+uuid), client(t))), rounding(round(0)))
		if f, ok := errors.AsType[*Failure](err); !ok || f.Temporary != x.passing {
			t.Errorf("%d %.20q: %v", x.status, x.body, err)
		} else {
			silent(t, err.Error()+f.Hint, uuid, "canary")
		}
	}
}

// kumaPush is a server like Uptime Kuma with one push monitor, and what it got.
func kumaPush(t *testing.T, token string) (base string, got func() []string) {
	var pushes []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("asked with %s", r.Method)
		}
		if r.URL.Path != "/api/push/"+token {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"ok":false,"msg":"Monitor not found or not active."}`)
			return
		}
		pushes = append(pushes, r.URL.RawQuery)
		fmt.Fprint(w, `{"ok":true}`)
	})
	return s.URL, func() []string { p := pushes; pushes = nil; return p }
}

func TestUptimeKumaIsToldExactlyThis(t *testing.T) {
	const up = "msg=OK&ping=&status=up"
	down := func(msg string) string { return "msg=" + url.QueryEscape(msg) + "&ping=&status=down" }
	want := map[string]string{
		"bad settings":                       down("configuration errors"),
		"no round at the start":              up,
		"nothing changed":                    up,
		"changed":                            up,
		"only for information":               up,
		"a write failed":                     down("A b.example.org: the quota is used up; delete one"),
		"a write failed and nothing says so": down("A b.example.org: the quota is used up"),
		"a change was left out":              down("1 change left to make"),
		"not known":                          down("IPv4: the line is down"),
		"cut short and a write failed":       down("A b.example.org: the quota is used up"),
		"not cleaned":                        down("A a.example.org: no"),
		"end of a one-shot":                  down("ended with status 1"),
		"end of the schedule":                down("homing has ended: its schedule has no more rounds, and nothing keeps the records true."),
	}
	base, got := kumaPush(t, "abc123")
	for _, query := range []string{"", "?status=up&msg=OK&ping="} {
		s, unused, err := NewUptimeKuma(hidden(base+"/api/push/abc123"+query), client(t))
		if err != nil || len(unused) != 0 {
			t.Fatal(unused, err)
		}
		for _, e := range every(t) {
			if err := sent(t, s, e.Event); err != nil {
				t.Errorf("%s: %v", e.name, err)
			}
			var expected []string
			if w := want[e.name]; w != "" {
				expected = []string{w}
			}
			if p := got(); !slices.Equal(p, expected) {
				t.Errorf("%s: pushed %q, want %q", e.name, p, expected)
			}
		}
		if err := sent(t, s, Event{Heartbeat: Heartbeat{Signal: SignalDown, Text: " \n"}}); err != nil || !slices.Equal(got(), []string{down("Failing")}) {
			t.Errorf("with nothing to say: %v", err)
		}
	}
	s, unused, err := NewUptimeKuma(hidden(base+"/api/push/abc123?status=down&msg=OK&token=hunter2&ping="), client(t))
	if diff := cmp.Diff([]string{"status", "token"}, unused); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if sent(t, s, rounding(round(0))); !slices.Equal(got(), []string{up}) {
		t.Error("what stands in the query is sent")
	}
}

func TestOnlyOKIsSuccessForUptimeKuma(t *testing.T) {
	for _, x := range []struct {
		status  int
		body    string
		passing bool
	}{{200, `{"ok":false,"msg":"Monitor not found or not active."}`, false}, {404, `{"ok":false}`, false}, {404, `{"ok":true}`, false},
		{200, "OK", false}, {200, "", false}, {200, `{}`, false}, {502, "<html>", true}, {301, "", false}} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(x.status); fmt.Fprint(w, x.body) })
		sink, _, err := NewUptimeKuma(hidden(s.URL+"/api/push/hunter2"), client(t))
		if err != nil {
			t.Fatal(err)
		}
		err = sent(t, sink, rounding(round(0)))
		if f, ok := errors.AsType[*Failure](err); !ok || f.Temporary != x.passing {
			t.Errorf("%d %q: %v", x.status, x.body, err)
		} else {
			silent(t, err.Error()+f.Hint, "hunter2")
		}
	}
}

func TestURLsOfHeartbeatsAreCheckedAtTheStart(t *testing.T) {
	for raw, ok := range map[string]bool{
		"https://hc-ping.com/" + uuid: true, "http://[::1]:8000/ping/" + uuid: true, "https://me:hunter2@hc.example/x": true,
		"": false, "hc-ping.com/" + uuid: false, "ftp://hc-ping.com/" + uuid: false, "https:///" + uuid: false,
		"https://hc-ping.com/" + uuid + "#x": false, "https://hc-ping.com/%zz": false, "https://hc-ping.com/\x7f": false,
	} {
		_, err := NewHealthchecks(hidden(raw), nil)
		_, _, kuma := NewUptimeKuma(hidden(raw), nil)
		_, hook := NewWebhook(hidden(raw), nil)
		for _, err := range []error{err, kuma, hook} {
			if (err == nil) != ok {
				t.Errorf("%q: %v", raw, err)
			} else if err != nil {
				silent(t, err.Error(), uuid, "hunter2")
			}
		}
	}
	for _, query := range []string{"?", "?create=1"} {
		if _, err := NewHealthchecks(hidden("https://hc-ping.com/"+uuid+query), nil); err == nil {
			t.Errorf("a check with %s is taken", query)
		}
	}
}

func TestEventsForPeopleAndForWatchersAreApart(t *testing.T) {
	want := map[string]Kind{"start": Started, "bad settings": Misconfigured, "reload": Reloaded, "cleaned": Cleaned, "not cleaned": Cleaned,
		"stop": Stopped, "stop after a failure": Stopped, "end of the schedule": ScheduleEnded}
	for _, e := range every(t) {
		var got Kind
		for _, m := range e.Messages {
			got = m.Kind
			if m.Title == "" || m.Body == "" || !m.At.Equal(noon) {
				t.Errorf("%s: %+v", e.name, m)
			}
		}
		if got != want[e.name] {
			t.Errorf("%s: told is %q, want %q", e.name, got, want[e.name])
		}
	}
}
