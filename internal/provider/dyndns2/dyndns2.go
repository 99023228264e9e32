// Package dyndns2 keeps names at services that have nothing but an update address:
// No-IP, Dyn, DuckDNS and others, and whatever a person writes the address of. Such
// a service cannot be read. What stands there is asked of the authoritative name
// servers, never of a cache and never by an update, and what the service said
// itself counts more for a while. What it refuses is not sent again until a person
// has acted. A name is the service's, whole: it holds one address of a family.
package dyndns2

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"strings"
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
	config  Config
	service service
	api     *rest.Client
	account *account

	mu    sync.Mutex
	zones map[dns.Name]*nameServers
}

var (
	_ provider.Provider  = (*Provider)(nil)
	_ provider.Meter     = (*Provider)(nil)
	_ provider.Forgetful = (*Provider)(nil)
	_ provider.Recaller  = (*Provider)(nil)
)

const defaultTimeout = 10 * time.Second

// New makes a Provider. It sends nothing.
func New(c Config) (*Provider, error) {
	p := &Provider{config: c, service: serviceByKey(c.Service), zones: make(map[dns.Name]*nameServers)}
	host := rest.Host{BaseSetting: "{accounts.base_url}", CASetting: "{accounts.ca_file}"}
	base := p.service.base
	if c.Custom != nil {
		p.service, base, host.BaseSetting = c.Custom.toService(), c.Custom.URL.Reveal(), "{accounts.url}"
	} else if p.service.key == "" {
		return nil, errors.New("make a client for an update address: there is no service " + c.Service)
	}
	var err error
	if c.Custom == nil {
		if base, err = rest.CheckBaseURL(c.BaseURL, base, true); err != nil {
			return nil, err
		}
	}
	host.Name, host.Address = p.service.name, hostName(base)
	p.account = c.Memory.account(strings.Join([]string{p.service.key, c.User, c.Password.Reveal(), base}, "\n"), p.service.name)
	p.api = &rest.Client{HTTP: c.Client, Host: host, Timeout: cmp.Or(c.Timeout, defaultTimeout), Quota: p.account.quota, Secrets: p.secrets()}
	if c.Custom == nil {
		p.api.Base = base
	}
	return p, nil
}

// Calls returns how many updates were sent. What name servers are asked is no call.
func (p *Provider) Calls() int64 { return p.api.Calls() }

// ZoneName returns the name of the zone with this id, which is its name.
func (p *Provider) ZoneName(_ context.Context, id string) (dns.Name, error) { return dns.ParseName(id) }

// Forget lets what was refused be tried once more: a person says that it is to be.
func (p *Provider) Forget() { p.account.clearBlocks() }

// Recall keeps in mind what the service confirmed to another process. The settings may
// have changed since, so it counts only where the name servers still show what stood
// there before, or one of them shows the new address.
func (p *Provider) Recall(c plan.Change, at time.Time) {
	if !c.Key().Type.IsAddress() || !c.New.Addr.IsValid() || time.Since(at) >= maxTrustIfShown {
		return
	}
	before := ""
	if c.Old.Addr.IsValid() {
		before = c.Old.Addr.String()
	}
	p.account.recall(c.Key(), &lastUpdate{addr: c.New.Addr.String(), previouslyShown: before, sentAt: at})
}

// limits returns Limits as this service has them: the families that it takes.
func (p *Provider) limits() plan.Limits {
	l := Limits()
	l.NoIPv4, l.NoIPv6 = !p.service.supports(ipv4), !p.service.supports(ipv6)
	return l
}

// Limits returns what a name takes. The TTL is the service's, so that it is neither read
// nor written.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: dns.AutoTTL, MaxTTL: dns.AutoTTL, Comment: -1, Tags: -1, Values: 1, NoProxy: true, OneTTL: true, NoTXT: true}
}
