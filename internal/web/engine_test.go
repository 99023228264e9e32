package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
	"github.com/homing-dns/homing/internal/web/webtest"
)

// window is a way to look at an address that may change.
type window struct {
	way string
	at  *atomic.Pointer[netip.Addr]
}

func (w window) Voter() addr.Voter {
	return addr.Voter{Source: w.way, Operator: w.way, Route: w.way, Authenticated: true}
}

func (w window) Observe(context.Context) addr.Observation {
	a := *w.at.Load()
	return addr.Known(netip.PrefixFrom(a, a.BitLen()))
}

// TestARealEngineIsShownAsItIs runs the loop itself below the page.
func TestARealEngineIsShownAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at atomic.Pointer[netip.Addr]
		move := func(s string) { a := webtest.Addr(s); at.Store(&a) }
		move("81.2.69.142")
		h := memory.New()
		zone := webtest.Name("example.org")
		h.AddZone(memory.Zone(zone))
		spec := plan.Spec{Records: []plan.Record{{Name: webtest.Name("home.example.org"), Options: &plan.Options{Types: []dns.Type{dns.A}, Attrs: plan.Attrs{TTL: dns.AutoTTL}}}}}
		every, err := schedule.Parse("@every 5m", time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		p := &place{t: t}
		p.board = status.NewBoard(status.Wanted{Spec: spec})
		p.metrics = web.NewMetrics(p.board, "1")
		eng := engine.New(engine.Config{
			Accounts: []engine.Account{{Spec: spec, Provider: h}},
			Panels: map[plan.Origin]*detect.Detector{plan.Here(addr.IPv4): detect.New(detect.Config{Family: addr.IPv4, Timeout: 5 * time.Second, Rule: addr.First(),
				Sources: []detect.Source{window{"front", &at}, window{"back", &at}}})},
			Schedule: every, OnStart: true, Resync: 15 * time.Minute, Confirm: true, UpdateTimeout: 30 * time.Second,
			Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
			Done: func(r status.Round) {
				p.metrics.Round(r, p.board.Done(r, []status.Held{{Zone: zone, Records: h.All()}}))
			},
		})
		p.handler = web.New(web.Config{Board: p.board, Metrics: p.metrics, Log: slog.New(slog.DiscardHandler), Trigger: eng.Trigger, PublicRead: true, Location: time.UTC,
			PlanNow: func(ctx context.Context) (status.Round, error) { return eng.Plan(ctx), nil }, Interval: func() time.Duration { return 5 * time.Minute }}).Handler()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); eng.Run(ctx) }()
		synctest.Wait()
		has(t, p.get("/"), "The record points home.", "81.2.69.142", "home.example.org")

		move("81.2.69.160")
		time.Sleep(5*time.Minute + time.Second)
		synctest.Wait()
		has(t, p.get("/"), "A home.example.org 81.2.69.142 → 81.2.69.160", "address changed")
		if w := p.get("/widget"); !strings.Contains(w.Body.String(), `"current_ip":"81.2.69.160","status":"active"`) {
			t.Error(w.Body)
		}

		h.SetHook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteBatch && !c.Done {
				return &provider.Error{Kind: provider.Rejected, Err: errors.New("the zone is locked"), Hint: "unlock it"}
			}
			return nil
		})
		move("81.2.69.192")
		for range 288 { // a day of it
			time.Sleep(5 * time.Minute)
			if w := p.get("/health"); w.Code != 200 {
				t.Fatalf("it is called unhealthy: %s", w.Body)
			}
		}
		has(t, p.get("/"), "The record is not right.", "the zone is locked", "unlock it", "should be 81.2.69.192")
		h.SetHook(nil)
		eng.Invalidate()
		eng.Trigger()
		synctest.Wait()
		has(t, p.get("/"), "The record points home.", "Over: A home.example.org")
		stop()
		<-ended
	})
}
