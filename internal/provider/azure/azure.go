// Package azure is the Provider for Azure DNS: whole RRsets, one a call, each under
// the condition that it is as it was read (If-Match with its etag, If-None-Match
// where it was not there). Several calls are under way at a time. (armdns v1.2.0,
// API version 2018-05-01.) Private zones are another API, and not seen here.
package azure

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// Host is where the API is, and DefaultBase its address.
const (
	Host        = "management.azure.com"
	DefaultBase = "https://" + Host
)

// TTLs that a zone takes, beside 1 for automatic.
const (
	MinTTL = 1
	MaxTTL = 1<<31 - 1
)

const (
	autoTTL          = 300
	maxComment       = 250 // a value of the metadata takes 256 characters, as those of tags do
	defaultMaxValues = 20  // of a set; the zone says its own number
	apiVersion       = "2018-05-01"
)

// Config is what a Provider is made of beside rest.Account.
type Config struct {
	Subscription string
	Credential   Credential
	Tokens       *httpx.Client // for who hands out tokens; of an instance the machine's own services
	Writes       *rest.Quota   // of the subscription; nil: one of its own
}

// Provider is the public zones of one subscription.
type Provider struct {
	api          *rest.Client
	tokenIssuer  *issuer
	subscription string
	account      rest.Account
	writes       *rest.Quota
	etags        etagCache
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Texts    = (*Provider)(nil)
	_ provider.Meter    = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(c Config, a rest.Account) (*Provider, error) {
	api, err := a.NewClient(rest.Host{Name: "Azure", Address: Host, StatusPage: "azure.status.microsoft", BaseSetting: "{accounts.base_url}"}, DefaultBase)
	switch {
	case err != nil:
		return nil, err
	case c.Tokens == nil:
		return nil, errors.New("make a provider: there is no HTTP client for tokens")
	case c.Writes == nil:
		c.Writes = rest.NewQuota(Writes())
	}
	p := &Provider{api: api, subscription: c.Subscription, account: a, writes: c.Writes}
	p.tokenIssuer = newIssuer(c.Credential, c.Tokens, api.Base, api.Timeout)
	api.Credentials = &rest.CredentialCache{Fetch: p.tokenIssuer.fetchToken, Timeout: api.Timeout}
	api.ExplainRefusal = explainRefusal
	return p, nil
}

// Writes is the rate limit: how many changes Azure takes of a subscription within an hour
// (limits of Azure Resource Manager, as believed in 2026).
func Writes() rest.Limit { return rest.Limit{Host: "Azure", Calls: 1200, Window: time.Hour} }

// Calls returns how many requests went out, repeated ones and those for tokens too.
func (p *Provider) Calls() int64 { return p.api.Calls() + p.tokenIssuer.client.Calls() }

// Limits returns what zones take. A TTL and a comment belong to a set.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, AutoTTL: autoTTL, Comment: maxComment, CommentIs: "metadata, as the entry homing", Tags: -1,
		NoProxy: true, OneTTL: true, OneMark: true, Values: defaultMaxValues}
}

// Credential returns what the calls carry, in words.
func (p *Provider) Credential() string { return p.tokenIssuer.credential.kindName() }

// ClockSkew is by how much the clock of Azure is ahead of this machine's, by the
// latest answer; negative where it is behind. false before the first answer.
func (p *Provider) ClockSkew() (time.Duration, bool) {
	if skew, ok := p.api.ClockSkew(); ok {
		return skew, true
	}
	return p.tokenIssuer.client.ClockSkew()
}

// Route returns the pattern of a call, without what is different in each zone and set.
func Route(r *http.Request) string {
	_, path, zone := strings.Cut(strings.ToLower(r.URL.Path), "/dnszones/")
	switch parts := strings.Split(path, "/"); {
	case !zone:
		return r.Method + " /dnszones"
	case len(parts) < 2:
		return r.Method + " /dnszones/{zone}"
	case len(parts) == 2:
		return r.Method + " /dnszones/{zone}/recordsets"
	}
	return r.Method + " /dnszones/{zone}/{type}/{name}"
}

// versionQuery returns the query that every call has.
func versionQuery() url.Values { return url.Values{"api-version": {apiVersion}} }
