// Package dyndns2 keeps names at services that have nothing but an update address:
// No-IP, Dyn, DuckDNS and others, and whatever a person writes the address of. Such
// a service cannot be read. What stands there is asked of the authoritative name
// servers, never of a cache and never by an update, and what the service said
// itself counts more for a while. What it refuses is not sent again until a person
// has acted. A name is the service's, whole: it holds one address of a family.
package dyndns2

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// Config is an account at a service. Of User, Password, BaseURL and Custom what the
// service needs is set; Timeout may be zero.
type Config struct {
	Service  string // the word of one of Kinds, or ByURL
	User     string
	Password secret.String // or the token
	BaseURL  string        // empty: where the service is
	Custom   *Custom       // of the service url; else nil
	Client   *httpx.Client
	Timeout  time.Duration // of one request; zero means 10 s
	Dial     httpx.Dial    // for questions to name servers
	Servers  Servers
	Zones    map[dns.Name]dns.Name // where the zone of a name begins, as somebody says; may be nil
	Memory   *Memory
}

// Servers finds the name servers of a zone, as the system's resolver knows them.
// There are none where no zone begins at this name.
type Servers func(ctx context.Context, zone dns.Name) ([]netip.AddrPort, error)

// Provider is an account at a service. It is safe for concurrent use.
type Provider struct {
	service  service
	custom   *Custom
	user     string
	password secret.String
	api      *rest.Client
	dial     httpx.Dial
	find     Servers
	fixed    map[dns.Name]dns.Name
	account  *account

	mu    sync.Mutex
	zones map[dns.Name]*servers
}

var (
	_ provider.Provider  = (*Provider)(nil)
	_ provider.Meter     = (*Provider)(nil)
	_ provider.Forgetful = (*Provider)(nil)
)

const usualTimeout = 10 * time.Second

// New makes a Provider. It sends nothing.
func New(c Config) (*Provider, error) {
	s, known := serviceOf(c.Service)
	base := s.base
	switch {
	case c.Custom != nil && c.Service == ByURL:
		s, base = c.Custom.of(), c.Custom.URL.Reveal()
	case !known:
		return nil, errors.New("make a client for an update address: there is no service " + c.Service)
	case c.BaseURL != "":
		var err error
		if base, err = rest.CheckBase(c.BaseURL, s.base, true); err != nil {
			return nil, err
		}
	}
	if c.Timeout <= 0 {
		c.Timeout = usualTimeout
	}
	p := &Provider{service: s, custom: c.Custom, user: c.User, password: c.Password, dial: c.Dial, find: c.Servers, fixed: c.Zones, zones: make(map[dns.Name]*servers)}
	p.account = c.Memory.account(credential{secret.New(s.word), secret.New(c.User), c.Password, secret.New(base)})
	p.api = &rest.Client{HTTP: c.Client, Timeout: c.Timeout, Quota: p.account.quota, Secrets: p.secrets(),
		Host: rest.Host{Name: s.name, Address: hostOf(base), Setting: "{accounts.base_url}"}}
	if p.custom == nil {
		p.api.Base = base
	} else {
		p.api.Host.Setting = "{accounts.url}"
	}
	return p, nil
}

// Calls is how many updates were sent. What name servers are asked is no call.
func (p *Provider) Calls() int64 { return p.api.Calls() }

// ZoneName is the name of the zone with this id, which is its name.
func (p *Provider) ZoneName(_ context.Context, id string) (dns.Name, error) { return dns.ParseName(id) }

// Forget lets what was refused be tried once more: a person says that it is to be.
func (p *Provider) Forget() { p.account.forgive() }

// zone is the zone of this name, which is its id.
func zone(name dns.Name) provider.Zone {
	return provider.Zone{ID: name.String(), Name: name, Limits: Limits()}
}

// Limits is what a name takes. The TTL is the service's, so that it is neither read
// nor written.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: dns.AutoTTL, MaxTTL: dns.AutoTTL, Comment: -1, Tags: -1, Values: 1, NoProxy: true, OneTTL: true}
}
