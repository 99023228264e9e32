package sim

import (
	"fmt"
	"net/http"
	"time"
)

// Cloudflare's limit for one user or one account token, of 2026-04 (reference,
// section 1).
const (
	rateQuota  = 1200
	rateWindow = 5 * time.Minute
)

// rateLimiter counts calls in fixed windows. It always tells how many are left; it
// refuses only when enforced.
type rateLimiter struct {
	quota   int
	window  time.Duration
	enforce bool
	buckets map[string]bucket
}

type bucket struct {
	start        time.Time // of the window
	calls        int
	blockedUntil time.Time // until then every call is refused
}

func newRate() rateLimiter {
	return rateLimiter{quota: rateQuota, window: rateWindow, buckets: map[string]bucket{}}
}

// LimitRate starts to enforce a rate limit: the call after the quota of a
// window, and every call in the window's length after it, is refused with 429.
// Zeros mean Cloudflare's own numbers, 1,200 calls in 5 minutes.
func (c *Cloudflare) LimitRate(quota int, window time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rate = newRate()
	c.rate.enforce = true
	if quota > 0 {
		c.rate.quota = quota
	}
	if window > 0 {
		c.rate.window = window
	}
}

// countCall counts one call and says in the headers what is left.
func (r *rateLimiter) countCall(key string, now time.Time, h http.Header) *refusal {
	b := r.buckets[key]
	if now.Sub(b.start) >= r.window && !now.Before(b.blockedUntil) {
		b = bucket{start: now}
	}
	b.calls++
	if r.enforce && b.calls > r.quota && b.blockedUntil.IsZero() {
		b.blockedUntil = now.Add(r.window)
	}
	r.buckets[key] = b

	reset := max(b.start.Add(r.window).Sub(now), b.blockedUntil.Sub(now))
	h.Set("Ratelimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, r.quota, ceilSeconds(r.window)))
	h.Set("Ratelimit", fmt.Sprintf(`"default";r=%d;t=%d`, max(r.quota-b.calls, 0), ceilSeconds(reset)))
	if now.Before(b.blockedUntil) {
		h.Set("Retry-After", fmt.Sprint(ceilSeconds(b.blockedUntil.Sub(now))))
		return rateLimitRefusal()
	}
	return nil
}

func rateLimitRefusal() *refusal {
	return newRefusal(http.StatusTooManyRequests, 971, "Please wait and consider throttling your request speed")
}

// ceilSeconds rounds up, as the API does.
func ceilSeconds(d time.Duration) int { return int((max(d, 0) + time.Second - 1) / time.Second) }
