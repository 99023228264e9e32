package rest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
)

// Pass is a credential that a service handed out.
type Pass struct {
	Authorize func(*http.Request)
	Secrets   []secret.String // what of it may stand in no text
	Until     time.Time       // when it ends; zero: it does not
}

// Renewal keeps the Pass of a service that hands them out for some time. It asks
// when the first call needs one, and again before that one ends: one request at a
// time, and all who wait share what it came to. It starts nothing by itself. Its
// fields are set before the first call.
type Renewal struct {
	// Fetch asks for a pass, within Timeout. Its errors hold no secret.
	Fetch   func(context.Context) (*Pass, *provider.Error)
	Timeout time.Duration

	turns Turns

	mu     sync.Mutex
	pass   *Pass           // nil: there is none
	renew  time.Time       // when the next one is asked for; zero: never
	failed *provider.Error // the last question, of which nothing came
	at     time.Time       // when that was
}

// A pass is renewed when less than that is left of it, but not in its first half.
const renewBefore = 5 * time.Minute

// renewAgain is how long after a question of which nothing came the next is
// asked, while the old pass holds.
const renewAgain = 30 * time.Second

// Get is a pass that holds now. An error means that no call can be made with it,
// and that none was.
func (r *Renewal) Get(ctx context.Context) (*Pass, *provider.Error) {
	asked := time.Now()
	if p := r.held(asked); p != nil {
		return p, nil
	}
	release, ok := r.turns.Take(ctx, "")
	if !ok {
		return nil, &provider.Error{Kind: provider.Unavailable, Err: context.Cause(ctx)}
	}
	defer release()
	if p, err := r.shared(asked); p != nil || err != nil { // others asked meanwhile
		return p, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, r.Timeout, &TooSlow{r.Timeout})
	defer cancel()
	p, err := r.Fetch(limited)
	return r.learn(p, err, ctx.Err() != nil)
}

// Drop forgets a pass that was refused, so that another is asked for.
func (r *Renewal) Drop(p *Pass) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pass == p {
		r.pass = nil
	}
}

// held is the pass, where none has to be asked for at this time.
func (r *Renewal) held(now time.Time) *Pass {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pass == nil || !r.renew.IsZero() && !now.Before(r.renew) {
		return nil
	}
	return r.pass
}

// shared is what a question came to that was asked by another since then.
func (r *Renewal) shared(since time.Time) (*Pass, *provider.Error) {
	if p := r.held(time.Now()); p != nil {
		return p, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil && r.at.After(since) {
		return nil, r.failed
	}
	return nil, nil
}

// learn takes what a question came to. The old pass goes on for as long as it
// holds. Where the caller's own time was over, nothing is known of the service.
func (r *Renewal) learn(p *Pass, err *provider.Error, ended bool) (*Pass, *provider.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	switch {
	case err == nil:
		r.pass, r.renew, r.failed = p, time.Time{}, nil
		if !p.Until.IsZero() {
			r.renew = p.Until.Add(-min(renewBefore, p.Until.Sub(now)/2))
		}
		return p, nil
	case r.pass != nil && now.Before(r.pass.Until):
		r.renew = now.Add(min(renewAgain, r.pass.Until.Sub(now)))
		return r.pass, nil
	case err.Kind == provider.Unconfirmed: // nothing was changed by asking
		e := *err
		e.Kind, err = provider.Unavailable, &e
	}
	r.pass = nil
	if !ended {
		r.failed, r.at = err, now
	}
	return nil, err
}

// doRenewed is do with the pass of Renewal. One that is refused is asked for anew,
// once: a service may take passes back before they end. A refused call has done
// nothing.
func (c *Client) doRenewed(ctx context.Context, r Call) (http.Header, *provider.Error) {
	for again := false; ; again = true {
		before := c.handed.Load()
		p, err := c.Renewal.Get(ctx)
		if err != nil {
			return nil, &provider.Error{Kind: err.Kind, RetryAfter: err.RetryAfter, Hint: err.Hint, What: r.What, Err: err}
		}
		c.handed.Store(p)
		header, err := c.do(ctx, r, p.Authorize)
		if err == nil || err.Kind != provider.Auth {
			return header, err
		}
		c.Renewal.Drop(p)
		if again || p != before {
			return header, err
		}
	}
}
