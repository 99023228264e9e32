package notify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/homing-dns/homing/internal/httpx"
)

// recorder is the network of one service of the library: it ends with the delivery
// it is for, and remembers what went wrong. The library has no way to say either.
type recorder struct {
	client    Doer
	ctx       context.Context // of the delivery; nil while there is none
	requested bool            // something was to be sent, ever
	failed    *Failure        // the first failure of this delivery
	refused   *Failure        // the latest answer that says no; another request may follow it
	lastOK    bool            // the latest answer does not say no
}

var errNoDelivery = errors.New("nothing is being delivered")

func (l *recorder) start(ctx context.Context) {
	l.ctx, l.failed, l.refused, l.lastOK = ctx, nil, nil, false
}
func (l *recorder) stop() { l.ctx = nil }

// Do sends r. Once an exchange failed there is no other in this delivery: the
// library may repeat it several times, with pauses of minutes.
func (l *recorder) Do(r *http.Request) (*http.Response, error) {
	l.requested = true
	if l.ctx == nil {
		return nil, errNoDelivery
	}
	if l.failed != nil {
		return nil, l.failed
	}
	resp, err := l.client.Do(r.WithContext(l.ctx))
	if err != nil {
		l.failed = connectFailure(l.ctx, r.URL, err)
		return nil, l.failed
	}
	body, err := httpx.ReadBody(resp, maxAnswer)
	l.lastOK = resp.StatusCode < 300
	if err != nil && !l.lastOK { // where it was taken, a lost answer is no reason to send it again
		l.failed = connectFailure(l.ctx, r.URL, err)
		return nil, l.failed
	}
	if !l.lastOK {
		l.refused = statusFailure(resp.StatusCode)
		if l.refused.Temporary {
			l.failed = l.refused
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// delivered reports whether a delivery is one: some services call success what had no
// answer, or a fault for one.
func (l *recorder) delivered() bool { return l.failed == nil && l.lastOK }

// failure is why the delivery did not arrive.
func (l *recorder) failure() *Failure {
	switch {
	case l.failed != nil:
		return l.failed
	case l.refused != nil:
		return l.refused
	}
	return &Failure{Err: errors.New("the service did not take the message"), Hint: "check the URL in the settings"}
}
