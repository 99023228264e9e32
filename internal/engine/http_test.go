package engine_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider/cloudflare"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/sim"
	"github.com/homing-dns/homing/internal/status"
)

// estate is names in zones of a simulated Cloudflare, all of their records
// wrong or missing, and the engine with the real provider and the real sources, over HTTP.
type estate struct {
	home   *sim.Home
	cloud  *sim.Cloudflare
	names  []string
	types  []dns.Type
	zones  int
	engine *engine.Engine
	change []func(*engine.Config) // of what the engine is made of
}

const (
	readLatency  = 60 * time.Millisecond
	writeLatency = 120 * time.Millisecond
)

// build furnishes n names in so many zones, with wrong addresses of both
// families, and connects an engine through net.
func build(tb testing.TB, n, zones int, connect func(*sim.Home) *sim.Net, change ...func(*engine.Config)) *estate {
	tb.Helper()
	return found(tb, n, zones, connect, func(x *estate) {
		x.change = change
		for z := range zones {
			x.cloud.AddZone(sim.Zone{Name: zoneName(z), Plan: "free", Quota: 3500})
		}
		for i, name := range x.names {
			x.cloud.AddRecord(zoneName(i%zones), sim.Address(name, "84.9.9.9"))
			x.cloud.AddRecord(zoneName(i%zones), sim.Address(name, "2a02:8070::9"))
		}
	}, []dns.Type{dns.A, dns.AAAA}, change...)
}

// found returns an estate of names that want records of these types, furnished by
// the caller.
func found(tb testing.TB, n, zones int, connect func(*sim.Home) *sim.Net, furnish func(*estate), types []dns.Type, change ...func(*engine.Config)) *estate {
	tb.Helper()
	x := &estate{home: sim.NewHome(netip.MustParseAddr("84.1.2.3"), netip.MustParseAddr("2a02:8070::7")), cloud: sim.NewCloudflare(), zones: zones, types: types}
	x.cloud.AddToken(sim.Token{Value: "a-token"})
	x.cloud.LimitRate(0, 0) // the real one: 1,200 calls in five minutes
	x.cloud.SetOptions(sim.Options{ReadLatency: readLatency, WriteLatency: writeLatency})
	x.home.SetLatency(readLatency)
	var spec plan.Spec
	for i := range n {
		name := fmt.Sprintf("host%d.%s", i, zoneName(i%zones))
		x.names = append(x.names, name)
		parsed, err := dns.ParseName(name)
		if err != nil {
			tb.Fatal(err)
		}
		spec.Records = append(spec.Records, plan.Record{Name: parsed, Options: &plan.Options{Types: types, Attrs: plan.Attrs{TTL: dns.AutoTTL}}})
	}
	furnish(x)

	net := connect(x.home)
	tb.Cleanup(net.Close)
	net.Handle("/client/v4/", x.cloud)
	api := httpx.New(httpx.Options{Dial: net.Dial})
	tb.Cleanup(api.CloseIdle)
	p, err := cloudflare.New(cloudflare.Config{Credential: cloudflare.Credential{Token: secret.New("a-token")},
		BaseURL: "http://127.0.0.1/client/v4", Client: api})
	if err != nil {
		tb.Fatal(err)
	}
	every, err := schedule.Parse("@every 5m", time.UTC)
	if err != nil {
		tb.Fatal(err)
	}
	cfg := engine.Config{
		Accounts: []engine.Account{{Spec: spec, Provider: p}},
		Panels:   panels(tb, net),
		Schedule: every, OnStart: true, Resync: 15 * time.Minute, Confirm: true, UpdateTimeout: 30 * time.Second,
		Location: time.UTC,
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, f := range x.change {
		f(&cfg)
	}
	x.engine = engine.New(cfg)
	return x
}

func zoneName(i int) string { return fmt.Sprintf("zone%d.org", i) }

// panels returns the sources everybody has who sets none.
func panels(tb testing.TB, net *sim.Net) map[plan.Origin]*detect.Detector {
	out := make(map[plan.Origin]*detect.Detector)
	for f, network := range map[addr.Family]string{addr.IPv4: "tcp4", addr.IPv6: "tcp6"} {
		client := httpx.New(httpx.Options{Network: network, Dial: net.Dial})
		tb.Cleanup(client.CloseIdle)
		trace, err := detect.Trace(detect.Wanted{Family: f}, client, []string{"http://api.cloudflare.com/cdn-cgi/trace",
			"http://www.cloudflare.com/cdn-cgi/trace", "http://connectivity.cloudflareclient.com/cdn-cgi/trace"})
		if err != nil {
			tb.Fatal(err)
		}
		doh, err := detect.DoH(detect.Wanted{Family: f}, client, "http://cloudflare-dns.com/dns-query")
		if err != nil {
			tb.Fatal(err)
		}
		out[plan.Here(f)] = detect.New(detect.Config{Family: f, Sources: []detect.Source{trace, doh}, Rule: addr.First(), Timeout: 5 * time.Second})
	}
	return out
}

// move gives the home a new IPv4 address.
func (x *estate) move() { x.home.Set(addr.IPv4, x.home.Addr(addr.IPv4).Next()) }

// wrong returns how many of the names do not point home.
func (x *estate) wrong() int {
	var want []string
	for _, t := range x.types {
		want = append(want, x.home.Addr(plan.FamilyOf(t)).String())
	}
	n := 0
	for i, name := range x.names {
		if !slices.Equal(x.cloud.Contents(zoneName(i%x.zones), name), want) {
			n++
		}
	}
	return n
}

// calls makes a round and returns how many calls Cloudflare saw of it.
func (x *estate) calls(tb testing.TB) (status.Round, int) {
	tb.Helper()
	x.cloud.Reset()
	r := x.engine.Once(tb.Context())
	if r.Outcome() == status.Failed {
		tb.Fatalf("the round failed: %v", r.Conditions)
	}
	n := len(x.cloud.Calls())
	if int64(n) != r.Calls {
		tb.Errorf("the round says that it made %d calls, and it made %d", r.Calls, n)
	}
	return r, n
}

// writes returns the batches that a change of so many records a zone takes.
func writes(changes int) int { return (changes + 199) / 200 }

func sizes() []struct{ names, zones int } {
	return []struct{ names, zones int }{{1, 1}, {20, 1}, {200, 2}, {1000, 5}, {2000, 10}}
}

func TestTheCostOverHTTPUnderTheRealRateLimit(t *testing.T) {
	for _, s := range sizes() {
		t.Run(fmt.Sprintf("%d names in %d zones", s.names, s.zones), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := build(t, s.names, s.zones, sim.Pipes)
				each := s.names / s.zones
				if _, n := x.calls(t); n > 1+s.zones+s.zones*writes(2*each) {
					t.Errorf("the first sync took %d calls", n)
				}
				if _, n := x.calls(t); n != 0 {
					t.Errorf("a quiet round took %d calls", n)
				}
				x.move()
				if _, n := x.calls(t); n > s.zones*writes(each) {
					t.Errorf("a new address took %d calls", n)
				}
				if n := x.wrong(); n > 0 {
					t.Errorf("%d names do not point home", n)
				}
			})
		})
	}
}

// A free zone made since September 2024 has room for 200 records, as many as
// one batch takes.
func TestTwoThousandNewNamesInTenFreeZonesTakeTwentyOneCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := found(t, 2000, 10, sim.Pipes, func(x *estate) {
			for z := range x.zones {
				x.cloud.AddZone(sim.Zone{Name: zoneName(z), Plan: "free"})
			}
		}, []dns.Type{dns.A})
		r, n := x.calls(t)
		if n != 1+10+10 || r.Took > 2*time.Second {
			t.Errorf("the first sync took %d calls and %s", n, r.Took)
		}
		if _, n := x.calls(t); n != 0 {
			t.Errorf("a quiet round took %d calls", n)
		}
		x.move()
		if _, n := x.calls(t); n != 10 {
			t.Errorf("a new address took %d calls", n)
		}
		if n := x.wrong(); n > 0 {
			t.Errorf("%d names do not point home", n)
		}
	})
}

func TestAWeekOverHTTPStaysTrueAndLeavesNothingBehind(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	synctest.Test(t, func(t *testing.T) {
		x := build(t, 20, 2, sim.Pipes)
		x.engine.Once(t.Context())
		for range 7 {
			for range 288 {
				time.Sleep(5 * time.Minute)
				x.engine.Once(t.Context())
			}
			x.move()
			x.engine.Once(t.Context())
			if n := x.wrong(); n > 0 {
				t.Errorf("%d names do not point home", n)
			}
			x.cloud.Reset()
		}
	})
}

// BenchmarkFirstSync brings names home over HTTP on loopback, 60 ms away for
// reads and 120 ms for writes. Beside the calls stand those of the best other
// program; the time stands as a ratio to two reads and the writes of a zone.
func BenchmarkFirstSync(b *testing.B) {
	others := map[int]float64{1: 4, 20: 62, 200: 604, 1000: 3005, 2000: 6010}
	for _, s := range sizes() {
		b.Run(fmt.Sprintf("names=%d/zones=%d", s.names, s.zones), func(b *testing.B) {
			least := 2*readLatency + time.Duration(writes(2*s.names/s.zones))*writeLatency
			var took time.Duration
			var first, quiet, moved int
			for b.Loop() {
				b.StopTimer()
				x := build(b, s.names, s.zones, func(h *sim.Home) *sim.Net {
					net, err := sim.Loopback(h)
					if err != nil {
						b.Fatal(err)
					}
					return net
				})
				b.StartTimer()
				var r status.Round
				r, first = x.calls(b)
				took += r.Took
				b.StopTimer()
				_, quiet = x.calls(b)
				x.move()
				_, moved = x.calls(b)
				b.StartTimer()
			}
			mean := took / time.Duration(b.N)
			b.ReportMetric(float64(first), "calls")
			b.ReportMetric(others[s.names], "calls-elsewhere")
			b.ReportMetric(float64(quiet), "calls-quiet")
			b.ReportMetric(float64(moved), "calls-moved")
			b.ReportMetric(float64(mean)/float64(least), "x-least")
			b.ReportMetric(float64(mean)/float64(2*least+300*time.Millisecond), "x-limit")
		})
	}
}
