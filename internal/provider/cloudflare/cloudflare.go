// Package cloudflare is the Provider for Cloudflare's DNS, over its API v4:
// one client with its rate limits, the search for zones, the listing of
// records, changes in batches, and what each refusal means to a person.
package cloudflare

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// Host is where Cloudflare's API is.
const Host = "api.cloudflare.com"

// DefaultBase is the address of its API.
const DefaultBase = "https://" + Host + "/client/v4"

const defaultTimeout = 30 * time.Second

// Config is what a Provider is made of.
type Config struct {
	Credential Credential
	Client     *httpx.Client       // names the User-Agent
	BaseURL    string              // empty: Cloudflare's own; plain http only to a loopback host, unless
	AllowHTTP  bool                // it may lead to a private network
	Timeout    time.Duration       // of one call with its repetitions; 0: 30 s
	ZoneIDs    map[dns.Name]string // names whose zone need not be searched; may be nil
	// ZoneNames are the zones that somebody names for names; where there is none
	// of that name, it is searched as for others. May be nil.
	ZoneNames map[dns.Name]dns.Name
	Limits    *Limits // shared with other Providers; nil: its own
}

// Provider is one account at Cloudflare, as one credential sees it.
type Provider struct {
	client  *client
	zoneIDs map[dns.Name]string

	zoneNames     map[dns.Name]dns.Name
	batchRefused  atomic.Bool // batches were refused here and single calls were not
	listLocks     *rest.KeyedMutex
	learnedLimits learnedLimits
	missingZones  missingZones
}

var (
	_ provider.Forgetful = (*Provider)(nil)
	_ provider.Provider  = (*Provider)(nil)
	_ provider.Texts     = (*Provider)(nil)
	_ provider.Meter     = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(c Config) (*Provider, error) {
	if c.Client == nil {
		return nil, errors.New("make a provider: there is no HTTP client")
	}
	if err := c.Credential.validate(); err != nil {
		return nil, err
	}
	base, err := rest.CheckBaseURL(c.BaseURL, DefaultBase, c.AllowHTTP)
	if err != nil {
		return nil, err
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Limits == nil {
		c.Limits = new(Limits)
	}
	return &Provider{
		client: &client{credential: c.Credential, rest: &rest.Client{
			HTTP: c.Client, Host: hostInfo(), Base: base, Timeout: c.Timeout,
			Quota: c.Limits.quotaFor(c.Credential), Secrets: []secret.String{c.Credential.Token, c.Credential.Key},
		}},
		listLocks: &c.Limits.listLocks,
		zoneIDs:   c.ZoneIDs, zoneNames: c.ZoneNames,
	}, nil
}

// Calls returns how many requests went out, repeated ones too.
func (p *Provider) Calls() int64 { return p.client.rest.Calls() }

// Headroom returns how many calls may go out now before Cloudflare, or homing itself,
// stops them.
func (p *Provider) Headroom() int { return p.client.rest.Quota.Headroom(time.Now()) }

// ClockSkew is by how much the clock of Cloudflare's API is ahead of this
// machine's, by the latest answer; negative where it is behind. It is right to
// about a second. false before the first answer.
func (p *Provider) ClockSkew() (time.Duration, bool) { return p.client.rest.ClockSkew() }
