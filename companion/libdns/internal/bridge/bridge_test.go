package bridge_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libdns/libdns"

	"github.com/homing-dns/homing/companion/libdns/internal/bridge"
	"github.com/homing-dns/homing/companion/libdns/internal/bridgetest"
)

func library(addresses ...string) *bridgetest.Library {
	held := []libdns.RR{{Name: "@", Type: "NS", Data: "ns1.example.net.", TTL: time.Hour}}
	for _, a := range addresses {
		held = append(held, libdns.RR{Name: "nas", Type: "A", Data: a, TTL: 5 * time.Minute})
	}
	return &bridgetest.Library{State: bridgetest.State{Zones: map[string][]libdns.RR{"example.org.": held}}}
}

func host(l *bridgetest.Library) *bridge.Host {
	return &bridge.Host{Name: "Test", Client: l, MinTTL: 60, MaxTTL: 86400, AutoTTL: 300, TXT: true, Full: true, Lower: bridge.Sets,
		Wire: &bridge.Wire{Next: http.DefaultTransport}, Hide: []string{"canary-secret"}, Limit: 10 * time.Second, Pause: time.Second}
}

type reply struct {
	Version, ID int
	Error       *bridge.Failure
	Records     []struct {
		Name, Type, Content string
		TTL                 int
	}
	text string
}

func ask(t *testing.T, h *bridge.Host, fields string) reply {
	t.Helper()
	var out bytes.Buffer
	if err := h.Serve(strings.NewReader(`{"version":1,"id":7,`+fields+"}\n"), &out); err != nil {
		t.Fatal(err)
	}
	r := reply{text: out.String()}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Version != 1 || r.ID != 7 {
		t.Fatal(err, out.String())
	}
	return r
}

// apply has the A records of nas.example.org be others.
func apply(t *testing.T, h *bridge.Host, read, wanted []string) reply {
	t.Helper()
	rows := func(all []string) string {
		var out []string
		for _, a := range all {
			out = append(out, fmt.Sprintf(`{"name":"nas.example.org","type":"A","content":%q,"ttl":300}`, a))
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	return ask(t, h, fmt.Sprintf(`"do":"apply","zone":{"name":"example.org"},"set":{"name":"nas.example.org","type":"A","read":%s,"wanted":%s}`, rows(read), rows(wanted)))
}

func stored(l *bridgetest.Library) (all []string) {
	for _, r := range l.Zones["example.org."] {
		if r.Name == "nas" {
			all = append(all, r.Data)
		}
	}
	return all
}

// Whatever a library does, what is told of a write is what stands there then.
func TestALibraryThatPromisesNothing(t *testing.T) {
	one, two, three := []string{"192.0.2.1"}, []string{"192.0.2.2"}, []string{"192.0.2.2", "192.0.2.3"}
	for _, c := range []struct {
		fault        string
		read, wanted []string
		kind, reason string
		stands       []string
	}{
		{"", one, two, "", "", two},
		{"", one, one, "", "", one},
		{"", nil, three, "", "", three},
		{"", three, two, "", "", two},
		{"", three, nil, "", "", nil},
		{bridgetest.Down, one, two, "unavailable", "list the zones at Test: something went wrong", one},
		{bridgetest.Hang, one, two, "unavailable", "did not answer within 10s", one},
		{bridgetest.Panics, one, two, "unavailable", "the library failed inside: a nil map", one},
		{bridgetest.Empty, one, two, "unavailable", "without its own NS records", one},
		{bridgetest.Lose, one, two, "", "", two},
		{bridgetest.Late, one, two, "", "", two},
		{bridgetest.Ignore, one, two, "unconfirmed", "the library says that it is done; 192.0.2.1 stands there, and not 192.0.2.2", one},
		{bridgetest.Never, one, two, "unconfirmed", "192.0.2.1 stands there", two},
		{bridgetest.Partial, one, three, "unconfirmed", "192.0.2.2 stands there, and not 192.0.2.2 and 192.0.2.3", two},
		{bridgetest.Twice, nil, two, "unconfirmed", "192.0.2.2 and 192.0.2.2 stands there", []string{"192.0.2.2", "192.0.2.2"}},
		{bridgetest.TTL, one, two, "rejected", "keeps it with a TTL of 7200, and not of 300", two},
	} {
		t.Run(fmt.Sprint(c.fault, c.read, c.wanted), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := library(c.read...)
				l.Fault = c.fault
				got := apply(t, host(l), c.read, c.wanted)
				kind, reason := "", ""
				if got.Error != nil {
					kind, reason = got.Error.Kind, got.Error.Reason
				}
				if kind != c.kind || !strings.Contains(reason, c.reason) || !slices.Equal(stored(l), c.stands) {
					t.Errorf("it is %q because %q, and %q stands there", kind, reason, stored(l))
				}
				if strings.Contains(got.text, "canary-secret") || strings.Contains(got.text, "?key") {
					t.Errorf("it tells %s", got.text)
				}
			})
		})
	}
}

func TestASetIsReadBeforeAndAfter(t *testing.T) {
	l := library("192.0.2.1")
	if got := apply(t, host(l), []string{"192.0.2.1"}, []string{"192.0.2.2"}); got.Error != nil {
		t.Fatal(got.Error)
	}
	if want := []string{"list", "read", "write", "read"}; !slices.Equal(l.Trace, want) {
		t.Errorf("it did %q", l.Trace)
	}
	if got := apply(t, host(l), []string{"192.0.2.1"}, []string{"192.0.2.3"}); got.Error == nil || got.Error.Kind != "stale" || !slices.Equal(stored(l), []string{"192.0.2.2"}) {
		t.Errorf("%+v, %q", got.Error, stored(l))
	}
}

func TestWhatIsRead(t *testing.T) {
	l := library("192.0.2.1")
	l.Zones["example.org."] = append(l.Zones["example.org."],
		libdns.RR{Name: "NAS", Type: "aaaa", Data: "2001:DB8:0::1", TTL: time.Minute},
		libdns.RR{Name: "nas", Type: "TXT", Data: "a \"b\" \\ \x00é", TTL: time.Minute},
		libdns.RR{Name: "nas", Type: "MX", Data: "10 mail", TTL: time.Minute},
		libdns.RR{Name: "other", Type: "A", Data: "192.0.2.5"},
		libdns.RR{Name: "www", Type: "CNAME", Data: "@"},
		libdns.RR{Name: "sub", Type: "NS", Data: "NS2.example.net"})
	got := ask(t, host(l), `"do":"records","zone":{"name":"example.org"},"names":["nas.example.org","www.example.org"],"texts":["nas.example.org"]`)
	var all []string
	for _, r := range got.Records {
		all = append(all, fmt.Sprint(r.Name, " ", r.Type, " ", r.Content, " ", r.TTL))
	}
	want := []string{"example.org NS ns1.example.net. 3600", "nas.example.org A 192.0.2.1 300", "nas.example.org AAAA 2001:db8::1 60",
		`nas.example.org TXT "a \"b\" \\ \000\195\169" 60`, "sub.example.org NS ns2.example.net. 0", "www.example.org CNAME example.org. 0"}
	if !slices.Equal(all, want) {
		t.Errorf("%q", all)
	}
	l.Zones["example.org."] = append(l.Zones["example.org."], libdns.RR{Name: "x", Type: "A", Data: "not one"})
	if got := ask(t, host(l), `"do":"records","zone":{"name":"example.org"},"names":["nas.example.org"]`); got.Error == nil || got.Records != nil {
		t.Errorf("a record that is none: %s", got.text)
	}
}

// What is asked wrongly is refused, and nothing is written.
func TestWhatIsAskedWrongly(t *testing.T) {
	l := library()
	h := host(l)
	h.Values = 1
	set := func(name, kind, wanted string) string {
		return fmt.Sprintf(`"do":"apply","zone":{"name":"example.org"},"set":{"name":%q,"type":%q,"read":[],"wanted":[%s]}`, name, kind, wanted)
	}
	for _, q := range []string{
		`"do":"dance"`,
		set("nas.example.com", "A", ""), set("nasexample.org", "A", ""), set("nas.example.org", "MX", ""),
		set("nas.example.org", "A", `{"name":"nas.example.org","type":"A","content":"192.0.2.1"},{"name":"nas.example.org","type":"A","content":"192.0.2.2"}`),
		set("nas.example.org", "A", `{"name":"nas.example.org","type":"AAAA","content":"2001:db8::1"}`),
		set("nas.example.org", "A", `{"name":"other.example.org","type":"A","content":"192.0.2.1"}`),
		set("nas.example.org", "TXT", `{"name":"nas.example.org","type":"TXT","content":"not in quotes"}`),
	} {
		if got := ask(t, h, q); got.Error == nil || got.Error.Kind != "rejected" {
			t.Errorf("%s: %s", q, got.text)
		}
	}
	if slices.Contains(l.Trace, "write") {
		t.Errorf("it did %q", l.Trace)
	}
	var out bytes.Buffer
	if err := h.Serve(strings.NewReader(`{"version":2,"id":7,"do":"limits"}`+"\n"), &out); err != nil || !strings.Contains(out.String(), "asked in version 2") {
		t.Errorf("%v, %s", err, out.String())
	}
}

func TestPlainHTTPIsNotSpoken(t *testing.T) {
	w := &bridge.Wire{Next: http.DefaultTransport}
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://api.example.net/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.RoundTrip(r); err == nil || !strings.Contains(err.Error(), "plain HTTP") {
		t.Error(err)
	}
}

// Any text comes back from a zone file's form as it went in.
func FuzzText(f *testing.F) {
	f.Add("a \"b\" \\ \x00é")
	f.Add(strings.Repeat("x", 600))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := bridge.Unquote(bridge.Quote(s)); err != nil || got != s {
			t.Errorf("%q, %v", got, err)
		}
		_, _ = bridge.Unquote(s)
	})
}
