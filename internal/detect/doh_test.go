package detect

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// A resolver answers whoami over HTTPS as Cloudflare does; change may spoil
// the answer.
func resolver(t *testing.T, said string, change func(*dnsmessage.Message)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var q dnsmessage.Message
		if err != nil || q.Unpack(body) != nil || r.Method != http.MethodPost || len(q.Questions) != 1 ||
			r.Header.Get("Content-Type") != dnsMessage || r.Header.Get("Accept") != dnsMessage {
			t.Errorf("%s with %v asks %q", r.Method, r.Header, body)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if q.RecursionDesired || q.Response || q.Questions[0].GoString() != whoamiGo {
			t.Errorf("asked %s", q.GoString())
		}
		m := dnsmessage.Message{
			Header:    dnsmessage.Header{ID: q.ID, Response: true},
			Questions: q.Questions,
			Answers:   []dnsmessage.Resource{txt(said)},
		}
		if change != nil {
			change(&m)
		}
		b, err := m.Pack()
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", dnsMessage)
		w.Write(b)
	}
}

// whoamiGo is the question, written apart from the code under test.
const whoamiGo = `dnsmessage.Question{Name: dnsmessage.MustNewName("whoami.cloudflare."), Type: dnsmessage.TypeTXT, Class: dnsmessage.ClassCHAOS}`

func txt(strings ...string) dnsmessage.Resource {
	return dnsmessage.Resource{
		Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName("whoami.cloudflare."), Class: dnsmessage.ClassCHAOS},
		Body:   &dnsmessage.TXTResource{TXT: strings},
	}
}

const dnsMessage = "application/dns-message"

const dohHost = "cloudflare-dns.com"

func askDoH(t *testing.T, w Wanted, h http.HandlerFunc) addr.Observation {
	t.Helper()
	c := onLoopback(t, &world{hosts: map[string]http.HandlerFunc{dohHost: h}})
	return must(t)(DoH(w, c, "http://"+dohHost+"/dns-query")).Observe(t.Context())
}

func TestDoHReadsTheAddressOfItsFamily(t *testing.T) {
	wantSame(t, askDoH(t, want4, resolver(t, "8.8.4.4", nil)), known("8.8.4.4/32"))
	wantSame(t, askDoH(t, want6, resolver(t, "2a00:1450::1", nil)), known("2a00:1450::1/64"))
}

func TestDoHRefuses(t *testing.T) {
	type message = dnsmessage.Message
	for _, c := range []struct {
		name   string
		change func(*message)
		says   string
	}{
		{"another id", func(m *message) { m.ID++ }, "the id differs"},
		{"a question", func(m *message) { m.Response = false }, "a question, not an answer"},
		{"what is cut short", func(m *message) { m.Truncated = true }, "cut short"},
		{"an error", func(m *message) { m.RCode = dnsmessage.RCodeRefused }, "the server refused with Refused"},
		{"no question", func(m *message) { m.Questions = nil }, "another question"},
		{"another name", func(m *message) { m.Questions[0].Name = dnsmessage.MustNewName("whoami.example.") }, "another question"},
		{"another type", func(m *message) { m.Questions[0].Type = dnsmessage.TypeA }, "another question"},
		{"another class", func(m *message) { m.Questions[0].Class = dnsmessage.ClassINET }, "another question"},
		{"two questions", func(m *message) { m.Questions = append(m.Questions, m.Questions[0]) }, "another question"},
		{"no record", func(m *message) { m.Answers = nil }, "holds 0 records"},
		{"two records", func(m *message) { m.Answers = append(m.Answers, txt("8.8.4.4")) }, "holds 2 records"},
		{"a record of another type", func(m *message) { m.Answers[0].Body = &dnsmessage.AResource{A: [4]byte{8, 8, 4, 4}} }, "not the one that was asked for"},
		{"a record of another class", func(m *message) { m.Answers[0].Header.Class = dnsmessage.ClassINET }, "not the one that was asked for"},
		{"a record of another name", func(m *message) { m.Answers[0].Header.Name = dnsmessage.MustNewName("a.example.") }, "not the one that was asked for"},
		{"no string", func(m *message) { m.Answers[0] = txt() }, "0 strings"},
		{"two strings", func(m *message) { m.Answers[0] = txt("8.8.4", ".4") }, "2 strings"},
		{"an empty string", func(m *message) { m.Answers[0] = txt("") }, `"" is not an address`},
		{"a network", func(m *message) { m.Answers[0] = txt("8.8.4.4/32") }, "is not an address"},
		{"no address", func(m *message) { m.Answers[0] = txt("who knows") }, `"who knows" is not an address`},
		{"another family", func(m *message) { m.Answers[0] = txt("2a00:1450::1") }, "not an IPv4 address"},
		{"IPv4 inside IPv6", func(m *message) { m.Answers[0] = txt("::ffff:8.8.4.4") }, "inside IPv6"},
		{"a private address", func(m *message) { m.Answers[0] = txt("10.0.0.1") }, "RFC 1918"},
		{"Cloudflare's own", func(m *message) { m.Answers[0] = txt("172.64.0.1") }, "Cloudflare's own network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRefused(t, askDoH(t, want4, resolver(t, "8.8.4.4", c.change)), c.says)
		})
	}
}

func TestDoHRefusesWhatIsNoDNSOverHTTPS(t *testing.T) {
	typed := func(mime string, body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mime)
			w.Write(body)
		}
	}
	for _, c := range []struct {
		name string
		host http.HandlerFunc
		says string
	}{
		{"a status that is not 200", status(400, ""), "400 Bad Request"},
		{"a redirect", loop, "302 Found"},
		{"a web page", typed("text/html", []byte(portal)), `answered with "text/html" instead of a DNS message`},
		{"an answer without a type", func(w http.ResponseWriter, _ *http.Request) { w.Header()["Content-Type"] = nil }, `""`},
		{"bytes that are no message", typed(dnsMessage, []byte("8.8.4.4")), "not a DNS message"},
		{"a message that ends early", func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			b[2] |= 0x80 // an answer
			typed(dnsMessage, b[:20])(w, r)
		}, "question cannot be read"},
		{"4 MB", huge, "longer than 4096 bytes"},
		{"an answer that breaks off", reset, "unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, askDoH(t, want4, c.host), c.says) })
	}
}

func TestDoHSaysWhoVotes(t *testing.T) {
	want := addr.Voter{Source: "cloudflare.doh", Operator: "cloudflare.com", Route: "cloudflare-dns.com over DoH", Authenticated: true}
	if got := must(t)(DoH(want4, httpx.New(httpx.Options{}), DoHURL)).Voter(); got != want {
		t.Errorf("the source is %+v", got)
	}
	if _, err := DoH(want4, nil, "cloudflare-dns.com"); err == nil || !strings.Contains(err.Error(), "cloudflare.doh") {
		t.Errorf("a URL without a scheme: %v", err)
	}
}
