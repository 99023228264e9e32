package rest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
)

// TemporaryCredential is a credential that a service handed out.
type TemporaryCredential struct {
	Authorize func(*http.Request)
	Secrets   []secret.String // what of it may stand in no text
	Expires   time.Time       // when it ends; zero: it does not
}

// CredentialCache keeps the TemporaryCredential of a service that hands them out. It asks
// when the first call needs one, and again before that one ends: one request at a
// time, and all who wait share what it came to. It starts nothing by itself. Its
// fields are set before the first call.
type CredentialCache struct {
	// Fetch asks for a credential, within Timeout. Its errors hold no secret.
	Fetch   func(context.Context) (*TemporaryCredential, *provider.Error)
	Timeout time.Duration

	fetchLock KeyedMutex

	mu        sync.Mutex
	current   *TemporaryCredential // nil: there is none
	renewAt   time.Time            // when the next one is asked for; zero: never
	lastErr   *provider.Error      // the last question, of which nothing came
	lastErrAt time.Time            // when that was
}

// A credential is renewed when less than that is left of it, but not in its first half.
const renewBefore = 5 * time.Minute

// retryRenewalAfter is how long after a question of which nothing came the next is
// asked, while the old credential is valid.
const retryRenewalAfter = 30 * time.Second

// Get returns a credential that is valid now. An error means that no call can be made with it,
// and that none was.
func (r *CredentialCache) Get(ctx context.Context) (*TemporaryCredential, *provider.Error) {
	asked := time.Now()
	if p := r.fresh(asked); p != nil {
		return p, nil
	}
	release, ok := r.fetchLock.Lock(ctx, "")
	if !ok {
		return nil, &provider.Error{Kind: provider.Unavailable, Err: context.Cause(ctx)}
	}
	defer release()
	if p, err := r.resultSince(asked); p != nil || err != nil { // others asked meanwhile
		return p, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, r.Timeout, &TimeoutError{r.Timeout})
	defer cancel()
	p, err := r.Fetch(limited)
	return r.store(p, err, ctx.Err() != nil)
}

// Invalidate forgets a credential that was refused, so that another is fetched.
func (r *CredentialCache) Invalidate(p *TemporaryCredential) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == p {
		r.current = nil
	}
}

// fresh returns the credential that is kept; nil if one has to be fetched now.
func (r *CredentialCache) fresh(now time.Time) *TemporaryCredential {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == nil || !r.renewAt.IsZero() && !now.Before(r.renewAt) {
		return nil
	}
	return r.current
}

// resultSince returns what a fetch by another caller came to since then.
func (r *CredentialCache) resultSince(since time.Time) (*TemporaryCredential, *provider.Error) {
	if p := r.fresh(time.Now()); p != nil {
		return p, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lastErr != nil && r.lastErrAt.After(since) {
		return nil, r.lastErr
	}
	return nil, nil
}

// store takes what a fetch came to. The old credential goes on for as long as it
// holds. Where the caller's own time was over, nothing is known of the service.
func (r *CredentialCache) store(p *TemporaryCredential, err *provider.Error, ended bool) (*TemporaryCredential, *provider.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	switch {
	case err == nil:
		r.current, r.renewAt, r.lastErr = p, time.Time{}, nil
		if !p.Expires.IsZero() {
			r.renewAt = p.Expires.Add(-min(renewBefore, p.Expires.Sub(now)/2))
		}
		return p, nil
	case r.current != nil && now.Before(r.current.Expires):
		r.renewAt = now.Add(min(retryRenewalAfter, r.current.Expires.Sub(now)))
		return r.current, nil
	case err.Kind == provider.Unconfirmed: // nothing was changed by asking
		e := *err
		e.Kind, err = provider.Unavailable, &e
	}
	r.current = nil
	if !ended {
		r.lastErr, r.lastErrAt = err, now
	}
	return nil, err
}

// doWithRenewal is Do with a credential of the cache. One that is refused is fetched anew,
// once: a service may revoke credentials before they expire. A refused call has done
// nothing.
func (c *Client) doWithRenewal(ctx context.Context, r Call) (http.Header, *provider.Error) {
	for again := false; ; again = true {
		before := c.lastCredential.Load()
		p, err := c.Credentials.Get(ctx)
		if err != nil {
			return nil, &provider.Error{Kind: err.Kind, RetryAfter: err.RetryAfter, Hint: err.Hint, What: r.What, Err: err}
		}
		c.lastCredential.Store(p)
		header, err := c.doAuthorized(ctx, r, p.Authorize)
		if err == nil || err.Kind != provider.Auth {
			return header, err
		}
		c.Credentials.Invalidate(p)
		if again || p != before {
			return header, err
		}
	}
}
