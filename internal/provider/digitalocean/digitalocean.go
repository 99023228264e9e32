// Package digitalocean is the Provider for the DNS of DigitalOcean, over its API:
// one record a call, named by its id. The API compares nothing and lets two
// identical records stand side by side, so what stands there is read immediately
// before it is written. (API reference, "Domain Records", and godo 1.x, 2026-11.)
package digitalocean

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// DefaultBase is where the API is, and Address its name in texts.
const (
	DefaultBase = "https://api.digitalocean.com"
	Address     = "api.digitalocean.com"
)

// TTLs that a domain takes, beside 1 for automatic.
const (
	MinTTL = 30
	MaxTTL = 1<<31 - 1
)

const autoTTL = 300

// Provider is the domains of one account or team.
type Provider struct {
	api     *rest.Client
	account rest.Account
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Texts    = (*Provider)(nil)
	_ provider.Meter    = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(token secret.String, a rest.Account) (*Provider, error) {
	api, err := a.NewClient(rest.Host{Name: "DigitalOcean", Address: Address, StatusPage: "status.digitalocean.com", BaseSetting: "{accounts.base_url}"}, DefaultBase)
	if err != nil {
		return nil, err
	}
	api.Authorize = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.Reveal()) }
	api.Secrets, api.ExplainRefusal, api.ParseRemaining = []secret.String{token}, explainRefusal, parseRemaining
	return &Provider{api: api, account: a}, nil
}

// Quota returns what DigitalOcean takes of a token (API reference, "Rate limit", 2026-11).
func Quota() []rest.Limit {
	return []rest.Limit{{Host: "DigitalOcean", Calls: 250, Window: time.Minute}, {Host: "DigitalOcean", Calls: 5000, Window: time.Hour}}
}

// parseRemaining returns what an answer says for how many calls are left of those of the hour, and
// until when: a time in seconds since 1970.
func parseRemaining(h http.Header, now time.Time) (calls int, reset time.Duration, ok bool) {
	calls, bad := strconv.Atoi(h.Get("Ratelimit-Remaining"))
	at, worse := strconv.ParseInt(h.Get("Ratelimit-Reset"), 10, 64)
	if bad != nil || worse != nil || calls < 0 {
		return 0, 0, false
	}
	return calls, time.Unix(at, 0).Sub(now), true
}

// Calls returns how many requests went out, repeated ones too.
func (p *Provider) Calls() int64 { return p.api.Calls() }

// Limits returns what domains take.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, AutoTTL: autoTTL, Comment: -1, Tags: -1, NoProxy: true}
}

// Credential returns what the calls carry, in words.
func (p *Provider) Credential() string { return "token" }

// ListZones returns every domain of the account.
func (p *Provider) ListZones(ctx context.Context) ([]provider.Zone, error) {
	zones, err := p.listZones(ctx)
	if err != nil {
		return nil, err
	}
	return zones, nil
}

// ClockSkew is by how much the clock of the API is ahead of this machine's, by the
// latest answer. false before the first answer.
func (p *Provider) ClockSkew() (time.Duration, bool) { return p.api.ClockSkew() }

// Route returns the pattern of a call, without what is different in each domain.
func Route(r *http.Request) string {
	_, path, _ := strings.Cut(r.URL.Path, "/v2/domains")
	switch strings.Count(path, "/") {
	case 0:
		return r.Method + " /domains"
	case 2:
		return r.Method + " /domains/{name}/records"
	}
	return r.Method + " /domains/{name}/records/{id}"
}
