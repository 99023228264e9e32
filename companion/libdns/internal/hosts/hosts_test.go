package hosts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/companion/libdns/internal/bridge"
	"github.com/homing-dns/homing/companion/libdns/internal/hoststest"
)

// The libraries' own clients use it, so there is one for all tests, which run one
// after another.
var wire = &bridge.Wire{}

func TestMain(m *testing.M) {
	http.DefaultTransport = wire
	os.Exit(m.Run())
}

// open is a host before a world.
func open(t *testing.T, word string, w *hoststest.World) *bridge.Host {
	t.Helper()
	wire.Next = w
	h, bad := Open(word, []string{hoststest.Zone}, func(name string) string {
		if strings.HasPrefix(name, "CLOUDNS_SUB_") {
			return ""
		}
		return hoststest.SecretOf(name)
	}, wire, 10*time.Second)
	if bad != nil {
		t.Fatal(bad)
	}
	h.Pause = 0
	return h
}

type record struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content string `json:"content"`
	TTL     int    `json:"ttl,omitempty"`
}

type reply struct {
	Error   *bridge.Failure
	Zones   []struct{ Name string }
	Records []record
	text    string
}

// ask is one request of homing.
func ask(t *testing.T, h *bridge.Host, fields string) reply {
	t.Helper()
	var out bytes.Buffer
	if err := h.Serve(strings.NewReader(`{"version":1,"id":7,`+fields+"}\n"), &out); err != nil {
		t.Fatal(err)
	}
	var r reply
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	r.text = out.String()
	return r
}

const inZone = `"zone":{"id":"example.org","name":"example.org"}`

func read(t *testing.T, h *bridge.Host, name string) reply {
	t.Helper()
	return ask(t, h, fmt.Sprintf(`"do":"records",%s,"names":[%q],"texts":[%q]`, inZone, name, name))
}

// write has a set stand as contents, as homing does: it reads it first.
func write(t *testing.T, h *bridge.Host, name, kind string, ttl int, contents ...string) reply {
	t.Helper()
	was := read(t, h, name)
	if was.Error != nil {
		t.Fatal(was.Error)
	}
	return writeAfter(t, h, was, name, kind, ttl, contents...)
}

func writeAfter(t *testing.T, h *bridge.Host, was reply, name, kind string, ttl int, contents ...string) reply {
	t.Helper()
	var here []record
	for _, r := range was.Records {
		if r.Name == name && r.Type == kind {
			here = append(here, r)
		}
	}
	wanted := []record{}
	for _, c := range contents {
		wanted = append(wanted, record{name, kind, c, ttl})
	}
	before, err1 := json.Marshal(here)
	after, err2 := json.Marshal(wanted)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return ask(t, h, fmt.Sprintf(`"do":"apply",%s,"set":{"name":%q,"type":%q,"read":%s,"wanted":%s}`, inZone, name, kind, before, after))
}

// each runs a test for every host, with a TTL that it takes and another.
func each(t *testing.T, test func(t *testing.T, r Row, w *hoststest.World, h *bridge.Host, ttl, other int)) {
	for _, r := range Table() {
		t.Run(r.Word, func(t *testing.T) {
			w := hoststest.New()
			ttl, other := max(300, r.MinTTL), 4*3600*6
			if r.MaxTTL == 1 {
				ttl, other = 0, 0
			}
			test(t, r, w, open(t, r.Word, w), ttl, other)
		})
	}
}

// Every library writes what it was told and nothing else, at the zone itself, below it
// and at a name with a star.
func TestASetIsMadeChangedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, r Row, w *hoststest.World, h *bridge.Host, ttl, other int) {
		for host, name := range map[string]string{"nas": "nas.example.org", "": "example.org", "*.home": "*.home.example.org"} {
			w.Put(hoststest.Record{Host: host, Kind: "AAAA", Data: "2001:db8::1", TTL: ttl})
			w.Put(hoststest.Record{Host: host + "x", Kind: "A", Data: "192.0.2.77", TTL: ttl})
			others := len(w.Records)
			stands := func(want ...string) {
				t.Helper()
				if got := w.Stored(host, "A"); !slices.Equal(got, want) {
					t.Fatalf("%s: %q stands there, and should %q", name, got, want)
				}
			}
			step := func(ttl int, contents ...string) {
				t.Helper()
				if r := write(t, h, name, "A", ttl, contents...); r.Error != nil {
					t.Fatalf("%s: %+v", name, r.Error)
				}
				var want []string
				for _, c := range contents {
					want = append(want, fmt.Sprintf("%s %d", c, ttl))
				}
				stands(want...)
			}
			step(ttl, "192.0.2.1")
			step(ttl, "192.0.2.2")
			step(other, "192.0.2.2")
			if r.Values != 1 {
				step(ttl, "192.0.2.2", "192.0.2.3")
				step(ttl, "192.0.2.2", "192.0.2.3", "192.0.2.4")
				step(ttl, "192.0.2.3", "192.0.2.5")
				step(ttl, "192.0.2.3")
			} else if got := write(t, h, name, "A", ttl, "192.0.2.2", "192.0.2.3"); got.Error == nil || got.Error.Kind != "rejected" {
				t.Errorf("two values: %+v", got.Error)
			}
			w.Put(hoststest.Record{Host: host, Kind: "A", Data: "192.0.2.9", TTL: ttl}) // somebody else's, or a duplicate
			step(ttl, "192.0.2.6")
			step(ttl)
			if r.TXT {
				if got := write(t, h, name, "TXT", ttl, `"homing \"test\" 1"`); got.Error != nil {
					t.Errorf("%+v", got.Error)
				}
				if got := w.Stored(host, "TXT"); len(got) != 1 || !strings.HasPrefix(got[0], `homing "test" 1 `) {
					t.Errorf("%q", got)
				}
				if got := write(t, h, name, "TXT", ttl); got.Error != nil {
					t.Errorf("%+v", got.Error)
				}
			}
			if len(w.Records) != others {
				t.Errorf("of others stands %v", w.Records)
			}
		}
	})
}

// What a host refuses, or does not answer, is never a zone without records.
func TestAFailedReadIsNoEmptyZone(t *testing.T) {
	page := func(status int, body string) func(*hoststest.World, *http.Request) (*http.Response, error) {
		return func(*hoststest.World, *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {"40"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
		}
	}
	for name, c := range map[string]struct {
		fault func(*hoststest.World, *http.Request) (*http.Response, error)
		kind  string
		retry int64
	}{
		"nothing":     {page(200, ``), "", 0},
		"{}":          {page(200, `{}`), "", 0},
		"[]":          {page(200, `[]`), "", 0},
		"null":        {page(200, `null`), "", 0},
		"other words": {page(200, `{"hello":{"world":"1"},"status":"success"}`), "", 0},
		"a page":      {page(200, `<html>Welcome to the hotel</html>`), "", 0},
		"empty data":  {page(200, `{"action":"infoDnsRecords","status":"success","responsedata":{},"records":[]}`), "", 0},
		"401":         {page(401, `{}`), "auth", 0},
		"403":         {page(403, `[]`), "auth", 0},
		"422":         {page(422, `[]`), "", 0},
		"429":         {page(429, `{}`), "throttled", 40},
		"503":         {page(503, `{}`), "unavailable", 0},
		"elsewhere":   {page(302, ``), "", 0},
		"no answer": {func(*hoststest.World, *http.Request) (*http.Response, error) {
			return nil, errors.New("no route to host")
		}, "unavailable", 0},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, r Row, w *hoststest.World, h *bridge.Host, _, _ int) {
				w.Put(hoststest.Record{Host: "nas", Kind: "A", Data: "192.0.2.1", TTL: 3600})
				w.Fault = c.fault
				got := read(t, h, "nas.example.org")
				if got.Error == nil || got.Records != nil || got.Error.RetryAfter != c.retry || c.kind != "" && got.Error.Kind != c.kind {
					t.Errorf("%+v, %v", got.Error, got.Records)
				}
				if strings.Contains(got.text, "canary") {
					t.Errorf("it tells %s", got.text)
				}
			})
		})
	}
}

// A write whose answer is lost counts by what stands there afterwards.
func TestALostAnswer(t *testing.T) {
	each(t, func(t *testing.T, r Row, w *hoststest.World, h *bridge.Host, ttl, _ int) {
		w.Put(hoststest.Record{Host: "nas", Kind: "A", Data: "192.0.2.1", TTL: ttl})
		w.Lose = true
		got := write(t, h, "nas.example.org", "A", ttl, "192.0.2.2")
		if stands := w.Stored("nas", "A"); got.Error == nil && !slices.Equal(stands, []string{fmt.Sprint("192.0.2.2 ", ttl)}) ||
			got.Error != nil && got.Error.Kind != "unconfirmed" {
			t.Errorf("%+v, and %q stands there", got.Error, stands)
		}
		w.Lose = false
		if got := write(t, h, "nas.example.org", "A", ttl, "192.0.2.2"); got.Error != nil || len(w.Stored("nas", "A")) != 1 {
			t.Errorf("%+v, %q", got.Error, w.Stored("nas", "A"))
		}
	})
}

// A write that the host refuses changes nothing, says why, and tells no secret.
func TestARefusedWrite(t *testing.T) {
	for status, kind := range map[int]string{401: "auth", 403: "auth", 400: "rejected", 429: "throttled", 500: "unavailable"} {
		each(t, func(t *testing.T, r Row, w *hoststest.World, h *bridge.Host, ttl, _ int) {
			w.Put(hoststest.Record{Host: "nas", Kind: "A", Data: "192.0.2.1", TTL: ttl})
			was, n := read(t, h, "nas.example.org"), w.Calls
			quiet := w.Calls - n
			w.Fault = func(_ *hoststest.World, req *http.Request) (*http.Response, error) {
				if isWrite(req) {
					return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(`{"message":"` + hoststest.SecretOf(r.Variables[len(r.Variables)-1].Name) + `"}`))}, nil
				}
				return nil, nil
			}
			got := writeAfter(t, h, was, "nas.example.org", "A", ttl, "192.0.2.2")
			if got.Error == nil || got.Error.Kind != kind {
				t.Errorf("%d: %+v", status, got.Error)
			}
			if strings.Contains(got.text, "canary") {
				t.Errorf("it tells %s", got.text)
			}
			if stands := w.Stored("nas", "A"); len(stands) != 1 || !strings.HasPrefix(stands[0], "192.0.2.1 ") || quiet != 0 {
				t.Errorf("%q", stands)
			}
		})
	}
}

// isWrite tells the requests apart that change something.
func isWrite(r *http.Request) bool {
	switch r.URL.Hostname() {
	case "api.cloudns.net":
		return !strings.HasSuffix(r.URL.Path, "records.json") && !strings.HasSuffix(r.URL.Path, "list-zones.json")
	case "www.namesilo.com":
		return !strings.HasSuffix(r.URL.Path, "dnsListRecords")
	case "ccp.netcup.net":
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return err == nil && bytes.Contains(body, []byte("updateDnsRecords"))
	}
	return r.Method != "GET"
}

// Wrong credentials fail, and the failure does not tell them.
func TestWrongCredentials(t *testing.T) {
	for _, r := range Table() {
		t.Run(r.Word, func(t *testing.T) {
			wire.Next = hoststest.New()
			h, bad := Open(r.Word, []string{hoststest.Zone}, func(name string) string {
				switch {
				case name == "OVH_ENDPOINT":
					return "ovh-eu"
				case strings.HasPrefix(name, "CLOUDNS_SUB_"):
					return ""
				}
				return "canary+/wrong " + name
			}, wire, 10*time.Second)
			if bad != nil {
				t.Fatal(bad)
			}
			got := read(t, h, "nas.example.org")
			if got.Error == nil || strings.Contains(got.text, "canary") {
				t.Errorf("%s", got.text)
			}
		})
	}
}

// A host that does not answer is given up in time, also by a library that forgets to
// say for how long it waits.
func TestAHostThatHangs(t *testing.T) {
	each(t, func(t *testing.T, r Row, w *hoststest.World, _ *bridge.Host, _, _ int) {
		synctest.Test(t, func(t *testing.T) {
			h := open(t, r.Word, w)
			w.Fault = func(_ *hoststest.World, req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, req.Context().Err()
			}
			began := time.Now()
			got := read(t, h, "nas.example.org")
			if got.Error == nil || got.Error.Kind != "unavailable" || !strings.Contains(got.Error.Reason, "did not answer within 10s") {
				t.Errorf("%+v", got.Error)
			}
			if took := time.Since(began); took > 11*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	})
}

// A set that is no longer as homing read it is left alone, and a zone that is none of
// the account's is an error.
func TestWhatIsStaleOrElsewhere(t *testing.T) {
	each(t, func(t *testing.T, r Row, w *hoststest.World, h *bridge.Host, ttl, _ int) {
		was := read(t, h, "nas.example.org")
		w.Put(hoststest.Record{Host: "nas", Kind: "A", Data: "192.0.2.9", TTL: ttl})
		n := w.Writes
		if got := writeAfter(t, h, was, "nas.example.org", "A", ttl, "192.0.2.2"); got.Error == nil || got.Error.Kind != "stale" || w.Writes != n {
			t.Errorf("%+v", got.Error)
		}
		got := ask(t, h, `"do":"records","zone":{"name":"example.com"},"names":["example.com"]`)
		if got.Error == nil || got.Error.Kind != "no zone" {
			t.Errorf("%+v", got.Error)
		}
	})
}

func TestTheLibrariesThatListZones(t *testing.T) {
	for _, word := range []string{"cloudns", "ionos"} {
		h := open(t, word, hoststest.New())
		h.Zones = nil
		if got := ask(t, h, `"do":"zones","names":["nas.example.org"]`); got.Error != nil || len(got.Zones) != 1 || got.Zones[0].Name != hoststest.Zone {
			t.Errorf("%s: %+v", word, got)
		}
		wire.Next.(*hoststest.World).Fault = func(*hoststest.World, *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("[]"))}, nil
		}
		h.Zones = nil
		if got := ask(t, h, `"do":"zones","names":["nas.example.org"]`); got.Error == nil {
			t.Errorf("%s: no zone at all is believed", word)
		}
	}
}

// ClouDNS has few TTLs: another one is refused before anything is written.
func TestATTLThatThereIsNot(t *testing.T) {
	w := hoststest.New()
	h, n := open(t, "cloudns", w), w.Writes
	got := write(t, h, "nas.example.org", "A", 600, "192.0.2.1")
	if got.Error == nil || got.Error.Kind != "rejected" || !strings.Contains(got.Error.Reason, "60 300 900") || w.Writes != n {
		t.Errorf("%+v", got.Error)
	}
}

func TestHowItIsStartedWrongly(t *testing.T) {
	for _, c := range []struct{ word, zones, set, want string }{
		{"nowhere", hoststest.Zone, "", `"nowhere" is no DNS host of this program`},
		{"godaddy", hoststest.Zone, "", "GODADDY_API_TOKEN is not set"},
		{"cloudns", "", "CLOUDNS_AUTH_PASSWORD", "CLOUDNS_AUTH_ID is not set"},
		{"godaddy", "", "GODADDY_API_TOKEN", "cannot list zones"},
	} {
		_, bad := Open(c.word, strings.Fields(c.zones), func(name string) string {
			if name == c.set {
				return "value"
			}
			return ""
		}, &bridge.Wire{}, time.Second)
		if bad == nil || !strings.Contains(bad.Reason, c.want) || bad.Hint == "" {
			t.Errorf("%s: %+v", c.word, bad)
		}
	}
}
