package cloudflare

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
)

// client makes calls. It is safe for concurrent use.
type client struct {
	http       *httpx.Client
	base       string
	credential Credential
	timeout    time.Duration
	gate       *gate
	clock      clock
	calls      atomic.Int64
	moved      atomic.Pointer[moved] // from the token to the key; nil: not yet
	compared   atomic.Bool           // the key was asked which zones it sees
}

// call is one thing to ask of the API.
type call struct {
	what   string // for people: "list the zones"
	method string
	path   string // below the base, escaped
	query  url.Values
	body   any                       // sent as JSON; nil sends none
	limit  int64                     // bytes of the answer; 0: ordinaryLimit
	gone   provider.Kind             // what a 404 without a code means
	lists  bool                      // it is about IP lists, where codes mean something else
	spare  bool                      // homing can do without it, so the key is not tried where the token has no permission
	key    bool                      // it is to carry the Global API key, whatever the others carry
	result func(*json.Decoder) error // takes the result; starts anew each time it is called; nil: not looked at
}

const (
	ordinaryLimit = 1 << 20
	maxRepeats    = 2
	firstPause    = 250 * time.Millisecond // before the first repetition; four times as long before the second
	maxDrained    = 64 << 10               // read off an unwanted answer, so that its connection can be used again
)

func (r call) write() bool { return r.method != http.MethodGet }

// do makes a call. Only a GET is made again, at most twice and within the
// timeout: what a write without an answer has done is for the caller to find
// out. (Beside that net/http sends a GET once more when the connection it wanted
// to use again turns out to be closed.)
func (c *client) do(ctx context.Context, r call) (info, *provider.Error) {
	if r.write() && ctx.Err() == nil {
		var done context.CancelFunc
		ctx, done = provider.Linger(ctx)
		defer done()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, &tooSlow{c.timeout})
	defer cancel()
	pause := firstPause
	for n := 0; ; n++ {
		got, f := c.try(ctx, r)
		if f == nil {
			return got, nil
		}
		wait, again := f.again(r, pause)
		deadline, _ := ctx.Deadline()
		if !again || n == maxRepeats || time.Until(deadline) <= wait || !sleep(ctx, wait) {
			return info{}, f.explain(r.what)
		}
		pause *= 4
	}
}

// again says whether a call is worth repeating, and after how long.
func (f *failure) again(r call, pause time.Duration) (time.Duration, bool) {
	if r.write() || f.closed != "" {
		return 0, false
	}
	switch f.verdict.kind {
	case provider.Throttled:
		return f.pause, f.pause > 0
	case provider.Unavailable:
		return max(f.pause, pause), f.status == 0 || f.status >= 500 || f.status < 300
	}
	return 0, false
}

// once makes one request with this credential.
func (c *client) once(ctx context.Context, r call, with Credential) (info, *failure) {
	if ctx.Err() != nil {
		return info{}, c.lost(ctx, ctx.Err(), false)
	}
	var sent atomic.Bool
	req, err := c.request(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { sent.Store(true) }, // after that nobody can say for certain what went out
		WroteHeaders: func() { c.calls.Add(1) },
	}), r)
	if err != nil {
		return info{}, c.lost(ctx, err, false)
	}
	if wait, why := c.gate.pass(time.Now()); wait > 0 {
		return info{}, &failure{closed: why, pause: wait}
	}
	with.sign(req.Header)
	begun := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return info{}, c.lost(ctx, err, sent.Load())
	}
	defer hangUp(resp.Body)
	c.clock.learn(resp.Header.Get("Date"), begun, time.Now())
	e, f := c.read(ctx, r, resp)
	pause := c.limits(r, resp, f)
	if f != nil {
		f.pause = pause
	}
	return e.Info, f
}

// limits takes note of what an answer says about limits, and returns how long
// it asks to wait. That the lists of an account are busy keeps no other call.
func (c *client) limits(r call, resp *http.Response, f *failure) time.Duration {
	now := time.Now()
	if r.lists && f.busy() {
		c.gate.learn(http.StatusOK, resp.Header, now)
		return retryAfter(resp.Header.Get("Retry-After"), now)
	}
	return c.gate.learn(resp.StatusCode, resp.Header, now)
}

func (c *client) request(ctx context.Context, r call) (*http.Request, error) {
	address := c.base + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}
