package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
)

// Call is one thing to ask of an API.
type Call struct {
	What         string // for people: "list the zones"
	Method       string
	Path         string // below the base, escaped
	Query        url.Values
	Body         any                   // sent as JSON, unless it is a Document; nil sends none
	SecretBody   bool                  // the credential stands in the body, so that no log may show it
	Text         bool                  // the host answers with text, whatever type it says that is of
	XML          bool                  // it answers with XML
	Header       http.Header           // sent beside what every call carries; may be nil
	Limit        int64                 // bytes of the answer; 0: DefaultLimit
	NotFoundKind provider.Kind         // what it means that there is no such thing (404)
	ReadOnly     bool                  // it changes nothing although it is no GET, so it may be made again
	ExtraQuota   *Quota                // a further one that it is counted in; may be nil
	Result       func(io.Reader) error // reads an answer that it worked, anew each time; nil: it is not looked at
	// ExplainRefusal reads a refusal in the place of the client's; nil: that does.
	ExplainRefusal func(status int, body []byte) Refusal
}

// Document is a body that is not JSON.
type Document struct {
	Type    string // its media type
	Content []byte
}

// DefaultLimit is more than the answer to most calls has.
const DefaultLimit = 1 << 20

// maxDrained is how much is read off an unwanted answer, so that its connection
// can be used again.
const maxDrained = 64 << 10

func (r Call) isWrite() bool { return r.Method != http.MethodGet && !r.ReadOnly }

// formatName returns the format of the answer, for people.
func (r Call) formatName() string {
	if r.XML {
		return "XML"
	}
	return "JSON"
}

// encodeBody encodes the body of a request; the Document has no type if there is none.
func (r Call) encodeBody() (d Document, err error) {
	switch b := r.Body.(type) {
	case nil:
		return d, nil
	case Document:
		return b, nil
	}
	d.Type = "application/json"
	d.Content, err = json.Marshal(r.Body)
	return d, err
}

// Response is what a host says to a request. A redirect and a web page are none.
type Response struct {
	Status int
	Header http.Header
	Body   io.Reader // bounded, and at an end when nobody waits any more

	client *Client
	ctx    context.Context // of the request
}

// IsSuccess reports whether the status is 2xx.
func (a Response) IsSuccess() bool { return a.Status/100 == 2 }

// ReadFailure is the failure of an answer that cannot be read because of err. Where
// it was not the time that ended, detail is told instead of err, if there is one.
func (a Response) ReadFailure(err error, detail string) *Failure {
	if a.ctx.Err() != nil {
		return &Failure{Detail: context.Cause(a.ctx).Error(), CtxErr: a.ctx.Err()}
	}
	return &Failure{Detail: cmp.Or(detail, a.client.Sanitize("the answer cannot be read: "+err.Error()))}
}

// Send makes one request, signed by authorize, and lets read take the answer
// apart; what read returns is nil where the call did what it was to do. What a
// failure means is left to the caller.
func (c *Client) Send(ctx context.Context, r Call, authorize func(*http.Request), read func(Response) *Failure) *Failure {
	if ctx.Err() != nil {
		return c.transportFailure(ctx, ctx.Err(), false)
	}
	var sent atomic.Bool
	req, err := c.newRequest(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { sent.Store(true) }, // after that nobody can say for certain what went out
		WroteHeaders: func() { c.calls.Add(1) },
	}), r)
	if err != nil {
		return c.transportFailure(ctx, err, false)
	}
	if wait, why := c.acquireQuota(ctx, r.ExtraQuota); wait > 0 {
		return &Failure{QuotaReason: why, Pause: wait}
	}
	authorize(req)
	begun := time.Now()
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return c.transportFailure(ctx, err, sent.Load())
	}
	defer drainAndClose(resp.Body)
	c.clock.update(resp.Header.Get("Date"), begun, time.Now())
	f := c.readResponse(ctx, r, resp, read)
	pause := c.updateLimits(resp, f)
	if f != nil {
		f.Status, f.Sent, f.Pause = resp.StatusCode, true, max(f.Pause, pause)
	}
	return f
}

// acquireQuota lets a call out, after a wait if that is short; or returns how
// long to wait, and why.
func (c *Client) acquireQuota(ctx context.Context, further *Quota) (time.Duration, string) {
	if further == nil {
		return c.Quota.acquire(ctx)
	}
	if wait, why := further.acquire(ctx); wait > 0 {
		return wait, why
	}
	wait, why := c.Quota.acquire(ctx)
	if wait > 0 {
		further.releaseLast()
	}
	return wait, why
}

// readResponse lets read take an answer apart that may be the API's.
func (c *Client) readResponse(ctx context.Context, r Call, resp *http.Response, read func(Response) *Failure) *Failure {
	if resp.StatusCode/100 == 3 {
		return &Failure{Detail: c.Sanitize(fmt.Sprintf("it redirects to %s, and homing follows nobody", redirectTarget(resp)))}
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" && !r.Text {
		return &Failure{Detail: "a web page came instead of " + r.formatName()}
	}
	body := contextReader(ctx, httpx.Limit(resp.Body, cmp.Or(r.Limit, DefaultLimit)))
	return read(Response{resp.StatusCode, resp.Header, body, c, ctx})
}

// updateLimits takes note of what an answer says about limits, and returns how long it
// asks to wait. That a host is busy with something keeps no other call.
func (c *Client) updateLimits(resp *http.Response, f *Failure) time.Duration {
	now := time.Now()
	if c.ParseRemaining != nil {
		if n, reset, ok := c.ParseRemaining(resp.Header, now); ok {
			c.Quota.updateRemaining(rateBudget{n, min(max(reset, 0), maxPause)}, now)
		}
	}
	if f != nil && f.Busy {
		c.Quota.updateFromHeaders(http.StatusOK, resp.Header, now)
		return ParseRetryAfter(resp.Header.Get("Retry-After"), now)
	}
	return c.Quota.updateFromHeaders(resp.StatusCode, resp.Header, now)
}

func (c *Client) newRequest(ctx context.Context, r Call) (*http.Request, error) {
	address := c.Base + r.Path
	if len(r.Query) > 0 {
		address += "?" + r.Query.Encode()
	}
	sent, err := r.encodeBody()
	if err != nil {
		return nil, err
	}
	var body io.Reader
	if sent.Type != "" {
		body = bytes.NewReader(sent.Content)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, address, body)
	if err != nil {
		return nil, err
	}
	if !r.Text && !r.XML {
		req.Header.Set("Accept", "application/json")
	}
	if body != nil {
		req.Header.Set("Content-Type", sent.Type)
	}
	maps.Copy(req.Header, r.Header)
	if r.SecretBody {
		req.GetBody = nil // by which the log reads it
	}
	return req, nil
}

func redirectTarget(resp *http.Response) string {
	if u, err := resp.Location(); err == nil {
		return u.Host
	}
	return "nowhere"
}

// drainAndClose reads a little more of an answer, so that its connection can be used
// again, and closes it.
func drainAndClose(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxDrained)
	_ = body.Close()
}
