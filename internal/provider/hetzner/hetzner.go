// Package hetzner is the Provider for the DNS of Hetzner Cloud, over its API:
// whole RRsets, one a call, written by actions that run on after the answer. The
// API compares nothing, so each set is read immediately before it is written, and
// again once its action is done. (docs.hetzner.cloud, and the package schema of
// hcloud-go v2.53, 2026-11-29.) The old API, dns.hetzner.com, is shut.
package hetzner

import (
	"net/http"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// DefaultBase is where the API is, and Address its name in texts.
const (
	DefaultBase = "https://api.hetzner.cloud/v1"
	Address     = "api.hetzner.cloud"
)

// TTLs that a zone takes, beside 1 for automatic, which is that of the zone.
const (
	MinTTL = 60
	MaxTTL = 1<<31 - 1
)

// maxComment is what every record takes of a comment, in characters.
const maxComment = 255

// oldTokenLength is the length of a token of dns.hetzner.com; those of Hetzner Cloud have 64.
const oldTokenLength = 32

// Provider is the zones of one project.
type Provider struct{ rest.ZoneReader }

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Texts    = (*Provider)(nil)
	_ provider.Meter    = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(token secret.String, a rest.Account) (*Provider, error) {
	api, err := a.NewClient(rest.Host{Name: "Hetzner", Address: Address, StatusPage: "status.hetzner.com", BaseSetting: "{accounts.base_url}"}, DefaultBase)
	if err != nil {
		return nil, err
	}
	api.Authorize = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.Reveal()) }
	api.Secrets, api.ExplainRefusal = []secret.String{token}, explainRefusal
	p := &Provider{rest.ZoneReader{API: api, Account: a, CredentialName: "token", Viewer: "the project of this token", NoZoneHint: cureNoZone}}
	p.FetchZones, p.FetchSets = p.listZones, p.readAllSets
	return p, nil
}

// Quota returns what homing asks of a project within an hour: it takes 3,600 calls, of
// people and programs together, one more each second.
func Quota() rest.Limit { return rest.Limit{Host: "Hetzner", Calls: 3000, Window: time.Hour} }

// IsOldToken reports whether a token is of the kind that the API had which is shut.
func IsOldToken(token string) bool { return len(token) == oldTokenLength }

// Limits returns what zones take. A TTL belongs to a set, a comment to a record.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, Comment: maxComment, Tags: -1, NoProxy: true, OneTTL: true}
}

// Route returns the pattern of a call, without what is different in each zone and set.
func Route(r *http.Request) string {
	_, path, _ := strings.Cut(r.URL.Path, "/v1/")
	parts := strings.Split(path, "/")
	for i := 1; i < len(parts); i++ {
		switch {
		case i == 1:
			parts[i] = "{zone}"
		case parts[2] == "rrsets" && i == 3:
			parts[i] = "{name}"
		case parts[2] == "rrsets" && i == 4:
			parts[i] = "{type}"
		}
	}
	return r.Method + " /" + strings.Join(parts, "/")
}
