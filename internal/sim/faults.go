package sim

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Fault is one way for a call to go wrong. Its zero value is none.
type Fault struct {
	handler func(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter))
	tamper  func(*Record)
	times   int // 0: every time
}

type activeFault struct {
	match func(Call) bool
	fault Fault
	left  int // times it will still happen; negative: for ever
}

// Fail lets calls that match go wrong from now on. Of several faults that
// match the one named first is taken. A matcher may not call Fail or Heal.
func (c *Cloudflare) Fail(match func(Call) bool, f Fault) {
	left := f.times
	if left == 0 {
		left = -1
	}
	c.faultMu.Lock()
	c.faults = append(c.faults, &activeFault{match, f, left})
	c.faultMu.Unlock()
}

// Heal ends every fault.
func (c *Cloudflare) Heal() {
	c.faultMu.Lock()
	c.faults = nil
	c.faultMu.Unlock()
}

func (c *Cloudflare) takeFault(call Call) Fault {
	c.faultMu.Lock()
	defer c.faultMu.Unlock()
	for _, p := range c.faults {
		if p.left != 0 && p.match(call) {
			p.left--
			return p.fault
		}
	}
	return Fault{}
}

// Times returns the same fault, for the first n calls that match.
func (f Fault) Times(n int) Fault {
	f.times = n
	return f
}

// WithHandler is a fault that has the call in its hands: serve carries it out.
func WithHandler(f func(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter))) Fault {
	return Fault{handler: f}
}

// Answer does nothing and sends this instead, as it is.
func Answer(status int, header http.Header, body string) Fault {
	return WithHandler(func(w http.ResponseWriter, _ *http.Request, _ func(http.ResponseWriter)) {
		response{status, header, []byte(body)}.writeTo(w)
	})
}

// Refuse does nothing and answers with an API error of this code.
func Refuse(status, code int, message string) Fault {
	return Answer(status, jsonHeader(), marshal(newRefusal(status, code, message).toReply(Options{}).envelope))
}

// HTML does nothing and answers as the edge does when what is behind it fails.
func HTML(status int) Fault {
	return Answer(status, http.Header{"Content-Type": {"text/html; charset=UTF-8"}},
		fmt.Sprintf("<!DOCTYPE html><html><head><title>%d</title></head><body>Ray 203.0.113.7</body></html>", status))
}

// Throttle does nothing and answers 429. A zero wait leaves Retry-After out.
func Throttle(wait time.Duration) Fault {
	h, no := jsonHeader(), rateLimitRefusal()
	if wait > 0 {
		h.Set("Retry-After", strconv.Itoa(ceilSeconds(wait)))
	}
	return Answer(no.status, h, marshal(no.toReply(Options{}).envelope))
}

// RedirectTo does nothing and sends the client elsewhere.
func RedirectTo(url string) Fault {
	return Answer(http.StatusTemporaryRedirect, http.Header{"Location": {url}}, "")
}

// EmptyList does nothing and answers that there is nothing.
func EmptyList() Fault {
	return Answer(http.StatusOK, jsonHeader(), marshal(okList([]any{}, &resultInfo{Page: 1, PerPage: 100}).envelope))
}

// Disconnect does nothing and closes the connection.
func Disconnect() Fault {
	return WithHandler(func(http.ResponseWriter, *http.Request, func(http.ResponseWriter)) { panic(http.ErrAbortHandler) })
}

// LoseAnswer carries the call out and closes the connection without a word.
func LoseAnswer() Fault {
	return WithHandler(func(_ http.ResponseWriter, _ *http.Request, serve func(http.ResponseWriter)) {
		captureResponse(serve)
		panic(http.ErrAbortHandler)
	})
}

// CutAnswer carries the call out and closes the connection in the middle of
// the body.
func CutAnswer() Fault {
	return WithHandler(func(w http.ResponseWriter, _ *http.Request, serve func(http.ResponseWriter)) {
		a := captureResponse(serve)
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		a.body = a.body[:len(a.body)/2]
		a.writeTo(w)
		_ = http.NewResponseController(w).Flush() // so that the client sees the half
		panic(http.ErrAbortHandler)
	})
}

// HalfJSON carries the call out and answers half of the body as if it were all
// of it.
func HalfJSON() Fault {
	return WithHandler(func(w http.ResponseWriter, _ *http.Request, serve func(http.ResponseWriter)) {
		a := captureResponse(serve)
		a.body = a.body[:len(a.body)/2]
		a.writeTo(w)
	})
}

// Stall does nothing and does not answer until the client gives up.
func Stall() Fault {
	return WithHandler(func(_ http.ResponseWriter, r *http.Request, _ func(http.ResponseWriter)) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// StallAnswer carries the call out and does not answer until the client gives
// up.
func StallAnswer() Fault {
	return WithHandler(func(_ http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter)) {
		captureResponse(serve)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// TamperStored accepts writes but stores, and returns, something else. tamper may
// not call the simulator.
func TamperStored(tamper func(*Record)) Fault { return Fault{tamper: tamper} }

// captureResponse serves a call and holds the answer back.
func captureResponse(serve func(http.ResponseWriter)) response {
	k := responseBuffer{header: http.Header{}}
	serve(&k)
	if k.status == 0 {
		panic(http.ErrAbortHandler) // the client gave up meanwhile
	}
	return response(k)
}

// responseBuffer is an http.ResponseWriter that sends nothing.
type responseBuffer response

func (k *responseBuffer) Header() http.Header    { return k.header }
func (k *responseBuffer) WriteHeader(status int) { k.status = status }

func (k *responseBuffer) Write(p []byte) (int, error) {
	k.body = append(k.body, p...)
	return len(p), nil
}
