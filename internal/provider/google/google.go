// Package google is the Provider for Google Cloud DNS: whole RRsets, with what was
// read as the condition of what is written. All sets of a change are stored or
// none; the deletions of a change must be exactly what stands there, and what it
// adds must not (discovery document dns v1, revision 20261009).
package google

import (
	"errors"
	"net/http"
	"net/url"
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

// Host is where the API is, and DefaultBase its address.
const (
	Host        = "dns.googleapis.com"
	DefaultBase = "https://" + Host
)

// TTLs that a zone takes, beside 1 for automatic.
const (
	MinTTL = 1
	MaxTTL = 1<<31 - 1
)

const (
	apiPath        = "/dns/v1"
	autoTTL        = 300
	defaultTimeout = 30 * time.Second
)

// Config is what a Provider is made of. The credential is a Key or Instance.
type Config struct {
	Key       secret.String       // of a service account: its file, JSON
	Instance  bool                // take that of the machine this runs on
	Project   string              // empty: that of the key, or of the machine
	BaseURL   string              // empty: DefaultBase; see rest.CheckBaseURL
	AllowHTTP bool                // plain http in a private network
	Client    *httpx.Client       // names the User-Agent
	Tokens    *httpx.Client       // for who hands out tokens; with Instance the machine's own services
	Timeout   time.Duration       // of one call with its repetitions; 0: 30 s
	ZoneIDs   map[dns.Name]string // names whose zone need not be searched; may be nil
	// ZoneNames are the zones that somebody names for names; where there is none
	// of that name, it is searched as for others. May be nil.
	ZoneNames map[dns.Name]dns.Name
}

// Provider is one project, as the bearer of a credential sees it.
type Provider struct {
	api               *rest.Client
	tokens            tokenSource
	configuredProject string // the project, where somebody says it
	zoneIDs           map[dns.Name]string
	zoneNames         map[dns.Name]dns.Name

	mu             sync.Mutex
	project        string
	quota          quota
	quotasReadAt   time.Time // when most was asked for
	originalValues originalValues
}

var (
	_ provider.Provider   = (*Provider)(nil)
	_ provider.Texts      = (*Provider)(nil)
	_ provider.Meter      = (*Provider)(nil)
	_ provider.Propagator = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(c Config) (*Provider, error) {
	base, err := rest.CheckBaseURL(c.BaseURL, DefaultBase, c.AllowHTTP)
	switch {
	case err != nil:
		return nil, err
	case c.Client == nil, c.Tokens == nil:
		return nil, errors.New("make a provider: there is no HTTP client")
	case c.Timeout <= 0:
		c.Timeout = defaultTimeout
	}
	base = strings.TrimSuffix(base, apiPath)
	p := &Provider{configuredProject: c.Project, zoneIDs: c.ZoneIDs, zoneNames: c.ZoneNames}
	if c.Instance {
		p.tokens = newMetadataServer(c.Tokens, base, c.Timeout)
	} else {
		k, err := parseKey(c.Key, base)
		if err != nil {
			return nil, err
		}
		p.tokens = newServiceAccount(k, c.Tokens, c.Timeout)
	}
	p.api = &rest.Client{
		HTTP: c.Client, Base: base + apiPath, Timeout: c.Timeout,
		Host:           rest.Host{Name: "Google", Address: Host, StatusPage: "status.cloud.google.com", BaseSetting: "{accounts.base_url}"},
		Quota:          rest.NewQuota(rest.Limit{Host: "Google"}),
		Credentials:    &rest.CredentialCache{Fetch: p.tokens.fetchToken, Timeout: c.Timeout},
		ExplainRefusal: explainRefusal,
	}
	return p, nil
}

// Calls returns how many requests went out, repeated ones and those for tokens too.
func (p *Provider) Calls() int64 { return p.api.Calls() + p.tokens.calls() }

// Limits returns what a zone takes in a project that has the quotas all begin with. A
// TTL belongs to a set.
func Limits() plan.Limits { return defaultQuota().toLimits() }

// Route returns the pattern of a call, without what is different in each project and
// zone.
func Route(r *http.Request) string {
	_, after, _ := strings.Cut(r.URL.Path, "/projects/")
	parts := strings.Split(after, "/")
	for i, p := range []string{"{project}", "", "{zone}", "", "{change}"} {
		if p != "" && i < len(parts) {
			parts[i] = p
		}
	}
	return r.Method + " /projects/" + strings.Join(parts[:min(len(parts), 5)], "/")
}

// zonePath returns the path of a zone, and of what is below it.
func zonePath(project, zone, below string) string {
	return "/projects/" + url.PathEscape(project) + "/managedZones/" + url.PathEscape(zone) + below
}
