// Package route53 is the Provider for Amazon Route 53: whole RRsets, of which each
// is deleted exactly as it was read and created as it should stand, all of a batch
// or nothing. So a second writer is noticed by Route 53 itself.
package route53

import (
	"errors"
	"math"
	"net/http"
	"os"
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

// DefaultBase is where the API is, and Host the name of that.
const (
	DefaultBase = "https://route53.amazonaws.com"
	Host        = "route53.amazonaws.com"
)

// TTLs that a zone takes, beside 1 for automatic.
const (
	MinTTL = 1
	MaxTTL = math.MaxInt32
)

const (
	autoTTL        = 300
	maxSetValues   = 400 // of a set (quotas of Route 53, 2026-11)
	defaultTimeout = 30 * time.Second
)

// Config is what a Provider is made of. Either Keys are set or Instance is.
type Config struct {
	Keys     Keys
	Instance *Instance     // where the credential is handed out; nil: Keys are it
	Region   string        // decides the partition of AWS, and where STS is asked; empty: us-east-1
	BaseURL  string        // empty: that of the partition
	Client   *httpx.Client // names the User-Agent
	Timeout  time.Duration // of one call with its repetitions; 0: 30 s
	// Quota counts the calls of all that share the credential; nil: a new one.
	Quota     *rest.Quota
	ZoneIDs   map[dns.Name]string   // names whose zone need not be searched; may be nil
	ZoneNames map[dns.Name]dns.Name // the zones that somebody names for names; may be nil
}

// Limit returns the rate limit of an account: five a second (quotas of
// Route 53, 2026-11). What goes out evenly may arrive closer together.
func Limit() rest.Limit {
	return rest.Limit{Host: "Route 53", Calls: 5, Window: 1100 * time.Millisecond, MaxWait: 5 * time.Second}
}

// Provider is one AWS account, as the bearer of its credential sees it.
type Provider struct {
	api       *rest.Client
	instance  bool
	zoneIDs   map[dns.Name]string
	zoneNames map[dns.Name]dns.Name

	mu             sync.Mutex
	zoneSizes      map[string]int      // how many sets a zone has, by its id, when it was last told
	originalValues map[valueKey]string // values that are not written as homing writes them
}

var (
	_ provider.Provider   = (*Provider)(nil)
	_ provider.Texts      = (*Provider)(nil)
	_ provider.Meter      = (*Provider)(nil)
	_ provider.Propagator = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(c Config) (*Provider, error) {
	part := partitionFor(c.Region)
	base, err := rest.CheckBaseURL(c.BaseURL, part.base, true)
	switch {
	case err != nil:
		return nil, err
	case c.Client == nil:
		return nil, errors.New("make a provider: there is no HTTP client")
	case c.Instance == nil && (c.Keys.ID == "" || c.Keys.Secret.IsZero()):
		return nil, errors.New("make a provider: there is no access key")
	case c.Timeout <= 0:
		c.Timeout = defaultTimeout
	}
	if c.Quota == nil {
		c.Quota = rest.NewQuota(Limit())
	}
	p := &Provider{instance: c.Instance != nil, zoneIDs: c.ZoneIDs, zoneNames: c.ZoneNames, zoneSizes: map[string]int{}, originalValues: map[valueKey]string{}}
	p.api = &rest.Client{
		HTTP: c.Client, Base: base + "/2013-04-01", Timeout: c.Timeout,
		Host:  rest.Host{Name: "Route 53", Address: strings.TrimPrefix(part.base, "https://"), BaseSetting: "{accounts.base_url}", StatusPage: "health.aws.amazon.com"},
		Quota: c.Quota, ExplainRefusal: p.explainRefusal,
	}
	if c.Instance != nil {
		p.api.Credentials = c.Instance.newRenewal(part.signingRegion, c.Region)
		return p, nil
	}
	p.api.Secrets = []secret.String{c.Keys.Secret, c.Keys.Token}
	p.api.Authorize = func(r *http.Request) { Sign(r, c.Keys, part.signingRegion, service, time.Now()) }
	return p, nil
}

// Calls returns how many requests to Route 53 went out, repeated ones too.
func (p *Provider) Calls() int64 { return p.api.Calls() }

// Limits returns what zones take. A TTL belongs to a set.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, AutoTTL: autoTTL, Comment: -1, Tags: -1, Values: maxSetValues, NoProxy: true, OneTTL: true}
}

// partition is a part of AWS with accounts of its own. Route 53 is one service in
// each, and signed for one region.
type partition struct{ base, signingRegion, suffix string }

func partitionFor(region string) partition {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return partition{"https://route53.amazonaws.com.cn", "cn-northwest-1", "amazonaws.com.cn"}
	case strings.HasPrefix(region, "us-gov-"):
		return partition{"https://route53.us-gov.amazonaws.com", "us-gov-west-1", "amazonaws.com"}
	}
	return partition{DefaultBase, "us-east-1", "amazonaws.com"}
}

// CheckRegion refuses what cannot be the name of a region.
func CheckRegion(s string) error {
	if strings.Count(s, "-") < 2 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(s) > 32 {
		return errors.New("this is no region of AWS")
	}
	return nil
}

// ParseZoneID reads the id of a hosted zone as the API has it in its paths.
func ParseZoneID(s string) (string, error) {
	id := strings.TrimPrefix(strings.TrimPrefix(s, "/"), "hostedzone/")
	if id == "" || len(id) > 32 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", errors.New("this is no id of a hosted zone")
	}
	return id, nil
}

// parseChangeID reads the id of a change, before which /change/ may stand.
func parseChangeID(s string) (string, error) {
	id := strings.TrimPrefix(strings.TrimPrefix(s, "/"), "change/")
	if id == "" || len(id) > 64 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", errors.New("it holds no id of a change")
	}
	return id, nil
}

// Route returns the pattern of a call, without what is different in each zone.
func Route(r *http.Request) string {
	_, path, _ := strings.Cut(r.URL.Path, "/2013-04-01/")
	switch parts := strings.Split(path, "/"); {
	case parts[0] == "change":
		return r.Method + " /change/{id}"
	case len(parts) == 1:
		return r.Method + " /hostedzone"
	case len(parts) == 2:
		return r.Method + " /hostedzone/{id}"
	}
	return r.Method + " /hostedzone/{id}/rrset"
}

// readCredentialFile is like os.ReadFile, but refuses what is too long for a credential.
func readCredentialFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := readLimited(f)
	return strings.TrimSpace(string(b)), err
}
