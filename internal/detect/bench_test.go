package detect

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// A quiet round of one family: one question over a connection of its own.
func BenchmarkObserve(b *testing.B) {
	w := &world{hosts: map[string]http.HandlerFunc{}}
	var urls []string
	for _, h := range []string{"a.example", "b.example", "c.example"} {
		w.hosts[h] = shows(traceOf(h, "8.8.4.4", "off"))
		urls = append(urls, "http://"+h+"/cdn-cgi/trace")
	}
	p := New(Config{
		Family:  addr.IPv4,
		Sources: []Source{must(b)(Trace(want4, onLoopback(b, w), urls))},
		Rule:    addr.First(),
		Timeout: 5 * time.Second,
	})
	b.ReportAllocs()
	for b.Loop() {
		if o := p.Observe(b.Context()); !o.Same(truth) {
			b.Fatal(o.Describe())
		}
		p.CloseIdle()
	}
}

// A round of one family under majority: a trace, DoH, three services and two
// that are asked over plain DNS, each over a connection of its own.
func BenchmarkRoundOfSevenSources(b *testing.B) {
	w := &world{hosts: map[string]http.HandlerFunc{
		"a.example": shows(traceOf("a.example", "8.8.4.4", "off")), "b.example": whoamiOverHTTP(b),
		"api.ipify.org": shows("8.8.4.4"), "ifconfig.co": shows("8.8.4.4\n"), "api.myip.com": shows(`{"ip":"8.8.4.4","country":"Germany","cc":"DE"}`),
	}}
	c := onLoopback(b, w)
	c.Transport = downgraded{c.Transport}
	n := says(b, "8.8.4.4", nil)
	n.serve(b)
	p := panelOf(addr.Majority(),
		must(b)(Trace(want4, c, []string{"https://a.example/"})), must(b)(DoH(want4, c, "https://b.example/")),
		must(b)(Service(want4, c, "ipify")), must(b)(Service(want4, c, "ifconfig.co")), must(b)(Service(want4, c, "myip.com")),
		must(b)(PlainDNS(want4, n.dial, "opendns")), must(b)(PlainDNS(want4, n.dial, "google.dns")))
	if len(p.Sources) != 7 {
		b.Fatal(len(p.Sources))
	}
	b.ReportAllocs()
	for b.Loop() {
		if o := p.Observe(b.Context()); !o.Same(truth) {
			b.Fatal(o.Describe())
		}
		p.CloseIdle()
	}
}

// whoamiOverHTTP answers DoH with nothing to check.
func whoamiOverHTTP(b *testing.B) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", dnsMessage)
		w.Write(answerTo(b, query, "8.8.4.4", nil))
	}
}
