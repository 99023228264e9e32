package cloudflare

import (
	"context"
	"net/http"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// moved is why the Global API key is used instead of the token.
type moved struct {
	what    string // the call that the token was refused for
	refusal *failure
}

// shown is the credential that calls carry: the token, until it was refused
// where the key was not.
func (c *client) shown() Credential {
	if c.credential.Token.IsZero() || c.moved.Load() != nil {
		return c.keyAlone()
	}
	return Credential{Token: c.credential.Token}
}

func (c *client) keyAlone() Credential {
	return Credential{Key: c.credential.Key, Email: c.credential.Email}
}

// try makes a request; where the token is refused, a second one with the key. A
// refused credential is a definite answer, so that nothing is done twice. Once
// the key was let in all calls carry it.
func (c *client) try(ctx context.Context, r call) (info, *failure) {
	with := c.shown()
	if r.key {
		with = c.keyAlone()
	}
	got, f := c.once(ctx, r, with)
	if f == nil {
		return got, nil
	}
	f.judge(r)
	spare := r.spare && f.Status == http.StatusForbidden
	if f.Kind != provider.Auth || spare || with.Token.IsZero() || c.credential.Key.IsZero() {
		return info{}, f
	}
	got, second := c.once(ctx, r, c.keyAlone())
	if second == nil {
		c.move(r, f)
		return got, nil
	}
	second.judge(r)
	switch second.Kind {
	case provider.Auth:
		f.Aside = "the Global API key was refused too: " + second.Error()
		return info{}, f
	case provider.Rejected, provider.Stale, provider.NoZone: // it was let in
		c.move(r, f)
	}
	return info{}, second
}

// move lets all further calls carry the key.
func (c *client) move(r call, refusal *failure) {
	c.moved.CompareAndSwap(nil, &moved{r.what, refusal})
}

// askKey lists the zones with the key, once, where the token sees none at all:
// a token without a zone is answered with an empty list and not refused.
func (s *search) askKey(ctx context.Context, open []dns.Name) {
	c := s.p.client
	if len(s.visible) > 0 || len(s.broken) > 0 || c.credential.Key.IsZero() || c.shown().Token.IsZero() || c.compared.Load() {
		return
	}
	s.key = true
	_, _, err := s.page(ctx, 1)
	s.key = false
	if err != nil {
		return
	}
	if c.compared.Store(true); len(s.visible) == 0 {
		return
	}
	c.move(call{what: "list the zones"}, &failure{Failure: rest.Failure{Meaning: rest.Meaning{Cause: "no zone is visible to it", Cure: cureGrant}}})
	clear(s.asked)
	s.p.Forget() // another credential sees other zones
	s.find(ctx, open)
}

// Credential is what the calls carry at the moment, in words: "API token" or
// "Global API key".
func (p *Provider) Credential() string { return p.client.shown().noun() }
