package detect

import (
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
		w.hosts[h] = text(traceOf(h, "8.8.4.4", "off"))
		urls = append(urls, "http://"+h+"/cdn-cgi/trace")
	}
	p := NewPanel(PanelConfig{
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
