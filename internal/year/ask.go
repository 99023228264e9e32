package year

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/homing-dns/homing/internal/sim"
)

// counted tells the world of each question that goes over the wire.
type counted struct {
	w *world
	http.RoundTripper
}

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.w.asked()
	return c.RoundTripper.RoundTrip(r)
}

// RoundTrip carries a question to the host it is for, over one of the lines,
// without a wire.
func (p *place) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	p.w.asked()
	var line *sim.Home
	var there, back time.Duration
	p.w.locked(func() {
		lot := p.w.lots.draw(r.URL.Host + p.of.String())
		there, back = 10*time.Millisecond+time.Duration(lot%60_000_000), 10*time.Millisecond+time.Duration(lot>>32%60_000_000)
		if p.held[r.URL.Host] {
			there += p.slow
		}
		there += p.w.dormant()
		if line = p.home; p.other != nil && lot>>24&1 == 0 {
			line = p.other
		}
	})
	if !pass(r, there) {
		return nil, r.Context().Err()
	}
	if resp, err = carry(line.Handler(p.of.Family), r); err == nil && !pass(r, back) {
		return nil, r.Context().Err()
	}
	return resp, err
}

// carry has a handler answer without a wire.
func carry(h http.Handler, r *http.Request) (resp *http.Response, err error) {
	answer := &reply{header: http.Header{}, status: http.StatusOK}
	defer func() {
		if e := recover(); e == http.ErrAbortHandler {
			resp, err = nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
		} else if e != nil {
			panic(e)
		}
	}()
	asked := r.Clone(r.Context())
	asked.Host, asked.RequestURI = r.URL.Host, r.URL.RequestURI()
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	h.ServeHTTP(answer, asked)
	return answer.response(r), nil
}

// pass lets time pass; false when whoever asked gave up.
func pass(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// reply is an http.ResponseWriter that keeps the answer.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *reply) Header() http.Header         { return a.header }
func (a *reply) WriteHeader(status int)      { a.status = status }
func (a *reply) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *reply) response(r *http.Request) *http.Response {
	return &http.Response{Status: fmt.Sprint(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: r}
}
