package cloudflare

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
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
	gate       gate
	calls      atomic.Int64
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
		got, f := c.once(ctx, r)
		if f == nil {
			return got, nil
		}
		f.judge(r.write(), r.gone)
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

// once makes one request.
func (c *client) once(ctx context.Context, r call) (info, *failure) {
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
	resp, err := c.http.Do(req)
	if err != nil {
		return info{}, c.lost(ctx, err, sent.Load())
	}
	defer hangUp(resp.Body)
	pause := c.gate.learn(resp.StatusCode, resp.Header, time.Now())
	e, f := c.read(ctx, r, resp)
	if f != nil {
		f.pause = pause
	}
	return e.Info, f
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
	c.credential.sign(req.Header)
	return req, nil
}

// read takes an answer apart.
func (c *client) read(ctx context.Context, r call, resp *http.Response) (envelope, *failure) {
	f := &failure{status: resp.StatusCode, sent: true}
	good := resp.StatusCode/100 == 2
	if resp.StatusCode/100 == 3 {
		f.detail = c.credential.clean(fmt.Sprintf("it redirects to %s, and homing follows nobody", host(resp)))
		return envelope{}, f
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" {
		f.detail = "a web page came instead of JSON"
		return envelope{}, f
	}
	result := r.result
	if !good || result == nil {
		result = skip
	}
	e, err := readEnvelope(httpx.Limit(resp.Body, cmp.Or(r.limit, ordinaryLimit)), result)
	c.credential.cleanAll(e.Messages)
	switch {
	case err != nil && ctx.Err() != nil:
		f.detail, f.context = c.detail(ctx, err), ctx.Err()
		return e, f
	case err != nil:
		f.detail = c.credential.clean("the answer cannot be read: " + err.Error())
		return e, f
	case good && e.ok() && (e.result || r.result == nil):
		return e, nil
	}
	if f.read, f.said = true, e.Messages; good && len(f.said) == 0 {
		f.detail = "the answer does not say that it worked"
	}
	return e, f
}

// lost is the failure of a call without an answer.
func (c *client) lost(ctx context.Context, err error, sent bool) *failure {
	return &failure{sent: sent, detail: c.detail(ctx, err), context: ctx.Err()}
}

// detail is a transport error, or the setting that ended it.
func (c *client) detail(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return context.Cause(ctx).Error()
	}
	return c.credential.clean(err.Error())
}

func host(resp *http.Response) string {
	if u, err := resp.Location(); err == nil {
		return u.Host
	}
	return "nowhere"
}

// hangUp reads a little more of an answer, so that its connection can be used
// again, and closes it.
func hangUp(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxDrained)
	_ = body.Close()
}

// isID says whether s can be an id of Cloudflare's, and so stand in a path.
func isID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
}
