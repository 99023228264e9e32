// Package desec is the Provider for deSEC (desec.io), over its API: whole RRsets,
// all of a batch in one bulk PATCH, of which all is stored or nothing. The API
// compares nothing, so what is to be written is read immediately before, and again
// after that. A domain takes few writes a day, which are counted. (desec.readthedocs.io, read as docs/ of desec-io/desec-stack, 2026-11-29)
package desec

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// DefaultBase is where the API is, and Address its name in texts.
const (
	DefaultBase = "https://desec.io/api/v1"
	Address     = "desec.io"
)

// TTLs that domains take: the least is each domain's own, 3,600 as a rule and 60
// below dedyn.io.
const (
	MinTTL = 60
	MaxTTL = 86400
)

const (
	defaultMinTTL = 3600
	autoTTL       = 300     // where the domain takes that
	batchOctets   = 1 << 18 // some 3,000 sets
)

// Provider is the domains of one account.
type Provider struct {
	rest.ZoneReader
	writes func(zone string) *rest.Quota

	mu          sync.Mutex
	writeQuotas map[string]*rest.Quota // of the domains that were written to
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Texts    = (*Provider)(nil)
	_ provider.Meter    = (*Provider)(nil)
	_ provider.Adviser  = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody. writes is what counts
// the writes to a domain; it outlives the Provider.
func New(token secret.String, a rest.Account, writes func(zone string) *rest.Quota) (*Provider, error) {
	api, err := a.NewClient(rest.Host{Name: "deSEC", Address: Address, StatusPage: "desec-status.net", BaseSetting: "{accounts.base_url}"}, DefaultBase)
	if err != nil {
		return nil, err
	}
	api.Authorize = func(r *http.Request) { r.Header.Set("Authorization", "Token "+token.Reveal()) }
	api.Secrets, api.ExplainRefusal = []secret.String{token}, explainRefusal
	p := &Provider{ZoneReader: rest.ZoneReader{API: api, Account: a, CredentialName: "token", Viewer: "the account of this token", NoZoneHint: cureNoZone}, writes: writes, writeQuotas: map[string]*rest.Quota{}}
	p.FetchZones, p.FetchSets = p.zones, p.all
	return p, nil
}

// Quota returns what homing asks of an account. Calls that a person makes count as well, so
// it leaves some of each limit. (docs/rate-limits.rst, 2026-11-29: reads 10/s and 50/min, and 2,000 a day of all)
func Quota() []rest.Limit {
	return []rest.Limit{{Host: "deSEC", Calls: 8, Window: time.Second, MaxWait: time.Second}, {Host: "deSEC", Calls: 45, Window: time.Minute},
		{Host: "deSEC", Calls: 1900, Window: 24 * time.Hour, SpreadBelow: 100}}
}

// Writes returns the limits of the writes to one domain: 2/s, 15/min, 100/h, 300 a day.
// The last fifth of a day's is spread over what is left of it.
func Writes(zone string) []rest.Limit {
	const host = "deSEC"
	what := "changes of " + zone
	return []rest.Limit{{Host: host, Calls: 2, Window: time.Second, MaxWait: time.Second, What: what}, {Host: host, Calls: 15, Window: time.Minute, What: what},
		{Host: host, Calls: 100, Window: time.Hour, What: what}, {Host: host, Calls: 300, Window: 24 * time.Hour, SpreadBelow: 60, What: what}}
}

// Advice tells of domains of which few of a day's writes are left.
func (p *Provider) Advice() (all []provider.Advice) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, zone := range slices.Sorted(maps.Keys(p.writeQuotas)) {
		if few := p.writeQuotas[zone].DescribeIfScarce(time.Now()); few != "" {
			all = append(all, provider.Advice{Text: few + ", so homing spreads them over that time",
				Hint: "find out why the address changes so often, or what else writes to the domain; deSEC counts 300 a day"})
		}
	}
	return all
}

// writeQuota returns what counts the writes to a domain; nil where nobody counts.
func (p *Provider) writeQuota(zone string) *rest.Quota {
	if p.writes == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.writeQuotas[zone] == nil {
		p.writeQuotas[zone] = p.writes(zone)
	}
	return p.writeQuotas[zone]
}

// Limits returns what a domain takes whose least TTL is this.
func Limits(least int) plan.Limits {
	return plan.Limits{MinTTL: least, MaxTTL: MaxTTL, AutoTTL: max(least, autoTTL), Comment: -1, Tags: -1, NoProxy: true, OneTTL: true, BatchOctets: batchOctets}
}

// ZoneName returns the name of the domain with this id, which is its name.
func (p *Provider) ZoneName(_ context.Context, id string) (dns.Name, error) { return dns.ParseName(id) }

// Route returns the pattern of a call, without what is different in each domain and set.
func Route(r *http.Request) string {
	_, path, below := strings.Cut(r.URL.Path, "/domains/")
	_, set, inside := strings.Cut(path, "/rrsets/")
	switch {
	case !below || path == "":
		return r.Method + " /domains"
	case inside && set != "":
		return r.Method + " /domains/{name}/rrsets/{subname}/{type}"
	}
	return r.Method + " /domains/{name}/rrsets"
}
