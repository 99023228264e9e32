package rest

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"
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
	// Spare is how few may be left before those are spread over the time for which
	// they have to do. 0: they all go out at once.
	Spare int
	What  string // the calls that are counted: "changes of example.org"; empty: "calls"
}

// Quota lets calls through, or says how long none may go out: because the host
// asked for a pause, because it takes no more for now, or by a Limit. It is for
// one credential, as the limits of hosts are.
type Quota struct {
	limits   []Limit
	longest  time.Duration // of their windows
	patience time.Duration // how long a call waits at most

	mu     sync.Mutex
	closed time.Time   // the server asked for silence until then
	left   int         // calls it still takes until reset
	reset  time.Time   // zero: it did not say
	sent   []time.Time // the calls of the longest window, ascending
}

// NewQuota makes one that lets calls through, by one limit or by several at once;
// by one without Calls where there is none.
func NewQuota(limits ...Limit) *Quota {
	q := &Quota{limits: limits}
	for _, l := range limits {
		if l.Calls > 0 {
			q.longest = max(q.longest, l.Window)
		}
		q.patience = max(q.patience, l.Wait)
	}
	return q
}

// Quotas keeps the quota of each credential: several clients that call with one
// keep to it together, and it outlives them, so that a reload does not begin to
// count anew. Its zero value is ready.
type Quotas[Credential comparable] struct {
	mu sync.Mutex
	of map[Credential]*Quota
}

// Of is the quota that all calls with c go through.
func (q *Quotas[Credential]) Of(c Credential, l ...Limit) *Quota {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.of[c] == nil {
		if q.of == nil {
			q.of = make(map[Credential]*Quota)
		}
		q.of[c] = NewQuota(l...)
	}
	return q.of[c]
}

// pass counts a call that is about to go out; or says how long to wait, and why.
func (q *Quota) pass(now time.Time) (time.Duration, string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if wait, why := q.closedFor(now); wait > 0 {
		return wait, why
	}
	if now.Before(q.reset) {
		q.left--
	}
	if q.longest > 0 {
		q.sent = append(q.sent, now)
	}
	return 0, ""
}

// await is pass, once a turn came that is not far away.
func (q *Quota) await(ctx context.Context) (time.Duration, string) {
	for {
		wait, why := q.pass(time.Now())
		if wait == 0 || wait > q.patience || !Sleep(ctx, wait) {
			return wait, why
		}
	}
}

// back takes back the call that pass counted last, which did not go out.
func (q *Quota) back() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent = q.sent[:max(len(q.sent)-1, 0)]
}

// closedFor is how long no call may go out, and why.
func (q *Quota) closedFor(now time.Time) (time.Duration, string) {
	for len(q.sent) > 0 && now.Sub(q.sent[0]) >= q.longest {
		q.sent = q.sent[1:]
	}
	switch {
	case now.Before(q.closed):
		return q.closed.Sub(now), q.limits[0].Host + " asked for a pause"
	case now.Before(q.reset) && q.left == 0:
		return q.reset.Sub(now), q.limits[0].Host + " takes no more calls for now"
	}
	for _, l := range q.limits {
		if wait, why := l.closedFor(q.sent, now); wait > 0 {
			return wait, why
		}
	}
	return 0, ""
}

// within is those of the calls that are in the window of a limit.
func (l Limit) within(sent []time.Time, now time.Time) []time.Time {
	for len(sent) > 0 && now.Sub(sent[0]) >= l.Window {
		sent = sent[1:]
	}
	return sent
}

// closedFor is how long a limit lets none out, after these, and why.
func (l Limit) closedFor(sent []time.Time, now time.Time) (time.Duration, string) {
	if l.Calls == 0 {
		return 0, ""
	}
	sent = l.within(sent, now)
	n := len(sent)
	if n >= l.Calls {
		return sent[0].Add(l.Window).Sub(now), l.spent()
	}
	if left := l.Calls - n; n > 0 && left <= l.Spare {
		over := sent[0].Add(l.Window).Sub(now)
		if wait := sent[n-1].Add(over / time.Duration(left)).Sub(now); wait > 0 {
			return wait, l.leftUntil(sent) + ", so they are spread over that time"
		}
	}
	return 0, ""
}

// leftUntil is how many are left after these, of which there are some, and until
// when: "40 of 300 changes of example.org are left until 14:05".
func (l Limit) leftUntil(sent []time.Time) string {
	return fmt.Sprintf("%d of %d %s are left until %s", l.Calls-len(sent), l.Calls, cmp.Or(l.What, "calls"), sent[0].Add(l.Window).Format("15:04"))
}

// room is how long it takes until n calls may go out at once, and why not now.
func (q *Quota) room(now time.Time, n int) (time.Duration, string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.limits {
		if l.Calls == 0 {
			continue
		}
		sent := l.within(q.sent, now)
		if over := len(sent) + min(n, l.Calls) - l.Calls; over > 0 {
			return sent[over-1].Add(l.Window).Sub(now), l.spent()
		}
	}
	return 0, ""
}

// spent is why no more calls go out.
func (l Limit) spent() string {
	return fmt.Sprintf("%d %s went out within %s, and homing stops there so that %s does not", l.Calls, cmp.Or(l.What, "calls"), span(l.Window), l.Host)
}

// Scarce is what few calls are left of, in words; empty while there are more than
// each limit spares.
func (q *Quota) Scarce(now time.Time) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.limits {
		if sent := l.within(q.sent, now); l.Spare > 0 && len(sent) > 0 && l.Calls-len(sent) <= l.Spare {
			return l.leftUntil(sent)
		}
	}
	return ""
}

// span is a duration for people: 24h, not 24h0m0s.
func span(d time.Duration) string {
	if d < time.Hour {
		return d.String()
	}
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// Headroom is how many calls may go out at once.
func (q *Quota) Headroom(now time.Time) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := math.MaxInt32
	for _, l := range q.limits {
		if l.Calls > 0 {
			n = min(n, l.Calls-len(l.within(q.sent, now)))
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

// tell takes what an answer said for what is left.
func (q *Quota) tell(b budget, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count(b, now)
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
	pause := RetryAfter(h.Get("Retry-After"), now)
	if pause == 0 && q.left == 0 {
		pause = max(q.reset.Sub(now), 0)
	}
	if until := now.Add(pause); until.After(q.closed) {
		q.closed = until
	}
	return pause
}
