package web_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// The bodies are those of reference/predecessors.md, A5.
func TestTheWidgetAnswersByteForByteAsDynCFDNSDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the clock stands at 2000-01-01 00:00:00 UTC
		p := newPlace(t, 2)
		say := func(path, want string) {
			t.Helper()
			w := p.get(path, bearer)
			if w.Code != 200 || w.Body.String() != want || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%s: %d %s\nwant %s", path, w.Code, w.Body, want)
			}
		}
		say("/widget", `{"last_check":"Never","last_update":"Never","host_count":2,"hosts":"home.example.org\nnas.example.net","current_ip":"Unknown","status":"unhealthy"}`)
		p.house.Lose(addr.IPv4)
		p.round()
		say("/widget", `{"last_check":"2000-01-01T00:00:00.600000+00:00","last_update":"2000-01-01T00:00:00.600000+00:00","host_count":2,"hosts":"home.example.org\nnas.example.net","current_ip":"2a02:8070:a1::7","status":"active"}`)
		time.Sleep(300 * time.Second)
		p.house.Move("84.17.46.2")
		p.round()
		say("/widget?hosts=array", `{"last_check":"2000-01-01T00:05:00.600000+00:00","last_update":"2000-01-01T00:05:00.600000+00:00","host_count":2,"hosts":["home.example.org","nas.example.net"],"current_ip":"84.17.46.2","status":"active"}`)
		time.Sleep(interval + 15*time.Second + 601*time.Millisecond)
		say("/widget", `{"last_check":"2000-01-01T00:05:00.600000+00:00","last_update":"2000-01-01T00:05:00.600000+00:00","host_count":2,"hosts":"home.example.org\nnas.example.net","current_ip":"84.17.46.2","status":"unhealthy"}`)
		p.house.Now = time.Now().Truncate(time.Second)
		r := p.house.Round()
		r.Took = 0
		p.board.Done(r, p.house.Held())
		say("/widget", `{"last_check":"2000-01-01T00:10:45+00:00","last_update":"2000-01-01T00:05:00.600000+00:00","host_count":2,"hosts":"home.example.org\nnas.example.net","current_ip":"84.17.46.2","status":"active"}`)
	})
}

func TestTheWidgetOfAHouseWithoutNames(t *testing.T) {
	p := newPlace(t, 0)
	for path, want := range map[string]string{"/widget": `"host_count":0,"hosts":"None"`, "/widget?hosts=array": `"host_count":0,"hosts":[]`} {
		if w := p.get(path, bearer); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
}

func TestTheWidgetKnowsTheLastUpdateFromTheHistory(t *testing.T) {
	p := newPlace(t, 2)
	at := time.Date(2026, 11, 20, 23, 49, 54, 9016000, time.FixedZone("", 3600))
	p.board.Prime([]status.Event{{At: at, Kind: status.RecordChanged}})
	if w := p.get("/widget", bearer); !strings.Contains(w.Body.String(), `"last_update":"2026-11-20T22:49:54.009016+00:00"`) {
		t.Error(w.Body)
	}
}

func TestWhoMaySeeTheWidget(t *testing.T) {
	none := func(c *web.Config) { c.Token = secret.String{} }
	public := func(c *web.Config) { c.PublicRead = true }
	tests := []struct {
		what   string
		change func(*web.Config)
		header string
		code   int
		body   string
	}{
		{"no header", nil, "", 401, `{"detail":"Authorization header required"}`},
		{"a wrong token", nil, "Bearer wrong", 403, `{"detail":"Unauthorized"}`},
		{"the token", nil, "Bearer " + token, 200, ""},
		{"the bare token", nil, token, 200, ""},
		{"blanks around", nil, "Bearer  " + token + " ", 200, ""},
		{"bearer in lower case", nil, "bearer " + token, 403, `{"detail":"Unauthorized"}`},
		{"the scheme alone", nil, "Bearer ", 403, `{"detail":"Unauthorized"}`},
		{"no token is set", none, "Bearer x", 503, `{"detail":"No API token configured"}`},
		{"no token is set, and an empty one shown", none, "Bearer ", 503, `{"detail":"No API token configured"}`},
		{"no token is set, no header", none, "", 401, `{"detail":"Authorization header required"}`},
		{"public", public, "", 200, ""},
		{"public, a wrong token", public, "Bearer wrong", 403, `{"detail":"Unauthorized"}`},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			p := newPlace(t, 1, func(c *web.Config) {
				if tt.change != nil {
					tt.change(c)
				}
			})
			w := p.get("/widget", func(r *http.Request) {
				if tt.header != "" {
					r.Header.Set("Authorization", tt.header)
				}
			})
			if w.Code != tt.code || tt.body != "" && w.Body.String() != tt.body {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestWhatIsNotThereIsSaidInItsWords(t *testing.T) {
	p := newPlace(t, 1)
	if w := p.get("/status"); w.Code != 404 || w.Body.String() != `{"detail":"Not Found"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := p.ask("DELETE", "/widget", ""); w.Code != 405 || w.Body.String() != `{"detail":"Method Not Allowed"}` || w.Header().Get("Allow") != "GET" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
}
