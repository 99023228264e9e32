// Package porkbun is the Provider for Porkbun's DNS, over its JSON API: records by
// their ids, one a call, with both keys in the body of each. Nothing is compared, so
// the zone is read before records are changed, and afterwards.
// (porkbun.com/api/json/v3/documentation and its OpenAPI description 3.7, 2026-11-29)
package porkbun

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// DefaultBase is where the API is, and Address its name in texts.
const (
	DefaultBase = "https://api.porkbun.com/api/json/v3"
	Address     = "api.porkbun.com"
)

// TTLs that a record takes; 600 is also what it has where none is said.
const (
	MinTTL = 600
	MaxTTL = 1<<31 - 1
)

// maxNotes is what a record takes of a note, in characters, as far as is known.
const maxNotes = 255

// Provider is the domains of one account.
type Provider struct {
	rest.ZoneReader
	key, secret secret.String
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Texts    = (*Provider)(nil)
	_ provider.Meter    = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(key, secretKey secret.String, a rest.Account) (*Provider, error) {
	api, err := a.NewClient(rest.Host{Name: "Porkbun", Address: Address, StatusPage: "status.porkbun.com", BaseSetting: "{accounts.base_url}"}, DefaultBase)
	if err != nil {
		return nil, err
	}
	api.Authorize = func(*http.Request) {} // the keys are in the body
	api.Secrets, api.ExplainRefusal = []secret.String{key, secretKey}, explain
	p := &Provider{rest.ZoneReader{API: api, Account: a, CredentialName: "API key", Viewer: "the account of this key", NoZoneHint: cureNoZone}, key, secretKey}
	p.FetchZones, p.FetchSets = p.zones, p.readAllRecords
	return p, nil
}

// Quota is one call a second, of which ten may come at once: Porkbun says no number,
// and answers 503 where there are too many (lexicon's tests, AnalogJ/lexicon pull
// 1283; pyrkbun's documentation).
func Quota() rest.Limit {
	return rest.Limit{Host: "Porkbun", Calls: 10, Window: 10 * time.Second, MaxWait: 10 * time.Second}
}

// Limits returns what a domain takes.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, AutoTTL: MinTTL, Comment: maxNotes, CommentIs: "notes", Tags: -1, NoProxy: true}
}

// ZoneName returns the name of the domain with this id, which is its name.
func (p *Provider) ZoneName(_ context.Context, id string) (dns.Name, error) { return dns.ParseName(id) }

// Route returns the pattern of a call, without what is different in each domain and record.
func Route(r *http.Request) string {
	for _, call := range []string{"/domain/listAll", "/dns/retrieve", "/dns/create", "/dns/edit", "/dns/delete"} {
		if strings.Contains(r.URL.Path, call) {
			return r.Method + " " + call
		}
	}
	return r.Method
}
