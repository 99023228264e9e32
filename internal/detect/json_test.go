package detect

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

func TestJSONTakes(t *testing.T) {
	for _, c := range []struct {
		name, field string
		wanted      Wanted
		text        string
		want        addr.Observation
	}{
		{"a field", "ip", want4, `{"ip":"8.8.4.4"}`, known("8.8.4.4")},
		{"one among others", "ip", want4, " {\"a\":[1,{\"ip\":\"9.9.9.9\"}],\"ip\" : \"8.8.4.4\",\"b\":null}\r\n", known("8.8.4.4")},
		{"one inside another", "data.ip", want4, `{"ip":"9.9.9.9","data":{"x":{"ip":1},"ip":"8.8.4.4"}}`, known("8.8.4.4")},
		{"an array", "ips", want4, `{"ips":["8.8.4.4","8.8.8.8/28"]}`, known("8.8.4.4", "8.8.8.8/28")},
		{"IPv6", "ip", want6, `{"ip":"2a00:1450::1"}`, known("2a00:1450::1/64")},
		{"an escape", "ip", want6, `{"i\u0070":"2a00\u003a1450::1"}`, known("2a00:1450::1/64")},
		{"a field that is there twice elsewhere", "ip", want4, `{"x":1,"x":2,"y":{"ip":1},"ip":"8.8.4.4"}`, known("8.8.4.4")},
	} {
		t.Run(c.name, func(t *testing.T) {
			ps, err := parseJSON(c.field)([]byte(c.text), c.wanted, publicCheck(0))
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, addr.Known(ps...), c.want)
		})
	}
}

func TestJSONRefuses(t *testing.T) {
	for _, c := range []struct{ name, field, text, says string }{
		{"nothing", "ip", "", "not a whole and single JSON value"},
		{"a web page", "ip", portal, "web page"},
		{"text", "ip", "8.8.4.4", "not a whole and single JSON value"},
		{"what is cut short", "ip", `{"ip":"8.8.4.4"`, "not a whole and single JSON value"},
		{"something behind it", "ip", `{"ip":"8.8.4.4"} x`, "not a whole and single JSON value"},
		{"another value behind it", "ip", `{"ip":"8.8.4.4"}{"ip":"8.8.4.4"}`, "not a whole and single JSON value"},
		{"a comma too many", "ip", `{"ip":["8.8.4.4",]}`, "not a whole and single JSON value"},
		{"a string", "ip", `"8.8.4.4"`, `its field "ip": what should hold it is no object`},
		{"an array", "ip", `["8.8.4.4"]`, "no object"},
		{"another field", "ip", `{"IP":"8.8.4.4"}`, "it is not there"},
		{"a field that stands deeper", "ip", `{"data":{"ip":"8.8.4.4"}}`, "it is not there"},
		{"one that is less deep", "data.ip", `{"data":"8.8.4.4"}`, `its field "data.ip": what should hold it is no object`},
		{"a field that is there twice", "ip", `{"ip":"8.8.4.4","ip":"8.8.4.4"}`, "it is there twice"},
		{"twice, the second of another type", "ip", `{"ip":"8.8.4.4","ip":1}`, "it is there twice"},
		{"what holds it is there twice", "data.ip", `{"data":{"ip":"8.8.4.4"},"data":{"x":1}}`, "it is there twice"},
		{"a number", "ip", `{"ip":134743044}`, "neither a string nor an array of strings"},
		{"null", "ip", `{"ip":null}`, "neither a string nor"},
		{"an object", "ip", `{"ip":{"ip":"8.8.4.4"}}`, "neither a string nor"},
		{"an array with a number", "ip", `{"ip":["8.8.4.4",1]}`, "neither a string nor"},
		{"an array in an array", "ip", `{"ip":[["8.8.4.4"]]}`, "neither a string nor"},
		{"an empty array", "ip", `{"ip":[]}`, "holds no address"},
		{"an empty string", "ip", `{"ip":""}`, `"" is not an address`},
		{"blanks", "ip", `{"ip":" 8.8.4.4"}`, "is not an address"},
		{"several in one string", "ip", `{"ip":"8.8.4.4,8.8.8.8"}`, "is not an address"},
		{"one bad entry among good ones", "ip", `{"ip":["8.8.4.4","x"]}`, `"x" is not an address`},
		{"the other family", "ip", `{"ip":"2a00:1450::1"}`, "not an IPv4 address"},
		{"IPv4 inside IPv6", "ip", `{"ip":"::ffff:8.8.4.4"}`, "inside IPv6"},
		{"a zone", "ip", `{"ip":"fe80::1%eth0"}`, "has a zone"},
		{"CGNAT", "ip", `{"ip":"100.64.0.1"}`, "CGNAT"},
		{"control characters", "ip", `{"ip":"\u001b[2J"}`, `"\x1b[2J" is not an address`},
		{"very deep", "ip", `{"a":` + strings.Repeat("[", 1500) + strings.Repeat("]", 1500) + `}`, "it is not there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ps, err := parseJSON(c.field)([]byte(c.text), want4, publicCheck(0))
			if err == nil || ps != nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, %v", ps, err)
			}
		})
	}
}

func TestURLReadsAFieldOfJSON(t *testing.T) {
	w := &world{hosts: map[string]http.HandlerFunc{"ip.example.org": func(rw http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.RequestURI, "#") || strings.Contains(r.RequestURI, "json") {
			t.Errorf("asked for %s", r.RequestURI)
		}
		rw.Write([]byte(`{"data":{"ip":["8.8.4.4"]}}`))
	}}}
	s := must(t)(URL(want4, onLoopback(t, w), "http://ip.example.org/me?key=hunter2#json=data.ip", URLOptions{}))
	wantSame(t, s.Observe(t.Context()), truth)
	if got := s.Voter().Source; got != "url:http://ip.example.org/me?…#json=data.ip" {
		t.Errorf("it is called %s", got)
	}
	wantRefused(t, must(t)(URL(want4, onLoopback(t, w), "http://ip.example.org/me#json=ip", URLOptions{})).Observe(t.Context()),
		`read the answer of ip.example.org/me: its field "ip": it is not there`)
}

// Whatever the JSON: no panic; and what is taken are addresses that may be
// published, all of those that encoding/json finds in the field.
func FuzzJSON(f *testing.F) {
	f.Add(`{"ip":"8.8.4.4"}`, "ip", true)
	f.Add(`{"ip":"8.8.4.4","ip":"8.8.8.8"}`, "ip", true)
	f.Add(`{"data":{"ip":["2a00:1450::1","2a00:1450::2/48"]}}`, "data.ip", false)
	f.Add(`{"a":[[{"ip":1}],null],"ip":"100.64.0.1"}`, "ip", true)
	f.Add(`{"ip":"8.8.4.4"}}`, "ip", true)
	f.Add(portal, "ip", true)
	f.Fuzz(func(t *testing.T, text, field string, four bool) {
		w := want6
		if four {
			w = want4
		}
		ps, err := parseJSON(field)([]byte(text), w, publicCheck(0))
		if err != nil {
			if ps != nil {
				t.Errorf("%v although %v", ps, err)
			}
			return
		}
		for _, p := range ps {
			checkPublic(t, w, p)
		}
		var said []string
		for _, e := range fieldOf(t, text, field) {
			p, err := parseAddrOrCIDR(e, w, publicCheck(0))
			if err != nil {
				t.Fatal(err)
			}
			said = append(said, p.String())
		}
		if got := strings.Fields(lines(ps)); len(ps) == 0 || !slices.Equal(got, said) {
			t.Errorf("%v instead of %v", got, said)
		}
	})
}

// fieldOf is what encoding/json finds there; of two it takes the last, but
// there are no two.
func fieldOf(t *testing.T, text, field string) []string {
	t.Helper()
	value := json.RawMessage(text)
	for part := range strings.SplitSeq(field, ".") {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(value, &object); err != nil {
			t.Fatal(err)
		}
		value = object[part]
	}
	var one string
	if json.Unmarshal(value, &one) == nil {
		return []string{one}
	}
	var several []string
	if err := json.Unmarshal(value, &several); err != nil {
		t.Fatal(err)
	}
	return several
}
