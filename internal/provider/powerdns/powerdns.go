// Package powerdns is the Provider for a PowerDNS authoritative server, over its
// HTTP API: whole RRsets, all of a batch in one PATCH. The server compares
// nothing, so the zone is read immediately before each PATCH and after it.
package powerdns

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// TTLs that a zone takes, beside 1 for automatic.
const (
	MinTTL = 1
	MaxTTL = 1<<31 - 1
)

// ExampleBase is how the address of an API may look.
const ExampleBase = "http://127.0.0.1:8081"

const (
	autoTTL        = 300
	maxComment     = 4000    // every backend with comments takes as many characters
	batchOctets    = 1 << 20 // half of webserver-max-bodysize, as it is by default
	defaultTimeout = 30 * time.Second
)

// Config is what a Provider is made of.
type Config struct {
	Key     secret.String
	BaseURL string              // with or without the path of the API; see rest.CheckBaseURL
	Client  *httpx.Client       // names the User-Agent; for plain http see rest.DialPrivateOnly
	Timeout time.Duration       // of one call with its repetitions; 0: 30 s
	ZoneIDs map[dns.Name]string // names whose zone need not be searched; may be nil
	// ZoneNames are the zones that somebody names for names; where there is none
	// of that name, it is searched as for others. May be nil.
	ZoneNames map[dns.Name]dns.Name
}

// Provider is one server, as the bearer of its key sees it.
type Provider struct {
	api       *rest.Client
	zoneIDs   map[dns.Name]string
	zoneNames map[dns.Name]dns.Name

	// One PATCH at a time: with SQLite, two that meet are a deadlock that the server
	// ends with HTTP 500, "database is locked" (seen at 4.7.3, 2026-11).
	patchLock chan struct{} // holds one while it runs
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Texts    = (*Provider)(nil)
	_ provider.Meter    = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(c Config) (*Provider, error) {
	base, err := rest.CheckBaseURL(c.BaseURL, ExampleBase, true)
	switch {
	case c.BaseURL == "":
		return nil, errors.New("make a provider: the base address of the API is missing")
	case err != nil:
		return nil, err
	case c.Client == nil:
		return nil, errors.New("make a provider: there is no HTTP client")
	case c.Timeout <= 0:
		c.Timeout = defaultTimeout
	}
	return &Provider{zoneIDs: c.ZoneIDs, zoneNames: c.ZoneNames, patchLock: make(chan struct{}, 1), api: &rest.Client{
		HTTP: c.Client, Base: serverURL(base), Timeout: c.Timeout,
		Host: rest.Host{Name: "PowerDNS", Address: "the server", BaseSetting: "{accounts.base_url}", CASetting: "{accounts.ca_file}",
			StatusPage: "webserver, webserver-address and webserver-allow-from in pdns.conf"},
		Quota: rest.NewQuota(rest.Limit{Host: "PowerDNS"}), Secrets: []secret.String{c.Key},
		Authorize:      func(r *http.Request) { r.Header.Set("X-API-Key", c.Key.Reveal()) },
		ExplainRefusal: explainRefusal,
	}}, nil
}

// Calls returns how many requests went out, repeated ones too.
func (p *Provider) Calls() int64 { return p.api.Calls() }

// serverURL returns the address of the one server that an API speaks for, where base may
// stop before that.
func serverURL(base string) string {
	switch {
	case strings.Contains(base, "/servers/"):
		return base
	case strings.HasSuffix(base, "/api/v1"):
		return base + "/servers/localhost"
	}
	return base + "/api/v1/servers/localhost"
}

// Limits returns what zones take. A TTL and a comment belong to a set.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, AutoTTL: autoTTL, Comment: maxComment, Tags: -1,
		NoProxy: true, OneTTL: true, OneMark: true, BatchOctets: batchOctets}
}

// Route returns the pattern of a call, without what is different in each zone.
func Route(r *http.Request) string {
	_, after, zone := strings.Cut(r.URL.Path, "/zones/")
	if zone && after != "" {
		return r.Method + " /zones/{zone}"
	}
	return r.Method + " /zones"
}
