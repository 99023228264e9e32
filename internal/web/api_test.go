package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// situations are states of a house in which every answer has to be as described.
func situations(t *testing.T) map[string]*place {
	fresh := newPlace(t, 9)
	empty := newPlace(t, 0)
	good := newPlace(t, 9)
	good.round()
	bad := newPlace(t, 9, func(c *web.Config) {
		house := newPlace(t, 9).house
		c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) { return house.Past(time.Now()), nil }
	})
	bad.round()
	bad.house.Move("84.17.1.1")
	bad.house.Lie("203.0.113.5")
	bad.house.Refuse("vpn.example.com", true)
	bad.house.Lose(addr.IPv6)
	bad.round()
	public := newPlace(t, 2, public)
	none := newPlace(t, 2, func(c *web.Config) { c.Token = secret.String{} })
	broken := newPlace(t, 2, func(c *web.Config) {
		c.PlanNow = func(context.Context) (status.Round, error) { return status.Round{}, errors.New("the loop has ended") }
		c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) {
			return nil, errors.New("the disk is gone")
		}
	})
	return map[string]*place{"fresh": fresh, "empty": empty, "good": good, "bad": bad, "public": public, "none": none, "broken": broken}
}

func TestEveryAnswerIsAsTheSchemaSays(t *testing.T) {
	o := published(t, newPlace(t, 1))
	requests := []struct{ method, path, body string }{
		{"GET", "/api/v1/status", ""}, {"GET", "/api/v1/history", ""}, {"GET", "/api/v1/history?since=2160h", ""},
		{"GET", "/api/v1/history?since=2026-11-21T10:00:00Z", ""}, {"GET", "/api/v1/history?since=yesterday", ""},
		{"GET", "/api/v1/plan", ""}, {"GET", "/api/v1/openapi.json", ""},
		{"GET", "/widget", ""}, {"GET", "/widget?hosts=array", ""}, {"GET", "/health", ""}, {"GET", "/healthz", ""}, {"GET", "/readyz", ""},
		{"POST", "/api/v1/sync", ""}, {"POST", "/api/v1/sync", `{"wait":false}`}, {"POST", "/api/v1/sync?wait=perhaps", ""},
		{"POST", "/api/v1/sync", `{"wait":`}, {"POST", "/api/v1/sync", `{"wait":"yes"}`}, {"POST", "/api/v1/sync", `{"x":"` + strings.Repeat("x", 5000) + `"}`},
	}
	as := map[string]edit{"nobody": func(*http.Request) {}, "the token": bearer, "a wrong token": header("Authorization", "wrong"),
		"another name": to("attacker.example"), "another site": header("Origin", "https://attacker.example")}
	seen, asked := map[string]bool{}, 0
	for what, p := range situations(t) {
		for _, q := range requests {
			for who, e := range as {
				asked++ // each time as another client, for wrong tokens are slowed
				w := p.ask(q.method, q.path, q.body, e, from(fmt.Sprintf("10.0.%d.%d:1", asked/250, asked%250)))
				path, _, _ := strings.Cut(q.path, "?")
				schema, ok := o.response(path, q.method, strconv.Itoa(w.Code))
				if !ok || schema == nil {
					t.Errorf("%s, %s: %s %s answers %d, which is not described", what, who, q.method, q.path, w.Code)
					continue
				}
				if schema["type"] == "object" && schema["properties"] == nil {
					continue // the description itself
				}
				seen[q.method+" "+path+" "+strconv.Itoa(w.Code)] = true
				for _, f := range o.check(schema, decode[any](t, w), what+", "+who+": "+q.path) {
					t.Error(f)
				}
			}
		}
	}
	for _, must := range []string{"GET /api/v1/status 200", "GET /api/v1/history 400", "GET /api/v1/history 500", "GET /api/v1/plan 503",
		"POST /api/v1/sync 202", "POST /api/v1/sync 413", "POST /api/v1/sync 503", "GET /health 503", "GET /widget 421"} {
		if !seen[must] {
			t.Errorf("%s was not tried", must)
		}
	}
}

func TestEveryPathOfTheAPIIsDescribed(t *testing.T) {
	p := newPlace(t, 1)
	o := published(t, p)
	if o.doc["openapi"] != "3.1.0" {
		t.Errorf("it is of OpenAPI %v", o.doc["openapi"])
	}
	described := o.at("paths")
	for _, path := range []string{"/api/v1/status", "/api/v1/history", "/api/v1/plan", "/api/v1/events", "/api/v1/sync", "/api/v1/openapi.json", "/api/v1/config",
		"/widget", "/health", "/healthz", "/readyz", "/metrics"} {
		if described[path] == nil {
			t.Errorf("%s is not described", path)
		}
		delete(described, path)
	}
	if len(described) > 0 {
		t.Errorf("%v is described and not there", described)
	}
}

func TestStatusSaysWhatIsSo(t *testing.T) {
	p := newPlace(t, 9)
	p.round()
	p.house.Refuse("vpn.example.com", true)
	p.house.Move("84.17.1.1")
	p.house.Lie("203.0.113.5")
	p.round()
	got := decode[struct {
		Level, Sentence string
		Records         struct{ Right, Wrong int }
		Families        []struct {
			Addresses []string
			Votes     []struct{ Agrees bool }
		}
		RRsets []struct {
			Name, Type, State string
			Records           []struct{ Content string }
		}
		Conditions []struct{ Code, Hint string }
		Rounds     []struct{ Round, Failed int }
	}](t, p.get("/api/v1/status", bearer))
	if got.Level != "bad" || got.Records.Right != 17 || got.Records.Wrong != 1 || len(got.RRsets) != 18 || len(got.Rounds) != 2 ||
		got.Rounds[0].Round != 2 || got.Rounds[0].Failed != 1 || got.Conditions[0].Code != "change-failed" || got.Conditions[0].Hint == "" {
		t.Errorf("%+v", got)
	}
	if f := got.Families[0]; f.Addresses[0] != "84.17.1.1" || !f.Votes[0].Agrees || f.Votes[2].Agrees {
		t.Errorf("%+v", f)
	}
}

func TestHistoryIsWhatHappenedSinceThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 3)
		past := p.house.Past(time.Now())
		p = newPlace(t, 3, func(c *web.Config) {
			c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) { return past, nil }
		})
		count := func(since string) int {
			got := decode[struct{ Events []struct{ At time.Time } }](t, p.get("/api/v1/history?since="+since, bearer))
			for _, e := range got.Events {
				if d, err := time.ParseDuration(since); err == nil && time.Since(e.At) > d {
					t.Errorf("since %s there is %v", since, e.At)
				}
			}
			return len(got.Events)
		}
		day, week, all := count("24h"), count("168h"), count("8760h")
		if !(0 < day && day < week && week < all && all == len(past)) {
			t.Errorf("%d, %d, %d of %d", day, week, all, len(past))
		}
		if n := count(time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)); n != day {
			t.Errorf("since a time %d, since a day %d", n, day)
		}
	})
}

func TestSyncWaitsForTheRoundItAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p *place
		p = newPlace(t, 2, func(c *web.Config) {
			c.Trigger = func() {
				go func() {
					time.Sleep(time.Second) // another round is running, and began before
					p.house.Now = time.Now().Add(-2 * time.Second)
					p.next()
					time.Sleep(3 * time.Second)
					p.round()
				}()
			}
		})
		for _, q := range []struct{ path, body string }{{"/api/v1/sync?wait=true", ""}, {"/api/v1/sync", `{"wait":true}`}} {
			at := time.Now()
			w := p.ask("POST", q.path, q.body, bearer)
			got := decode[struct {
				Round   int
				Outcome string
			}](t, w)
			if w.Code != 200 || got.Round%2 != 0 || time.Since(at) != 4*time.Second {
				t.Errorf("%d, round %d after %v", w.Code, got.Round, time.Since(at))
			}
		}
		at := time.Now()
		if w := p.ask("POST", "/sync", "", bearer); w.Code != http.StatusSeeOther || time.Since(at) != 4*time.Second {
			t.Errorf("the form: %d after %v", w.Code, time.Since(at))
		}
	})
}

func TestSyncDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1)
		if w := p.ask("POST", "/api/v1/sync?wait=true", "", bearer); w.Code != 503 {
			t.Errorf("%d", w.Code)
		}
		if w := p.ask("POST", "/sync", "", bearer); w.Code != http.StatusSeeOther {
			t.Errorf("the form: %d", w.Code)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p.ask("POST", "/api/v1/sync?wait=true", "", bearer, during(ctx))
		stopped, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		if w := p.ask("POST", "/api/v1/sync?wait=true", "", bearer, during(stopped)); w.Code != 503 || !strings.Contains(w.Body.String(), "homing stops") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func TestTheHeadOfTheStreamIsNoStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := p.ask("HEAD", "/api/v1/events", "", bearer, during(ctx))
		if w.Code != 200 || w.Header().Get("Content-Type") != "text/event-stream" || ctx.Err() != nil {
			t.Errorf("%d %v %v", w.Code, w.Header(), ctx.Err())
		}
	})
}

func TestAPlanChangesNothing(t *testing.T) {
	p := newPlace(t, 3)
	before, _ := json.Marshal(p.house.Held())
	got := decode[struct {
		Dry   bool
		Zones []struct{ Plan struct{ Changes []any } }
	}](t, p.get("/api/v1/plan", bearer))
	if after, _ := json.Marshal(p.house.Held()); !got.Dry || len(got.Zones) != 3 || len(got.Zones[0].Plan.Changes) == 0 || string(before) != string(after) {
		t.Errorf("%+v", got)
	}
}

func TestLongAnswersAreCompressedForWhoTakesIt(t *testing.T) {
	p := newPlace(t, 60)
	p.round()
	for accept, want := range map[string]string{"gzip": "gzip", "br, gzip;q=0.5": "gzip", "": "", "gzip;q=0": "", "gzipped": ""} {
		w := p.get("/api/v1/status", bearer, header("Accept-Encoding", accept))
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: %q", accept, got)
		}
	}
	var w *httptest.ResponseRecorder
	if w = p.get("/healthz", header("Accept-Encoding", "gzip")); w.Header().Get("Content-Encoding") != "" {
		t.Error("a short one is compressed")
	}
}
