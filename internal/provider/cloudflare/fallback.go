package cloudflare

import (
	"context"
	"net/http"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// keyFallback is why the Global API key is used instead of the token.
type keyFallback struct {
	what    string // the call that the token was refused for
	refusal *failure
}

// currentCredential returns the credential that calls carry: the token, until it was refused
// where the key was not.
func (c *client) currentCredential() Credential {
	if c.credential.Token.IsZero() || c.fallback.Load() != nil {
		return c.keyCredential()
	}
	return Credential{Token: c.credential.Token}
}

func (c *client) keyCredential() Credential {
	return Credential{Key: c.credential.Key, Email: c.credential.Email}
}

// sendWithFallback makes a request; where the token is refused, a second one with the key. A
// refused credential is a definite answer, so that nothing is done twice. Once
// the key was let in all calls carry it.
func (c *client) sendWithFallback(ctx context.Context, r call) (resultInfo, *failure) {
	with := c.currentCredential()
	if r.useKey {
		with = c.keyCredential()
	}
	got, f := c.sendOnce(ctx, r, with)
	if f == nil {
		return got, nil
	}
	f.classify(r)
	spare := r.optional && f.Status == http.StatusForbidden
	if f.Kind != provider.Auth || spare || with.Token.IsZero() || c.credential.Key.IsZero() {
		return resultInfo{}, f
	}
	got, second := c.sendOnce(ctx, r, c.keyCredential())
	if second == nil {
		c.switchToKey(r, f)
		return got, nil
	}
	second.classify(r)
	switch second.Kind {
	case provider.Auth:
		f.Note = "the Global API key was refused too: " + second.Error()
		return resultInfo{}, f
	case provider.Rejected, provider.Stale, provider.NoZone: // it was let in
		c.switchToKey(r, f)
	}
	return resultInfo{}, second
}

// switchToKey lets all further calls carry the key.
func (c *client) switchToKey(r call, refusal *failure) {
	c.fallback.CompareAndSwap(nil, &keyFallback{r.what, refusal})
}

// listZonesWithKey lists the zones with the key, once, where the token sees none at all:
// a token without a zone is answered with an empty list and not refused.
func (s *zoneSearch) listZonesWithKey(ctx context.Context, open []dns.Name) {
	c := s.p.client
	if len(s.visible) > 0 || len(s.errs) > 0 || c.credential.Key.IsZero() || c.currentCredential().Token.IsZero() || c.keyZonesListed.Load() {
		return
	}
	s.useKey = true
	_, _, err := s.listPage(ctx, 1)
	s.useKey = false
	if err != nil {
		return
	}
	if c.keyZonesListed.Store(true); len(s.visible) == 0 {
		return
	}
	c.switchToKey(call{what: "list the zones"}, &failure{Failure: rest.Failure{Meaning: rest.Meaning{Cause: "no zone is visible to it", Cure: cureGrant}}})
	clear(s.lookedUp)
	s.p.Forget() // another credential sees other zones
	s.listAndLookUp(ctx, open)
}

// Credential returns what the calls carry at the moment, in words: "API token" or
// "Global API key".
func (p *Provider) Credential() string { return p.client.currentCredential().kindName() }
