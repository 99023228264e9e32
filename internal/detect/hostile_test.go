package detect

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// kinds makes each source that asks over HTTP, with the same client.
func kinds(t *testing.T, c *httpx.Client) map[string]Source {
	c.Transport = downgraded{c.Transport}
	return map[string]Source{
		"trace":    must(t)(Trace(want4, c, []string{"http://a.example/", "http://b.example/", "http://c.example/"})),
		"doh":      must(t)(DoH(want4, c, "http://a.example/")),
		"url":      must(t)(URL(want4, c, "http://a.example/", URLOptions{})),
		"json":     must(t)(URL(want4, c, "http://a.example/#json=ip", URLOptions{})),
		"ipify":    must(t)(Service(want4, c, "ipify")),
		"myip.com": must(t)(Service(want4, c, "myip.com")),
	}
}

// everywhere lets each host of kinds do the same.
func everywhere(h http.HandlerFunc) *world {
	w := &world{hosts: map[string]http.HandlerFunc{}}
	for _, host := range []string{"a.example", "b.example", "c.example", "api.ipify.org", "api.myip.com"} {
		w.hosts[host] = h
	}
	return w
}

// hostile is what the hosts may do to us, and what we say of it.
func hostile() map[string]struct {
	host  http.HandlerFunc
	takes time.Duration // of those that take time: all there is
	says  string
} {
	type h = struct {
		host  http.HandlerFunc
		takes time.Duration
		says  string
	}
	return map[string]h{
		"hangs":                {hang, 5 * time.Second, "no answer within 5s"},
		"trickles":             {trickle(strings.Repeat("8.8.4.4\n", 100)), 5 * time.Second, "no answer within 5s"},
		"resets":               {reset, 0, "unexpected EOF"},
		"redirects":            {loop, 0, "302 Found"},
		"answers 4 MB":         {huge, 0, "longer than 4096 bytes"},
		"is in error":          {status(http.StatusBadGateway, portal), 0, "502 Bad Gateway"},
		"has the other family": {shows("2a00:1450::1\n"), 0, ""},
		"is not an HTTP":       {notHTTP, 0, "malformed HTTP"},
	}
}

func notHTTP(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	conn.Write([]byte("8.8.4.4\n\n"))
}

func TestAHostileHostCostsAtMostTheTimeoutAndLeavesNothing(t *testing.T) {
	for what, h := range hostile() {
		for _, kind := range []string{"trace", "doh", "url", "json", "ipify", "myip.com"} {
			t.Run(kind+" "+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := inBubble(t, everywhere(h.host))
					p := panelOf(addr.First(), kinds(t, c)[kind])
					start := time.Now()
					o := p.Observe(t.Context())
					if took := time.Since(start); took != h.takes {
						t.Errorf("it took %v, want %v", took, h.takes)
					}
					wantRefused(t, o, h.says)
				})
			})
		}
	}
}

func TestANetworkThatSwallowsEverythingCostsTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := httpx.New(httpx.Options{Dial: swallow})
		all := kinds(t, c)
		p := panelOf(addr.First(), all["trace"], all["doh"], all["ipify"])
		start := time.Now()
		wantRefused(t, p.Observe(t.Context()), "no answer within 5s")
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("it took %v", took)
		}
		p.CloseIdle() // also gives up on connections that are being opened
	})
}

func TestTheTruthGetsPastHostileHosts(t *testing.T) {
	for what, h := range hostile() {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := inBubble(t, &world{hosts: map[string]http.HandlerFunc{
					"a.example": h.host, "b.example": shows(traceOf("b.example", "8.8.4.4", "off")), "c.example": h.host,
				}})
				start := time.Now()
				wantSame(t, panelOf(addr.First(), kinds(t, c)["trace"]).Observe(t.Context()), truth)
				if took := time.Since(start); took > hedgeDelay {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// On real sockets: after rounds with all of them no goroutine is left.
func TestRoundsLeaveNoGoroutineBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("rounds", func(t *testing.T) {
		for what, h := range hostile() {
			w := everywhere(h.host)
			w.hosts["c.example"] = shows(traceOf("c.example", "8.8.4.4", "off"))
			c := onLoopback(t, w)
			for _, rule := range []addr.Rule{addr.First(), addr.Majority()} {
				p := panelOf(rule, slices.Collect(maps.Values(kinds(t, c)))...)
				p.Timeout = 100 * ms
				if o := p.Confirm(t.Context(), p.Observe(t.Context())); o.Known() {
					t.Errorf("%s: %s", what, o.Describe())
				}
				p.CloseIdle()
			}
		}
	})
}

func TestACallerThatGivesUpGetsItsAnswerAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inBubble(t, &world{hosts: map[string]http.HandlerFunc{"a.example": hang, "b.example": hang, "c.example": hang}})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		wantRefused(t, panelOf(addr.First(), kinds(t, c)["trace"]).Observe(ctx), "context canceled")
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
