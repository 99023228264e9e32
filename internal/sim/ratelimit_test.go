package sim

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// inBubble serves an API to a client over pipes, inside a synctest bubble.
func inBubble(t *testing.T, f func(t *testing.T, cf *Cloudflare, c client)) {
	synctest.Test(t, func(t *testing.T) {
		cf := NewCloudflare()
		cf.AddToken(Token{Value: token})
		n := Pipes(nil)
		defer n.Close()
		n.Handle("/client/v4/", cf)
		tr := &http.Transport{DialContext: n.Dial}
		defer tr.CloseIdleConnections()
		h := http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}
		f(t, cf, client{t, &http.Client{Transport: tr}, "http://api.cloudflare.com/client/v4", h})
	})
}

func TestRateLimitRefusesForFiveMinutesOnceTheQuotaIsUsed(t *testing.T) {
	inBubble(t, func(t *testing.T, cf *Cloudflare, c client) {
		cf.LimitRate(0, 0)
		cf.AddToken(Token{Value: "mine"})
		cf.AddToken(Token{Value: "accounts", Account: true})
		for i := range 1200 {
			if g := c.get("/zones"); g.Status != 200 || g.Header.Get("Ratelimit") != fmt.Sprintf(`"default";r=%d;t=300`, 1199-i) {
				t.Fatalf("call %d: status %d, Ratelimit %q", i, g.Status, g.Header.Get("Ratelimit"))
			}
		}
		time.Sleep(4*time.Minute + 500*time.Millisecond)
		g := c.get("/zones")
		g.refused(t, 429, 971)
		if got := g.Header.Get("Retry-After"); got != "300" {
			t.Errorf("Retry-After %q, want 300", got)
		}
		c.with("Authorization", "Bearer mine").get("/zones").refused(t, 429, 971) // the same user
		c.with("Authorization", "Bearer accounts").get("/zones").into(t, &[]any{})

		time.Sleep(4*time.Minute + 59500*time.Millisecond) // the first window is long over
		g = c.get("/zones")
		g.refused(t, 429, 971)
		if got := g.Header.Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %q, want the half second rounded up", got)
		}
		time.Sleep(time.Second)
		g = c.get("/zones")
		if g.Status != 200 || g.Header.Get("Ratelimit") != `"default";r=1199;t=300` {
			t.Errorf("after five minutes: status %d, Ratelimit %q", g.Status, g.Header.Get("Ratelimit"))
		}
	})
}

func TestRateLimitCanBeSmaller(t *testing.T) {
	inBubble(t, func(t *testing.T, cf *Cloudflare, c client) {
		cf.LimitRate(2, time.Minute)
		for _, wait := range []time.Duration{0, time.Minute} { // a new window has a new quota
			time.Sleep(wait)
			c.get("/zones").into(t, &[]any{})
			c.get("/zones").into(t, &[]any{})
		}
		if g := c.get("/zones"); g.Status != 429 || g.Header.Get("Retry-After") != "60" || g.Header.Get("Ratelimit-Policy") != `"default";q=2;w=60` {
			t.Errorf("status %d, headers %v", g.Status, g.Header)
		}
	})
}

func TestRateIsToldButNotEnforcedUnasked(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *Cloudflare, c client) {
		var g got
		for range 1300 {
			g = c.get("/zones")
		}
		if g.Status != 200 || g.Header.Get("Ratelimit") != `"default";r=0;t=300` ||
			g.Header.Get("Ratelimit-Policy") != `"default";q=1200;w=300` || g.Header.Get("Retry-After") != "" {
			t.Errorf("status %d, headers %v", g.Status, g.Header)
		}
	})
}

func TestReadsAndWritesHaveTheirOwnLatency(t *testing.T) {
	inBubble(t, func(t *testing.T, cf *Cloudflare, c client) {
		z := cf.AddZone(Zone{Name: "example.org"})
		cf.SetOptions(Options{ReadLatency: 60 * time.Millisecond, WriteLatency: 120 * time.Millisecond})
		start := time.Now()
		c.get("/zones")
		if took := time.Since(start); took != 60*time.Millisecond {
			t.Errorf("a read took %v", took)
		}
		start = time.Now()
		c.do("POST", "/zones/"+z.ID+"/dns_records", `{"type":"A","name":"@","content":"9.9.9.9"}`)
		if took := time.Since(start); took != 120*time.Millisecond {
			t.Errorf("a write took %v", took)
		}
	})
}

func TestWriteThatTimesOutInItsSecondHalfHasHappened(t *testing.T) {
	inBubble(t, func(t *testing.T, cf *Cloudflare, c client) {
		z := cf.AddZone(Zone{Name: "example.org"})
		cf.SetOptions(Options{WriteLatency: 100 * time.Millisecond})
		for limit, want := range map[time.Duration]int{40 * time.Millisecond: 0, 60 * time.Millisecond: 1} {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			_, err := c.send(ctx, "POST", "/zones/"+z.ID+"/dns_records", `{"type":"A","name":"@","content":"9.9.9.9"}`)
			cancel()
			synctest.Wait()
			if n := len(cf.Records(z.ID)); err == nil || n != want {
				t.Errorf("given up after %v: error %v, %d records stored, want %d", limit, err, n, want)
			}
			for _, r := range cf.Records(z.ID) {
				cf.RemoveRecord(z.ID, r.ID)
			}
		}
	})
}
