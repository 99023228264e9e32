package cloudflare

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// client makes calls. It is safe for concurrent use.
type client struct {
	rest           *rest.Client
	credential     Credential
	fallback       atomic.Pointer[keyFallback] // from the token to the key; nil: not yet
	keyZonesListed atomic.Bool                 // the key was asked which zones it sees
}

// call is one thing to ask of the API.
type call struct {
	what         string // for people: "list the zones"
	method       string
	path         string // below the base, escaped
	query        url.Values
	body         any                       // sent as JSON; nil sends none
	limit        int64                     // bytes of the answer; 0: what is usual
	notFoundKind provider.Kind             // what a 404 without a code means
	isListCall   bool                      // it is about IP lists, where codes mean something else
	optional     bool                      // homing can do without it, so the key is not tried where the token has no permission
	useKey       bool                      // it is to carry the Global API key, whatever the others carry
	result       func(*json.Decoder) error // takes the result; starts anew each time it is called; nil: not looked at
}

func (r call) isWrite() bool { return r.method != http.MethodGet }

func (r call) restCall() rest.Call {
	return rest.Call{What: r.what, Method: r.method, Path: r.path, Query: r.query, Body: r.body, Limit: r.limit}
}

// do makes a call. Only a GET is made again: what a write without an answer has
// done is for the caller to find out.
func (c *client) do(ctx context.Context, r call) (resultInfo, *provider.Error) {
	var got resultInfo
	var last *failure
	f := c.rest.Retry(ctx, r.isWrite(), func(ctx context.Context) *rest.Failure {
		if got, last = c.sendWithFallback(ctx, r); last != nil {
			return &last.Failure
		}
		return nil
	})
	if f != nil {
		return resultInfo{}, last.toProviderError(r.what)
	}
	return got, nil
}

// sendOnce makes one request with this credential.
func (c *client) sendOnce(ctx context.Context, r call, with Credential) (resultInfo, *failure) {
	var e envelope
	var f *failure
	sent := c.rest.Send(ctx, r.restCall(), with.authorize, func(a rest.Response) *rest.Failure {
		if e, f = c.parseResponse(r, a); f != nil {
			return &f.Failure
		}
		return nil
	})
	switch {
	case sent == nil:
		return e.Info, nil
	case f == nil: // nothing came that could be read
		f = &failure{Failure: *sent}
	}
	return resultInfo{}, f
}
