package rest

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// ours is a limit like Cloudflare's.
var ours = Limit{Host: "the host", Calls: 1000, Window: 5 * time.Minute}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"60": time.Minute, " 7 ": 7 * time.Second, "0": 0, "": 0, "-5": 0, "soon": 0, "1.5": 0,
		"4294967295":                        maxPause,
		"99999999999999999999":              maxPause,
		"Sat, 21 Nov 2026 12:00:30 GMT":     30 * time.Second,
		"Sat, 21 Nov 2026 11:00:00 GMT":     0,
		"Fri, 21 Nov 2036 12:00:00 GMT":     maxPause,
		"Sat, 21 Nov 2026 12:00:30 GMT, 60": 0,
	} {
		if got := ParseRetryAfter(in, now); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestRatelimitIsReadAsStructuredFields(t *testing.T) {
	for _, tt := range []struct {
		limit, policy string
		want          []rateBudget
	}{
		{`"default";r=50;t=30`, "", []rateBudget{{50, 30 * time.Second}}},
		{`"default";t=30;r=0`, `"burst";q=100;w=60`, []rateBudget{{0, 30 * time.Second}}},
		{`"a";r=1;t=2, "b";r=3;t=4`, "", []rateBudget{{1, 2 * time.Second}, {3, 4 * time.Second}}},
		{`"a;r=9;t=9";r=1;t=2`, "", []rateBudget{{1, 2 * time.Second}}},
		{`"a,b\"";r=1;t=2`, "", []rateBudget{{1, 2 * time.Second}}},
		{`default; r=1; t=2`, "", []rateBudget{{1, 2 * time.Second}}},
		{`"burst";r=0`, `"burst";q=100;w=60`, []rateBudget{{0, time.Minute}}},
		{`"default";r=0;t=99999999999`, "", []rateBudget{{0, maxPause}}},
		{`"default";r=99999999999;t=5000`, "", []rateBudget{{math.MaxInt32, maxPause}}},
		{`"burst";r=0`, `"burst";q=100;w=99999999999`, []rateBudget{{0, maxPause}}},
		{`"burst";r=0`, `"other";q=100;w=60`, nil},
		{`"a";r=-1;t=2`, "", nil},
		{`"a";t=2`, "", nil},
		{`"a";r=0;t=2147483647`, "", []rateBudget{{0, maxPause}}},
		{`"unfinished;r=0;t=9`, "", nil},
		{"", "", nil},
	} {
		if got := parseRateLimit([]string{tt.limit}, []string{tt.policy}); !slices.Equal(got, tt.want) {
			t.Errorf("%s | %s: %v, want %v", tt.limit, tt.policy, got, tt.want)
		}
	}
}

// Whatever a server sends, a pause is bounded and no budget is negative.
func FuzzRateLimitHeaders(f *testing.F) {
	f.Add(`"default";r=50;t=30`, `"burst";q=100;w=60`, "60")
	f.Add(`"a";r=0;t=1, b;r=2`, `b;w=9`, "Sat, 21 Nov 2026 12:00:30 GMT")
	f.Add(`"\";;==,`, `"`, "-1")
	f.Fuzz(func(t *testing.T, limit, policy, after string) {
		now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		for _, b := range parseRateLimit([]string{limit}, []string{policy}) {
			if b.remaining < 0 || b.reset < 0 || b.reset > maxPause {
				t.Errorf("%q: %+v", limit, b)
			}
		}
		if d := ParseRetryAfter(after, now); d < 0 || d > maxPause {
			t.Errorf("%q: %s", after, d)
		}
		g := NewQuota(ours)
		h := http.Header{"Ratelimit": {limit}, "Ratelimit-Policy": {policy}, "Retry-After": {after}}
		g.updateFromHeaders(http.StatusTooManyRequests, h, now)
		if wait, _ := g.tryAcquire(now.Add(maxPause)); wait > 0 {
			t.Errorf("%q %q %q: closed for %s more after %s", limit, policy, after, wait, maxPause)
		}
		if n := len(parseHeaderList([]string{limit})); n > maxHeaderItems {
			t.Errorf("%d members were read", n)
		}
		if joined := strings.Join(splitUnquoted(limit, ','), ","); joined != limit {
			t.Errorf("cut lost something: %q, %q", limit, joined)
		}
	})
}

func TestNoCallGoesOutBeforeThePauseIsOver(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		status int
		header http.Header
		want   time.Duration
	}{
		{"Retry-After", 429, http.Header{"Retry-After": {"300"}}, 5 * time.Minute},
		{"nothing left", 200, http.Header{"Ratelimit": {`"default";r=0;t=30`}}, 30 * time.Second},
		{"nothing left of one of two", 200, http.Header{"Ratelimit": {`"a";r=9;t=90, "b";r=0;t=30`}}, 30 * time.Second},
		{"nothing left, in two lines", 200, http.Header{"Ratelimit": {`"a";r=9;t=90`, `"b";r=0;t=30`}}, 30 * time.Second},
		{"429 that only says when the limit ends", 429, http.Header{"Ratelimit": {`"default";r=0;t=30`}}, 30 * time.Second},
		{"429 that says nothing", 429, http.Header{}, 0},
		{"plenty left", 200, http.Header{"Ratelimit": {`"default";r=9;t=30`}}, 0},
		{"Retry-After of a success", 200, http.Header{"Retry-After": {"300"}}, 0},
	} {
		g := NewQuota(ours)
		g.updateFromHeaders(tt.status, tt.header, now)
		if got, _ := g.tryAcquire(now); got != tt.want {
			t.Errorf("%s: closed for %s, want %s", tt.name, got, tt.want)
		}
		if got, _ := g.tryAcquire(now.Add(tt.want)); got != 0 {
			t.Errorf("%s: still closed for %s", tt.name, got)
		}
	}
}

func TestCallsAtOnceDoNotOverdrawWhatIsLeft(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	g := NewQuota(ours)
	g.updateFromHeaders(200, http.Header{"Ratelimit": {`"default";r=2;t=30`}}, now)
	for i, want := range []time.Duration{0, 0, 30 * time.Second} {
		if got, _ := g.tryAcquire(now); got != want {
			t.Errorf("call %d: closed for %s, want %s", i+1, got, want)
		}
	}
}

func TestAnswersOutOfOrderDoNotOverdrawWhatIsLeft(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	g := NewQuota(ours)
	said := func(r string, after time.Duration) {
		g.updateFromHeaders(200, http.Header{"Ratelimit": {r}}, now.Add(after))
	}
	said(`"default";r=2;t=30`, 0)
	for range 2 {
		g.tryAcquire(now)
	}
	said(`"default";r=0;t=30`, 400*time.Millisecond)
	said(`"default";r=1;t=30`, 600*time.Millisecond) // to the call before
	if got, _ := g.tryAcquire(now.Add(time.Second)); got == 0 {
		t.Error("a third call went out, and two were left")
	}
	said(`"default";r=9;t=30`, 31*time.Second)
	if got, _ := g.tryAcquire(now.Add(31 * time.Second)); got != 0 {
		t.Errorf("after the reset it is closed for %s", got)
	}
}

func TestAnEarlierPauseIsNotShortenedByALaterAnswer(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	g := NewQuota(ours)
	g.updateFromHeaders(429, http.Header{"Retry-After": {"300"}}, now)
	g.updateFromHeaders(429, http.Header{"Retry-After": {"1"}}, now)
	g.updateFromHeaders(200, http.Header{"Ratelimit": {`"default";r=9;t=30`}}, now)
	if got, _ := g.tryAcquire(now); got != 5*time.Minute {
		t.Errorf("closed for %s, want 5m", got)
	}
}

func TestAProcessStopsBeforeTheHostStopsIt(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	g := NewQuota(ours)
	for i := range ours.Calls {
		if wait, _ := g.tryAcquire(now.Add(time.Duration(i) * 100 * time.Millisecond)); wait != 0 {
			t.Fatalf("call %d has to wait %s", i+1, wait)
		}
	}
	later := now.Add(100 * time.Second)
	if wait, _ := g.tryAcquire(later); wait != 200*time.Second {
		t.Errorf("the wait is %s, want until the first call is five minutes old", wait)
	}
	if wait, _ := g.tryAcquire(now.Add(ours.Window)); wait != 0 {
		t.Errorf("the window does not slide: %s", wait)
	}
	if wait, _ := g.tryAcquire(now.Add(ours.Window)); wait != 100*time.Millisecond {
		t.Errorf("one place was free, and a second call has to wait %s", wait)
	}
}
