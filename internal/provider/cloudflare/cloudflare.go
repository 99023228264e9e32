// Package cloudflare is the Provider for Cloudflare's DNS, over its API v4:
// one client with its rate limits, the search for zones, the listing of
// records, changes in batches, and what each refusal means to a person.
package cloudflare

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
)

// Host is where Cloudflare's API is.
const Host = "api.cloudflare.com"

const (
	defaultBase    = "https://" + Host + "/client/v4"
	defaultTimeout = 30 * time.Second
)

// Config is what a Provider is made of.
type Config struct {
	Credential Credential
	Client     *httpx.Client       // names the User-Agent
	BaseURL    string              // empty: Cloudflare's own; plain http only to a loopback host
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

	zoneNames map[dns.Name]dns.Name
	singly    atomic.Bool // batches were refused here and single calls were not
	turns     *turns
	learnt    learnt
	absent    absent
}

var (
	_ provider.Forgetful = (*Provider)(nil)
	_ provider.Provider  = (*Provider)(nil)
	_ provider.Meter     = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(c Config) (*Provider, error) {
	if c.Client == nil {
		return nil, errors.New("make a provider: there is no HTTP client")
	}
	if err := c.Credential.check(); err != nil {
		return nil, err
	}
	base, err := checkBase(c.BaseURL)
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
		client:  &client{http: c.Client, base: base, credential: c.Credential, timeout: c.Timeout, gate: c.Limits.gate(c.Credential)},
		turns:   &c.Limits.turns,
		zoneIDs: c.ZoneIDs, zoneNames: c.ZoneNames,
	}, nil
}

// Calls is how many requests went out, repeated ones too.
func (p *Provider) Calls() int64 { return p.client.calls.Load() }

// Headroom is how many calls may go out now before Cloudflare, or homing itself,
// stops them.
func (p *Provider) Headroom() int { return p.client.gate.headroom(time.Now()) }

// CheckBaseURL says, without asking anyone, whether s can be the address of the API.
func CheckBaseURL(s string) error {
	_, err := checkBase(s)
	return err
}

// checkBase refuses addresses over which the credential could be read.
func checkBase(s string) (string, error) {
	if s == "" {
		return defaultBase, nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Host == "", u.Opaque != "":
		return "", errors.New("the base address of the API is not an address such as " + defaultBase)
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return "", errors.New("the base address of the API may hold no user, password, query or fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "", errors.New("the base address of the API must begin with https://, or everyone on the way can read the token; http:// is only for this machine itself")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("the base address of the API must begin with https://")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func isLoopback(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// sleep waits for d; false when ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
