package rest

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"
)

// Limit is where homing stops of its own accord, so that the host does not stop
// it: so many calls within any such time. Without Calls it never does.
type Limit struct {
	Host   string // its name in texts
	Calls  int
	Window time.Duration
	// Wait is how long a call waits for its turn at most; where it would be longer
	// it fails at once. For windows of a few seconds.
	Wait time.Duration
}

// Quota lets calls through, or says how long none may go out: because the host
// asked for a pause, because it takes no more for now, or by a Limit. It is for
// one credential, as the limits of hosts are.
type Quota struct {
	limit Limit

	mu     sync.Mutex
	closed time.Time   // the server asked for silence until then
	left   int         // calls it still takes until reset
	reset  time.Time   // zero: it did not say
	sent   []time.Time // the calls of the last window, ascending
}

// NewQuota makes one that lets calls through.
func NewQuota(l Limit) *Quota { return &Quota{limit: l} }

// Quotas keeps the quota of each credential: several clients that call with one
// keep to it together, and it outlives them, so that a reload does not begin to
// count anew. Its zero value is ready.
type Quotas[Credential comparable] struct {
	mu sync.Mutex
	of map[Credential]*Quota
}

// Of is the quota that all calls with c go through.
func (q *Quotas[Credential]) Of(c Credential, l Limit) *Quota {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.of[c] == nil {
		if q.of == nil {
			q.of = make(map[Credential]*Quota)
		}
		q.of[c] = NewQuota(l)
	}
	return q.of[c]
}

// pass counts a call that is about to go out; or says how long to wait, and why.
func (q *Quota) pass(now time.Time) (time.Duration, string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.sent) > 0 && now.Sub(q.sent[0]) >= q.limit.Window {
		q.sent = q.sent[1:]
	}
	switch {
	case now.Before(q.closed):
		return q.closed.Sub(now), q.limit.Host + " asked for a pause"
	case now.Before(q.reset) && q.left == 0:
		return q.reset.Sub(now), q.limit.Host + " takes no more calls for now"
	case q.limit.Calls > 0 && len(q.sent) >= q.limit.Calls:
		return q.sent[0].Add(q.limit.Window).Sub(now), fmt.Sprintf("%d calls went out within %s, and homing stops there so that %s does not", q.limit.Calls, q.limit.Window, q.limit.Host)
	}
	if now.Before(q.reset) {
		q.left--
	}
	if q.limit.Calls > 0 {
		q.sent = append(q.sent, now)
	}
	return 0, ""
}

// await is pass, once a turn came that is not far away.
func (q *Quota) await(ctx context.Context) (time.Duration, string) {
	for {
		wait, why := q.pass(time.Now())
		if wait == 0 || wait > q.limit.Wait || !Sleep(ctx, wait) {
			return wait, why
		}
	}
}

// Headroom is how many calls may go out at once.
func (q *Quota) Headroom(now time.Time) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.limit.Calls
	if n == 0 {
		n = math.MaxInt32
	}
	for _, at := range q.sent {
		if now.Sub(at) < q.limit.Window {
			n--
		}
	}
	if now.Before(q.reset) {
		n = min(n, q.left)
	}
	if now.Before(q.closed) {
		n = 0
	}
	return max(n, 0)
}

// count takes what an answer says for what is left. Answers to calls that were
// under way together come in any order, and know nothing of those that are
// under way still: until the reset none of them makes it more. The reset is
// told in whole seconds.
func (q *Quota) count(b budget, now time.Time) {
	reset := now.Add(b.reset)
	if now.Before(q.reset) && !reset.After(q.reset.Add(time.Second)) {
		b.left = min(b.left, q.left)
	}
	q.left, q.reset = b.left, reset
}

// hold lets nothing through for d.
func (q *Quota) hold(d time.Duration, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if until := now.Add(d); until.After(q.closed) {
		q.closed = until
	}
}

// learn takes note of what an answer says about limits. It returns how long
// the server asks to be left alone, when it refused the call for that.
func (q *Quota) learn(status int, h http.Header, now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := budgets(h.Values("Ratelimit"), h.Values("Ratelimit-Policy"))
	if len(all) > 0 {
		tight := all[0]
		for _, b := range all[1:] {
			if b.left < tight.left || (b.left == tight.left && b.reset > tight.reset) {
				tight = b
			}
		}
		q.count(tight, now)
	}
	if status != http.StatusTooManyRequests {
		return 0
	}
	pause := retryAfter(h.Get("Retry-After"), now)
	if pause == 0 && q.left == 0 {
		pause = max(q.reset.Sub(now), 0)
	}
	if until := now.Add(pause); until.After(q.closed) {
		q.closed = until
	}
	return pause
}
