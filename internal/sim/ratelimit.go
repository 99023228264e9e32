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

// rate counts calls in fixed windows. It always tells how many are left; it
// refuses only when enforced.
type rate struct {
	quota   int
	window  time.Duration
	enforce bool
	buckets map[string]bucket
}

type bucket struct {
	start   time.Time // of the window
	calls   int
	blocked time.Time // until then every call is refused
}

func newRate() rate {
	return rate{quota: rateQuota, window: rateWindow, buckets: map[string]bucket{}}
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

// count counts one call and says in the headers what is left.
func (r *rate) count(key string, now time.Time, h http.Header) *refusal {
	b := r.buckets[key]
	if now.Sub(b.start) >= r.window && !now.Before(b.blocked) {
		b = bucket{start: now}
	}
	b.calls++
	if r.enforce && b.calls > r.quota && b.blocked.IsZero() {
		b.blocked = now.Add(r.window)
	}
	r.buckets[key] = b

	reset := max(b.start.Add(r.window).Sub(now), b.blocked.Sub(now))
	h.Set("Ratelimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, r.quota, seconds(r.window)))
	h.Set("Ratelimit", fmt.Sprintf(`"default";r=%d;t=%d`, max(r.quota-b.calls, 0), seconds(reset)))
	if now.Before(b.blocked) {
		h.Set("Retry-After", fmt.Sprint(seconds(b.blocked.Sub(now))))
		return tooMany()
	}
	return nil
}

func tooMany() *refusal {
	return refuse(http.StatusTooManyRequests, 971, "Please wait and consider throttling your request speed")
}

// seconds rounds up, as the API does.
func seconds(d time.Duration) int { return int((max(d, 0) + time.Second - 1) / time.Second) }
