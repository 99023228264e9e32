package bridge

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Bounds of what a host may answer, and may have somebody wait.
const (
	maxBody = 16 << 20
	maxWait = 24 * time.Hour
)

// Wire is the way to the host. It is what the libraries lack: a limit of time and of
// size for each answer, no plain HTTP and no other place, and a memory of the first
// answer that was no success.
type Wire struct {
	Next http.RoundTripper
	// Check looks at the answers that were a success, and may be nil: a library takes
	// some that say nothing for ones that say there is nothing.
	Check func(body []byte) error

	mu     sync.Mutex
	until  context.Context // of the request of homing that is being answered
	status int             // -1: there was no answer
	retry  int64           // seconds
}

// begin forgets what was, for the next thing that the library does.
func (w *Wire) begin(until context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until, w.status, w.retry = until, 0, 0
}

// fault is the status of the first answer that was no success, and for how many
// seconds it asks to be left alone; 0 where there was none, -1 where none came.
func (w *Wire) fault() (status int, retry int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status, w.retry
}

func (w *Wire) note(status int, retry int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == 0 {
		w.status, w.retry = status, retry
	}
}

// RoundTrip asks the host, and has the whole answer before the library sees any.
func (w *Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if ip := net.ParseIP(r.URL.Hostname()); r.URL.Scheme != "https" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s is not asked over plain HTTP", r.URL.Hostname())
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	w.mu.Lock()
	until := w.until
	w.mu.Unlock()
	if until != nil { // libraries forget to hand it on
		stop := context.AfterFunc(until, func() { cancel(context.Cause(until)) })
		defer stop()
	}
	resp, err := w.Next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		w.note(-1, 0)
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		w.note(-1, 0)
		return nil, err
	case len(body) > maxBody:
		w.note(-1, 0)
		return nil, fmt.Errorf("the answer is longer than %d MiB", maxBody>>20)
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		w.note(resp.StatusCode, 0)
		return nil, fmt.Errorf("the host sends to another place (status %d), which is not followed", resp.StatusCode)
	case resp.StatusCode >= 400:
		w.note(resp.StatusCode, retryAfter(resp.Header.Get("Retry-After")))
	case w.Check != nil:
		if err := w.Check(body); err != nil {
			w.note(-1, 0)
			return nil, err
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// retryAfter is the seconds of a Retry-After header: a number, or a date.
func retryAfter(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if at, e := http.ParseTime(s); err != nil && e == nil {
		n = int64(time.Until(at) / time.Second)
	}
	return max(0, min(n, int64(maxWait/time.Second)))
}
