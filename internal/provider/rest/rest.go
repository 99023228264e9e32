// Package rest is what DNS hosts with an HTTP API share: one request with its
// bounds, at most two repetitions of what changes nothing, the quota of calls,
// the pauses a host asks for, and what a failure on the way means. It knows
// nothing about any host; what a refusal means, the host's package says.
package rest

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

// Client makes calls with one credential. It is safe for concurrent use; its
// fields are set before the first call.
type Client struct {
	HTTP    *httpx.Client // never follows a redirect, and names the User-Agent
	Host    Host
	Base    string        // what stands before the path of every call; see CheckBaseURL
	Timeout time.Duration // of one call with its repetitions
	Quota   *Quota        // shared by all who call with the credential
	// Authorize adds the credential to a request that is about to go out.
	Authorize func(*http.Request)
	// Credentials has the credential in the place of Authorize, where a service hands it
	// out for some time; nil where none does.
	Credentials *CredentialCache
	// Secrets are taken out of every text that a server had a hand in.
	Secrets []secret.String
	// ParseRemaining reads how many calls are left, and until when, off the headers of a host
	// that has some of its own for that; nil where none has.
	ParseRemaining func(h http.Header, now time.Time) (calls int, reset time.Duration, ok bool)
	// ExplainRefusal reads a refusal; nil leaves its meaning to the status.
	ExplainRefusal func(status int, body []byte) Refusal

	calls          atomic.Int64
	clock          clockOffset
	lastCredential atomic.Pointer[TemporaryCredential] // of Credentials, the last one
}

// Host is how texts for people name an API.
type Host struct {
	Name        string    // "Cloudflare"
	Address     string    // "api.cloudflare.com"
	StatusPage  string    // where it tells of them, "www.cloudflarestatus.com"; may be empty
	BaseSetting text.Hint // the one that leads to another address, in braces; empty: there is none
	CASetting   text.Hint // the one that names a CA of the person's own, in braces; empty: nobody has one for it
}

// Calls returns how many requests went out, repeated ones too.
func (c *Client) Calls() int64 { return c.calls.Load() }

// CheckQuota returns an error if no n calls may go out now: a write that could not be read
// again is better not begun.
func (c *Client) CheckQuota(what string, n int) *provider.Error {
	wait, why := c.Quota.waitTimeFor(time.Now(), n)
	if wait == 0 {
		return nil
	}
	f := &Failure{QuotaReason: why, Pause: wait}
	f.Meaning, _ = f.TransportMeaning(c.Host, true)
	return f.Wrap(what, f)
}

// Do makes a call and reads what it answers. Only a GET is made again, at most
// twice and within the timeout: what a write without an answer has done is for
// the caller to find out.
func (c *Client) Do(ctx context.Context, r Call) (http.Header, *provider.Error) {
	if c.Credentials != nil {
		return c.doWithRenewal(ctx, r)
	}
	return c.doAuthorized(ctx, r, c.Authorize)
}

// doAuthorized is Do with a credential.
func (c *Client) doAuthorized(ctx context.Context, r Call, authorize func(*http.Request)) (http.Header, *provider.Error) {
	var header http.Header
	f := c.Retry(ctx, r.isWrite(), func(ctx context.Context) *Failure {
		f := c.Send(ctx, r, authorize, func(a Response) *Failure {
			header = a.Header
			return c.readResult(r, a)
		})
		if f == nil {
			return nil
		}
		if m, ok := f.TransportMeaning(c.Host, r.isWrite()); ok {
			f.Meaning = m
		} else if f.Cause == "" {
			f.Meaning = meaningOfStatus(f.Status, r.NotFoundKind, c.Host.Name)
		}
		return f
	})
	if f != nil {
		return nil, f.Wrap(r.What, f)
	}
	return header, nil
}
