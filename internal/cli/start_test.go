package cli_test

import (
	"io"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/cli"
	"github.com/homing-dns/homing/internal/sim"
)

// What the simulated Cloudflare knows.
const (
	goodToken = "a-token-that-the-simulated-cloudflare-knows"
	goodKey   = "0123456789abcdef0123456789abcdef01234"
	goodEmail = "me@example.org"
)

// BenchmarkStart measures how long it takes from the start to the first call to
// the API, which is made while the addresses are still being asked for, and
// beside it the whole of a round in which nothing has to be done.
func BenchmarkStart(b *testing.B) {
	home := sim.NewHome(netip.MustParseAddr("84.1.2.3"), netip.MustParseAddr("2a02:8070::7"))
	home.SetLatency(60 * time.Millisecond)
	cloud := sim.NewCloudflare()
	cloud.AddToken(sim.Token{Value: goodToken})
	cloud.AddZone(sim.Zone{Name: "example.org"})
	cloud.AddRecord("example.org", sim.Address("home.example.org", "84.1.2.3"))
	net, err := sim.Loopback(home)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(net.Close)
	var first atomic.Pointer[time.Time]
	net.Handle("/client/v4/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := time.Now()
		first.CompareAndSwap(nil, &now)
		cloud.ServeHTTP(w, r)
	}))
	settings := map[string]string{"CLOUDFLARE_API_TOKEN": goodToken, "CLOUDFLARE_BASE_URL": net.URL() + "/client/v4",
		"DOMAINS": "home.example.org", "IP4_PROVIDER": "url:" + net.URL() + "/ip", "IP6_PROVIDER": "none"}
	var toCall time.Duration
	for b.Loop() {
		first.Store(nil)
		began := time.Now()
		code := cli.Main(cli.Env{Args: []string{"once"}, Stdout: io.Discard, Stderr: io.Discard,
			Getenv: func(name string) string { return settings[name] }})
		if code != 0 {
			b.Fatalf("exit code %d", code)
		}
		toCall += first.Load().Sub(began)
	}
	b.ReportMetric(float64(toCall.Microseconds())/1000/float64(b.N), "ms/first-call")
	b.ReportMetric(float64(b.Elapsed())/float64(toCall), "round/first-call")
}
