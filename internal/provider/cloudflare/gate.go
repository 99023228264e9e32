package cloudflare

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Cloudflare allows 1,200 calls in five minutes to a user, dashboard included,
// and refuses everything for five minutes after that (its docs, 2026-04). One
// process stops before.
const (
	windowCalls = 1000
	window      = 5 * time.Minute
	blocked     = window
)

// gate lets calls through, or says how long none may go out. The limits are of
// a credential, so all zones share one. Its zero value is open.
type gate struct {
	mu     sync.Mutex
	closed time.Time   // the server asked for silence until then
	left   int         // calls it still takes until reset
	reset  time.Time   // zero: it did not say
	sent   []time.Time // the calls of the last window, ascending
}

// pass counts a call that is about to go out; or says how long to wait, and why.
func (g *gate) pass(now time.Time) (time.Duration, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.sent) > 0 && now.Sub(g.sent[0]) >= window {
		g.sent = g.sent[1:]
	}
	switch {
	case now.Before(g.closed):
		return g.closed.Sub(now), "Cloudflare asked for a pause"
	case now.Before(g.reset) && g.left == 0:
		return g.reset.Sub(now), "Cloudflare takes no more calls for now"
	case len(g.sent) >= windowCalls:
		return g.sent[0].Add(window).Sub(now), fmt.Sprintf("%d calls went out within %s, and homing stops there so that Cloudflare does not", windowCalls, window)
	}
	if now.Before(g.reset) {
		g.left--
	}
	g.sent = append(g.sent, now)
	return 0, ""
}

// headroom is how many calls may go out at once.
func (g *gate) headroom(now time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := windowCalls
	for _, at := range g.sent {
		if now.Sub(at) < window {
			n--
		}
	}
	if now.Before(g.reset) {
		n = min(n, g.left)
	}
	if now.Before(g.closed) {
		n = 0
	}
	return max(n, 0)
}

// count takes what an answer says for what is left. Answers to calls that were
// under way together come in any order, and know nothing of those that are
// under way still: until the reset none of them makes it more. The reset is
// told in whole seconds.
func (g *gate) count(b budget, now time.Time) {
	reset := now.Add(b.reset)
	if now.Before(g.reset) && !reset.After(g.reset.Add(time.Second)) {
		b.left = min(b.left, g.left)
	}
	g.left, g.reset = b.left, reset
}

// hold lets nothing through for d.
func (g *gate) hold(d time.Duration, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := now.Add(d); until.After(g.closed) {
		g.closed = until
	}
}

// learn takes note of what an answer says about limits. It returns how long
// the server asks to be left alone, when it refused the call for that.
func (g *gate) learn(status int, h http.Header, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := budgets(h.Values("Ratelimit"), h.Values("Ratelimit-Policy"))
	if len(all) > 0 {
		tight := all[0]
		for _, b := range all[1:] {
			if b.left < tight.left || (b.left == tight.left && b.reset > tight.reset) {
				tight = b
			}
		}
		g.count(tight, now)
	}
	if status != http.StatusTooManyRequests {
		return 0
	}
	pause := retryAfter(h.Get("Retry-After"), now)
	if pause == 0 && g.left == 0 {
		pause = max(g.reset.Sub(now), 0)
	}
	if until := now.Add(pause); until.After(g.closed) {
		g.closed = until
	}
	return pause
}
