package web_test

import (
	"flag"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// The metrics as they are read, byte by byte: names, labels, order, and what
// describes them.
func TestTheMetricsAreTheseBytes(t *testing.T) {
	const golden = "testdata/metrics.txt"
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 9)
		p.round()
		p.house.Lie("203.0.113.5")
		p.house.Refuse("vpn.example.com", true)
		p.house.Move("84.17.1.1")
		time.Sleep(90500 * time.Millisecond)
		p.round()
		p.house.Lose(addr.IPv6)
		time.Sleep(time.Hour + time.Second/3)
		p.round()
		p.metrics.Call("GET /zones", "200")
		p.metrics.Call("GET /zones", "none")
		p.metrics.Call(`a "b" \c`, "404")
		p.metrics.Headroom("default", 1180)
		p.metrics.Headroom("", 3_000_000_000)
		p.metrics.Headroom("", 2)
		p.metrics.Notification("shoutrrr", false)
		r := p.house.Round()
		r.Seen = plan.Seen{{Site: "cable", Family: addr.IPv4}: addr.Known(netip.MustParsePrefix("84.1.2.3/32"))}
		p.metrics.Round(r, nil)
		got := strings.ReplaceAll(p.get("/metrics", bearer).Body.String(), runtime.Version(), "GO")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("the metrics are others (-want +got):\n%s", d)
		}
	})
}
