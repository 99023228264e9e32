package detect

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// deadLine is a network on which each connection fails, and is noted.
type deadLine struct {
	mu     sync.Mutex
	dialed map[string]bool
}

func (d *deadLine) dial(_ context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dialed[network+" "+address] = true
	return nil, errDown
}

// Whatever fails, and however often it is asked: no host is contacted that the
// setting does not name, and none to find out where another is.
func TestEachSourceContactsNobodyElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ip")
	type env struct {
		c    *httpx.Client
		dial httpx.Dial
	}
	covered := map[string]bool{}
	for _, c := range []struct {
		name   string
		make   func(env) (Source, error)
		dialed string
	}{
		{"cloudflare.trace", func(e env) (Source, error) { return Trace(want4, e.c, TraceURLs()) },
			"tcp4 api.cloudflare.com:443, tcp4 connectivity.cloudflareclient.com:443, tcp4 www.cloudflare.com:443"},
		{"cloudflare.doh", func(e env) (Source, error) { return DoH(want4, e.c, DoHURL) }, "tcp4 cloudflare-dns.com:443"},
		{"cloudflare.dns", func(e env) (Source, error) { return PlainDNS(want4, e.dial, "cloudflare.dns") }, "udp4 1.0.0.1:53, udp4 1.1.1.1:53"},
		{"opendns", func(e env) (Source, error) { return PlainDNS(want4, e.dial, "opendns") }, "udp4 208.67.220.220:53, udp4 208.67.222.222:53"},
		{"google.dns", func(e env) (Source, error) { return PlainDNS(want4, e.dial, "google.dns") }, "udp4 216.239.32.10:53, udp4 216.239.34.10:53"},
		{"akamai.dns", func(e env) (Source, error) { return PlainDNS(want4, e.dial, "akamai.dns") }, "udp4 193.108.88.1:53"},
		{"stun", func(e env) (Source, error) { return STUN(want4, e.dial, STUNServer) }, "udp4 stun.cloudflare.com:3478"},
		{"ipify", func(e env) (Source, error) { return Service(want4, e.c, "ipify") }, "tcp4 api.ipify.org:443"},
		{"icanhazip", func(e env) (Source, error) { return Service(want4, e.c, "icanhazip") }, "tcp4 icanhazip.com:443"},
		{"ifconfig.co", func(e env) (Source, error) { return Service(want4, e.c, "ifconfig.co") }, "tcp4 ifconfig.co:443"},
		{"ident.me", func(e env) (Source, error) { return Service(want4, e.c, "ident.me") }, "tcp4 4.ident.me:443"},
		{"ipinfo", func(e env) (Source, error) { return Service(want4, e.c, "ipinfo") }, "tcp4 ipinfo.io:443"},
		{"aws", func(e env) (Source, error) { return Service(want4, e.c, "aws") }, "tcp4 checkip.amazonaws.com:443"},
		{"myip.com", func(e env) (Source, error) { return Service(want4, e.c, "myip.com") }, "tcp4 api.myip.com:443"},
		{"seeip", func(e env) (Source, error) { return Service(want4, e.c, "seeip") }, "tcp4 ipv4.seeip.org:443"},
		{"url", func(e env) (Source, error) {
			return URL(want4, e.c, "https://ip.example.org:8443/#json=ip", URLOptions{Header: map[string][]string{"X-Key": {"k"}}})
		}, "tcp4 ip.example.org:8443"},
		{"file", func(env) (Source, error) { return File(want4, path, 0) }, ""},
		{"static", func(env) (Source, error) { return Static(want4, "192.0.2.1") }, ""},
		{"static.empty", func(env) (Source, error) { return Empty(), nil }, ""},
	} {
		covered[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			line := &deadLine{dialed: map[string]bool{}}
			client := httpx.New(httpx.Options{Network: "tcp4", Dial: line.dial})
			p := New(Config{Family: addr.IPv4, Sources: []Source{must(t)(c.make(env{client, line.dial}))}, Rule: addr.First(), Timeout: 5 * time.Second})
			for range 3 {
				p.Observe(t.Context())
				p.Confirm(t.Context(), truth)
				p.Survey(t.Context())
			}
			var got []string
			for d := range line.dialed {
				got = append(got, d)
			}
			slices.Sort(got)
			if strings.Join(got, ", ") != c.dialed {
				t.Errorf("dialled %v", got)
			}
		})
	}
	words := Services()
	for _, d := range dnsServices() {
		words = append(words, d.word)
	}
	for _, word := range words {
		if !covered[word] {
			t.Errorf("nobody looked whom %s contacts", word)
		}
	}
}
