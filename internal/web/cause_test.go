package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
	"github.com/homing-dns/homing/internal/web/webtest"
)

// told is what a person is shown of the first round of a house with so many
// names, whose DNS host refuses each of them with this error.
func told(t *testing.T, names int, refuse func(dns.Key) *provider.Error) (log, page string, messages []notify.Message) {
	var at atomic.Pointer[netip.Addr]
	a := webtest.Addr("81.2.69.142")
	at.Store(&a)
	zone := webtest.Name("example.org")
	h := memory.New(memory.Zone(zone))
	h.SetHook(func(c memory.Call) *provider.Error {
		if c.Step == memory.WriteRRset && !c.Done {
			return refuse(c.Key)
		}
		return nil
	})
	var spec plan.Spec
	for i := range names {
		spec.Records = append(spec.Records, plan.Record{Name: webtest.Name(fmt.Sprintf("n%d.example.org", i)), Options: &plan.Options{Types: []dns.Type{dns.A}, Attrs: plan.Attrs{TTL: dns.AutoTTL}}})
	}
	every, err := schedule.Parse("@every 5m", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	p := &place{t: t, board: status.NewBoard(status.Wanted{Spec: spec})}
	p.metrics = web.NewMetrics(p.board, "1")
	eng := engine.New(engine.Config{
		Accounts: []engine.Account{{Spec: spec, Provider: h}},
		Panels: map[plan.Origin]*detect.Detector{plan.Here(addr.IPv4): detect.New(detect.Config{Family: addr.IPv4, Timeout: 5 * time.Second, Rule: addr.First(),
			Sources: []detect.Source{window{"front", &at}, window{"back", &at}}})},
		Schedule: every, OnStart: true, Resync: 15 * time.Minute, Confirm: true, UpdateTimeout: 30 * time.Second,
		Log: slog.New(slog.NewTextHandler(&lines, nil)),
		Done: func(r status.Round) {
			events := p.board.Done(r, []status.Held{{Zone: zone, Records: h.All()}})
			messages, _ = notify.Decide(notify.State{}, r, events, time.Now(), notify.Rules{OneShot: true})
		},
	})
	p.handler = web.New(web.Config{Board: p.board, Metrics: p.metrics, Log: slog.New(slog.DiscardHandler), PublicRead: true, Location: time.UTC,
		Interval: func() time.Duration { return 5 * time.Minute }}).Handler()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); eng.Run(ctx) }()
	synctest.Wait()
	page = p.get("/").Body.String()
	log = lines.String()
	stop()
	<-ended
	return log, page, messages
}

func overQuota(k dns.Key) *provider.Error {
	return &provider.Error{Kind: provider.Rejected, What: "create " + k.String(),
		Err:  errors.New(`the zone has no room for more records (Cloudflare says "Record quota exceeded." (code 81045); HTTP 400)`),
		Hint: "delete records that nobody needs, or move the zone to a plan with more"}
}

func cards(page string) int { return strings.Count(page, `<p class="what">`) }

// A thousand names that are refused because the zone is full are one thing that
// is wrong: one line of the log, one card, one message.
func TestAThousandNamesHitByOneQuotaAreOneMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, page, messages := told(t, 1000, overQuota)
		if len(log) >= 4<<10 || strings.Count(log, "level=WARN") != 1 || !strings.Contains(log, "and 997 more: the zone has no room") {
			t.Errorf("the log has %d bytes:\n%.4000s", len(log), log)
		}
		if n := cards(page); n != 1 {
			t.Errorf("the page shows %d cards", n)
		}
		if n := strings.Count(page, "and 997 more: the zone has no room"); n != 1 {
			t.Errorf("what happened is told %d times", n)
		}
		if len(messages) != 1 {
			t.Fatalf("told are %d messages", len(messages))
		}
		if b := messages[0].Body; strings.Contains(b, "\n") || !strings.Contains(b, "and 997 more: the zone has no room") {
			t.Errorf("told is %.500s", b)
		}
	})
}

func TestSixtyNamesWithOneCauseAreOneCard(t *testing.T) {
	for what, refuse := range map[string]func(dns.Key) *provider.Error{
		"one reason": overQuota,
		"each a reason of its own": func(k dns.Key) *provider.Error {
			return &provider.Error{Kind: provider.Rejected, Err: fmt.Errorf("a CNAME record stands at %s", k.Name), Hint: "delete it"}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			if _, page, _ := told(t, 60, refuse); cards(page) != 1 || !strings.Contains(page, "and 57 others") {
				t.Errorf("%s: %d cards", what, cards(page))
			}
		})
	}
}
