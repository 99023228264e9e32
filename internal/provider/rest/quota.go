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
	// MaxWait is how long a call waits for its turn at most; where it would be longer
	// it fails at once. For windows of a few seconds.
	MaxWait time.Duration
	// SpreadBelow is how few may be left before those are spread over the time for which
	// they have to do. 0: they all go out at once.
	SpreadBelow int
	What        string // the calls that are counted: "changes of example.org"; empty: "calls"
}

// Quota lets calls through, or says how long none may go out: because the host
// asked for a pause, because it takes no more for now, or by a Limit. It is for
// one credential, as the limits of hosts are.
type Quota struct {
	limits        []Limit
	longestWindow time.Duration // of their windows
	maxWait       time.Duration // how long a call waits at most

	mu          sync.Mutex
	closedUntil time.Time   // the server asked for silence until then
	remaining   int         // calls it still takes until reset
	reset       time.Time   // zero: it did not say
	sentAt      []time.Time // the calls of the longest window, ascending
}

// NewQuota makes one that lets calls through, by one limit or by several at once;
// by one without Calls where there is none.
func NewQuota(limits ...Limit) *Quota {
	q := &Quota{limits: limits}
	for _, l := range limits {
		if l.Calls > 0 {
			q.longestWindow = max(q.longestWindow, l.Window)
		}
		q.maxWait = max(q.maxWait, l.MaxWait)
	}
	return q
}

// Quotas keeps the quota of each credential: several clients that call with one
// keep to it together, and it outlives them, so that a reload does not begin to
// count anew. Its zero value is ready.
type Quotas[Credential comparable] struct {
	mu           sync.Mutex
	byCredential map[Credential]*Quota
}

// For returns the quota that all calls with c go through.
func (q *Quotas[Credential]) For(c Credential, l ...Limit) *Quota {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.byCredential[c] == nil {
		if q.byCredential == nil {
			q.byCredential = make(map[Credential]*Quota)
		}
		q.byCredential[c] = NewQuota(l...)
	}
	return q.byCredential[c]
}

// tryAcquire counts a call that is about to go out, or returns how long to wait, and why.
func (q *Quota) tryAcquire(now time.Time) (time.Duration, string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if wait, why := q.waitTime(now); wait > 0 {
		return wait, why
	}
	if now.Before(q.reset) {
		q.remaining--
	}
	if q.longestWindow > 0 {
		q.sentAt = append(q.sentAt, now)
	}
	return 0, ""
}

// acquire is like tryAcquire, but waits for a turn that is not far away.
func (q *Quota) acquire(ctx context.Context) (time.Duration, string) {
	for {
		wait, why := q.tryAcquire(time.Now())
		if wait == 0 || wait > q.maxWait || !Sleep(ctx, wait) {
			return wait, why
		}
	}
}

// releaseLast takes back the call that was counted last, which did not go out.
func (q *Quota) releaseLast() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sentAt = q.sentAt[:max(len(q.sentAt)-1, 0)]
}

// waitTime returns how long no call may go out, and why.
func (q *Quota) waitTime(now time.Time) (time.Duration, string) {
	for len(q.sentAt) > 0 && now.Sub(q.sentAt[0]) >= q.longestWindow {
		q.sentAt = q.sentAt[1:]
	}
	switch {
	case now.Before(q.closedUntil):
		return q.closedUntil.Sub(now), q.limits[0].Host + " asked for a pause"
	case now.Before(q.reset) && q.remaining == 0:
		return q.reset.Sub(now), q.limits[0].Host + " takes no more calls for now"
	}
	for _, l := range q.limits {
		if wait, why := l.waitTime(q.sentAt, now); wait > 0 {
			return wait, why
		}
	}
	return 0, ""
}

// inWindow returns the calls that are in the window of a limit.
func (l Limit) inWindow(sent []time.Time, now time.Time) []time.Time {
	for len(sent) > 0 && now.Sub(sent[0]) >= l.Window {
		sent = sent[1:]
	}
	return sent
}

// waitTime returns how long a limit lets no call out after these, and why.
func (l Limit) waitTime(sent []time.Time, now time.Time) (time.Duration, string) {
	if l.Calls == 0 {
		return 0, ""
	}
	sent = l.inWindow(sent, now)
	n := len(sent)
	if n >= l.Calls {
		return sent[0].Add(l.Window).Sub(now), l.describeExhausted()
	}
	if left := l.Calls - n; n > 0 && left <= l.SpreadBelow {
		over := sent[0].Add(l.Window).Sub(now)
		if wait := sent[n-1].Add(over / time.Duration(left)).Sub(now); wait > 0 {
			return wait, l.describeRemaining(sent) + ", so they are spread over that time"
		}
	}
	return 0, ""
}

// describeRemaining returns how many are left after these, of which there are some, and until
// when: "40 of 300 changes of example.org are left until 14:05".
func (l Limit) describeRemaining(sent []time.Time) string {
	return fmt.Sprintf("%d of %d %s are left until %s", l.Calls-len(sent), l.Calls, cmp.Or(l.What, "calls"), sent[0].Add(l.Window).Format("15:04"))
}

// waitTimeFor returns how long it takes until n calls may go out at once, and why not now.
func (q *Quota) waitTimeFor(now time.Time, n int) (time.Duration, string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.limits {
		if l.Calls == 0 {
			continue
		}
		sent := l.inWindow(q.sentAt, now)
		if over := len(sent) + min(n, l.Calls) - l.Calls; over > 0 {
			return sent[over-1].Add(l.Window).Sub(now), l.describeExhausted()
		}
	}
	return 0, ""
}

// describeExhausted says why no more calls go out.
func (l Limit) describeExhausted() string {
	return fmt.Sprintf("%d %s went out within %s, and homing stops there so that %s does not", l.Calls, cmp.Or(l.What, "calls"), formatDuration(l.Window), l.Host)
}

// DescribeIfScarce describes how few calls are left; empty while there are more than
// each limit spares.
func (q *Quota) DescribeIfScarce(now time.Time) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.limits {
		if sent := l.inWindow(q.sentAt, now); l.SpreadBelow > 0 && len(sent) > 0 && l.Calls-len(sent) <= l.SpreadBelow {
			return l.describeRemaining(sent)
		}
	}
	return ""
}

// formatDuration writes a duration for people: 24h, not 24h0m0s.
func formatDuration(d time.Duration) string {
	if d < time.Hour {
		return d.String()
	}
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// Headroom returns how many calls may go out at once.
func (q *Quota) Headroom(now time.Time) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := math.MaxInt32
	for _, l := range q.limits {
		if l.Calls > 0 {
			n = min(n, l.Calls-len(l.inWindow(q.sentAt, now)))
		}
	}
	if now.Before(q.reset) {
		n = min(n, q.remaining)
	}
	if now.Before(q.closedUntil) {
		n = 0
	}
	return max(n, 0)
}

// setRemaining sets how many calls remain, as an answer says. Answers to calls that were
// under way together come in any order, and know nothing of those that are
// under way still: until the reset none of them makes it more. The reset is
// told in whole seconds.
func (q *Quota) setRemaining(b rateBudget, now time.Time) {
	reset := now.Add(b.reset)
	if now.Before(q.reset) && !reset.After(q.reset.Add(time.Second)) {
		b.remaining = min(b.remaining, q.remaining)
	}
	q.remaining, q.reset = b.remaining, reset
}

// updateRemaining sets how many calls remain, as an answer said.
func (q *Quota) updateRemaining(b rateBudget, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.setRemaining(b, now)
}

// pauseFor lets no call through for d.
func (q *Quota) pauseFor(d time.Duration, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if until := now.Add(d); until.After(q.closedUntil) {
		q.closedUntil = until
	}
}

// updateFromHeaders reads what an answer says about limits. It returns how long
// the server asks to be left alone, when it refused the call for that.
func (q *Quota) updateFromHeaders(status int, h http.Header, now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := parseRateLimit(h.Values("Ratelimit"), h.Values("Ratelimit-Policy"))
	if len(all) > 0 {
		tight := all[0]
		for _, b := range all[1:] {
			if b.remaining < tight.remaining || (b.remaining == tight.remaining && b.reset > tight.reset) {
				tight = b
			}
		}
		q.setRemaining(tight, now)
	}
	if status != http.StatusTooManyRequests {
		return 0
	}
	pause := ParseRetryAfter(h.Get("Retry-After"), now)
	if pause == 0 && q.remaining == 0 {
		pause = max(q.reset.Sub(now), 0)
	}
	if until := now.Add(pause); until.After(q.closedUntil) {
		q.closedUntil = until
	}
	return pause
}
