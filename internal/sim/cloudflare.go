// Package sim is a simulated Cloudflare and a simulated home connection, both
// spoken to over real HTTP. It holds state and real constraints, so that the
// unmodified engine and provider can be tested against it and `homing demo`
// can run without an account and without a network. What the real API is known
// to do is in reference/cloudflare-api.md; where a number here is only a guess,
// the line says so.
package sim

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// Cloudflare is the part of Cloudflare's API v4 that is about DNS and custom
// lists, under /client/v4. It is
// safe for concurrent use. Methods that name a zone take its id or its name,
// and panic when there is none: that is a mistake in the test.
type Cloudflare struct {
	mu      sync.Mutex
	options Options
	zones   []*zone
	lists   []*list
	tokens  []*Token
	keys    map[string]string // Global key by e-mail address
	idsMade int               // ids given out
	calls   []*Call
	rate    rateLimiter

	operations []*operation

	faultMu sync.Mutex // apart from mu, so that a matcher may look at the simulator
	faults  []*activeFault
}

// Options is how a simulated API answers. The zero value answers at once, in
// the present style.
type Options struct {
	ReadLatency  time.Duration // of a GET: half before it is served, half after
	WriteLatency time.Duration // of every other call

	Pointers bool // a refused batch says in source.pointer which entry it was
	Chains   bool // validation errors come as code 1004 with an error_chain, as before 2025

	ZonePage   int // the most zones a page; 0 means 50
	RecordPage int // the most records a page; 0 means 5,000
	ListPage   int // the most lists a page; 0 means that there are no pages
	ItemPage   int // the most items a page; 0 means 500

	ListDelay   time.Duration // from the acceptance of a change of items until it is made
	ListFailure string        // why changes of items fail after they were accepted; empty: they do not

	ClockAhead time.Duration // of the real clock is what Date says
}

// NewCloudflare makes an API with no zones that knows no credential.
func NewCloudflare() *Cloudflare {
	return &Cloudflare{keys: map[string]string{}, rate: newRate()}
}

// SetOptions changes how calls that begin from now on are answered.
func (c *Cloudflare) SetOptions(o Options) {
	c.mu.Lock()
	c.options = o
	c.mu.Unlock()
}

const maxBody = 16 << 20 // bytes of a request; far beyond the largest batch

func (c *Cloudflare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.serveWithFaults(w, r, c.handleCall)
}

// serveWithFaults has a call carried out by serve, with the latency and the faults there are.
func (c *Cloudflare) serveWithFaults(w http.ResponseWriter, r *http.Request, carryOut func(*http.Request, []byte, func(*Record)) response) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // the client left while it was still talking
	}
	call, latency := c.recordCall(r, body)
	w = &statusRecorder{ResponseWriter: w, onStatus: func(status int) { c.setStatus(call, status) }}
	fault := c.takeFault(*call)
	if !waitOrGone(r.Context(), latency/2) {
		return
	}
	serve := func(w http.ResponseWriter) {
		answer := carryOut(r, body, fault.tamper)
		if waitOrGone(r.Context(), latency-latency/2) {
			answer.writeTo(w)
		}
	}
	if fault.handler == nil {
		serve(w)
		return
	}
	fault.handler(w, r, serve)
}

// response is a whole HTTP answer, ready to be sent, lost or cut short.
type response struct {
	status int
	header http.Header
	body   []byte
}

func (a response) writeTo(w http.ResponseWriter) {
	for k, vs := range a.header {
		w.Header()[k] = vs
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // an error means that nobody listens any more
}

// handleCall carries out one call.
func (c *Cloudflare) handleCall(r *http.Request, body []byte, store func(*Record)) response {
	header := jsonHeader()
	now := time.Now()
	q := &request{Request: r, body: body, store: store, now: now}
	c.mu.Lock()
	reply, no := c.authorizeAndRoute(q, header)
	options := c.options
	c.mu.Unlock()
	header.Set("Date", now.Add(options.ClockAhead).UTC().Format(http.TimeFormat))
	if no != nil {
		reply = no.toReply(options)
	}
	// Outside the lock: what a reply holds is never changed in place.
	return response{reply.status, header, []byte(marshal(reply.envelope))}
}

// request is one call on its way through a handler, with Cloudflare.mu held.
type request struct {
	*http.Request
	body  []byte
	args  map[string]string // "zone", "record", "account" …, from the path
	token *Token
	store func(*Record) // tampers with what is stored; nil does not
	now   time.Time
}

// authorizeAndRoute checks a call in the order the API does: who asks, how often, what.
func (c *Cloudflare) authorizeAndRoute(q *request, header http.Header) (reply, *refusal) {
	token, no := c.authenticate(q.Header, q.now)
	if no == nil {
		no = token.checkSourceIP(q.RemoteAddr)
	}
	if no != nil {
		return reply{}, no.wordForEndpoint(q.URL.Path)
	}
	q.token = token
	if no := c.rate.countCall(token.rateBucketKey(), q.now, header); no != nil {
		return reply{}, no
	}
	route, args := findRoute(q.Method, q.URL.Path)
	if route.handle == nil {
		return reply{}, newRefusal(http.StatusNotFound, 7000, "No route for that URI")
	}
	q.args = args
	records := args["account"] == "" // lists have a code of their own
	if records && q.Method != http.MethodGet && q.Method != http.MethodDelete && !q.isJSON() {
		return reply{}, newRefusal(http.StatusBadRequest, 9207, "Content-Type must be application/json and the body must be JSON")
	}
	return route.handle(c, q)
}

// waitOrGone waits and says whether somebody is still there to answer.
func waitOrGone(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
