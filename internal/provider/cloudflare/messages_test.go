package cloudflare

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/scaletest"
	"github.com/homing-dns/homing/internal/sim"
)

// chained returns an answer with one error that has n others below it.
func chained(n int) string {
	return `{"success":false,"errors":[` + strings.Repeat(`{"code":1,"message":"x","error_chain":[`, n) + `{"code":81045}` + strings.Repeat(`]}`, n) + `]}`
}

func TestErrorsAreReadSoFarAndNoFarther(t *testing.T) {
	for in, want := range map[string]int{
		chained(3):    4,
		chained(3000): maxChainDepth,
		`{"success":false,"errors":[` + strings.Repeat(`{"code":1},`, 5000) + `{"code":2}]}`:                   maxMessages,
		`{"success":false,"errors":[{"error_chain":[` + strings.Repeat(`{"code":1},`, 5000) + `{"code":2}]}]}`: maxMessages,
		`{"success":false,"errors":[{"code":{"a":1},"message":7,"error_chain":"no","source":[1]},5,null,"x"]}`: 2,
	} {
		e, err := readEnvelope(strings.NewReader(in), skipValue)
		if err != nil || len(e.Messages) != want {
			t.Errorf("%.60s…: %d messages, want %d; %v", in, len(e.Messages), want, err)
		}
	}
}

// often returns f so many times that it can be measured.
func often(f func()) func() {
	return func() {
		for range 20 {
			f()
		}
	}
}

func TestReadingAnAnswerTakesAsLongAsItIs(t *testing.T) {
	judged := func(in string) func() {
		return func() {
			e, err := readEnvelope(strings.NewReader(in), skipValue)
			if err != nil {
				t.Error(err)
			}
			f := refused(400, e.Messages...)
			f.classify(call{method: http.MethodPost})
			_ = f.Error()
		}
	}
	for what, in := range map[string]func(n int) string{ // JSON nests 10,000 deep at most, and a link of a chain is two
		"a deep chain":  chained,
		"many errors":   func(n int) string { return `{"success":false,"errors":[` + strings.Repeat(`{"code":1},`, n) + `{}]}` },
		"a wide chain":  func(n int) string { return `{"errors":[{"error_chain":[` + strings.Repeat(`{"code":1},`, n) + `{}]}]}` },
		"a long result": func(n int) string { return `{"result":[` + strings.Repeat(`{"a":[1]},`, n) + `{}],"success":true}` },
		"a long message": func(n int) string {
			return `{"success":false,"errors":[{"code":1,"message":"` + strings.Repeat("word ", n) + `"}]}`
		},
		"many members": func(n int) string { return `{` + strings.Repeat(`"errors":[{"code":1}],`, n) + `"success":false}` },
	} {
		scaletest.Linear(t, what, 250, func(n int) func() { return often(judged(in(n))) })
	}
}

func TestReadingRecordsTakesAsLongAsTheyAre(t *testing.T) {
	row := func(name, more string) string {
		return `{"id":"1","name":"` + name + `","type":"A","content":"192.0.2.1"` + more + `},`
	}
	for what, one := range map[string]func(n int) string{
		"many rows":   func(n int) string { return strings.Repeat(row("other.example.org", ""), n) },
		"wanted rows": func(n int) string { return strings.Repeat(row("a.example.org", `,"tags":["a:b"],"meta":{"x":1}`), n) },
		"one row, deep": func(n int) string {
			return row("a.example.org", `,"meta":`+strings.Repeat("[", min(n, 9000))+strings.Repeat("]", min(n, 9000)))
		},
		"one row of fields": func(n int) string { return row("a.example.org", strings.Repeat(`,"x":"y"`, n)) },
		"one row of tags":   func(n int) string { return row("a.example.org", `,"tags":["a"`+strings.Repeat(`,"a"`, n)+`]`) },
	} {
		scaletest.Linear(t, what, 500, func(n int) func() {
			in := `{"result":[` + one(n) + row("z.example.org", "")
			in = strings.TrimSuffix(in, ",") + `],"success":true}`
			return often(func() {
				var p recordPage
				if _, err := readEnvelope(strings.NewReader(in), func(d *json.Decoder) error {
					return p.decode(d, wantedRecords{wanted: newNameIndex(allNames("a.example.org"))})
				}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestARefusalWithHTTP200IsARefusal(t *testing.T) {
	for _, body := range []string{
		`{"success":false,"errors":[{"code":81045,"message":"quota"}],"messages":[],"result":null}`,
		`{"result":null,"success":false,"errors":[{"code":81045,"message":"quota"}]}`,
		`{"result":{"posts":[{"id":7}]},"success":false,"errors":[{"code":81045,"message":"quota"}]}`,
		`{"result":"none","errors":[{"code":81045,"message":"quota"}],"success":false}`,
	} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			cf.AddZone(sim.Zone{Name: "example.org"}, sim.Address("old.example.org", "192.0.2.9"))
			z := zoneOf(t, p, "example.org")
			old := stored(t, p, z, "old.example.org")[0]
			cf.Fail(func(c sim.Call) bool { return strings.Contains(string(c.Body), "new.example.org") },
				sim.Answer(200, http.Header{"Content-Type": {"application/json"}}, body))
			results := apply(t.Context(), p, z, append(changesAt("new.example.org"), update(old, "192.0.2.1")))
			same(t, fmt.Sprintf("results of %s", body), kinds(t, results), []string{"rejected", "done"})
			if err := results[0].Err; !strings.Contains(err.Error(), "no room for more records") || !strings.Contains(err.Error(), "81045") {
				t.Error(err)
			}
		})
	}
	bubble(t, func(t *testing.T) { // a list
		p := connect(t, answer(200, `{"result":null,"success":false,"errors":[{"code":10001,"message":"Unable to authenticate request"}]}`))
		if _, _, err := p.Zones(t.Context(), allNames("a.example.org")); kindOf(t, err) != provider.Auth {
			t.Error(err)
		}
	})
}

func TestALockedOutCredentialWaitsForAllCalls(t *testing.T) {
	for _, body := range []string{
		`{"success":false,"errors":[{"code":10502,"message":"x"}]}`,
		`{"success":false,"errors":[{"code":9109,"message":"Max auth failures reached, please check your Authentication header."}]}`,
	} {
		bubble(t, func(t *testing.T) {
			p := connect(t, answer(403, body))
			_, _, err := p.Zones(t.Context(), allNames("a.example.org"))
			if e := failureFrom(errAs(t, err)); kindOf(t, err) != provider.Throttled || !strings.Contains(errAs(t, err).Hint.String(), "old token") || e.Pause != rateBlockTime {
				t.Errorf("%v", err)
			}
			if n := p.Calls(); p.Headroom() != 0 || n != 1 {
				t.Errorf("%d more may go out after %d calls", p.Headroom(), n)
			}
			time.Sleep(rateBlockTime)
			if p.Headroom() == 0 {
				t.Error("it waits for ever")
			}
		})
	}
}

func errAs(t *testing.T, err error) *provider.Error {
	t.Helper()
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		t.Fatalf("the error is a %T: %v", err, err)
	}
	return e
}
