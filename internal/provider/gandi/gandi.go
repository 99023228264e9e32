// Package gandi is the Provider for Gandi's LiveDNS, over its API: whole RRsets, one
// a call. The API compares nothing, so each set is read immediately before it is
// written, and again afterwards. (api.gandi.net/docs/livedns, 2026-11-29)
package gandi

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
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
	DefaultBase = "https://api.gandi.net/v5/livedns"
	Address     = "api.gandi.net"
)

// TTLs that a set takes.
const (
	MinTTL = 300
	MaxTTL = 2592000
)

const (
	pageSize        = 100
	maxPages        = 1000
	maxKeysOneByOne = 8  // sets that are read one by one; of more the whole zone is
	readReserve     = 20 // calls that are kept for reading again, beside one for each ten sets
)

// Provider is the domains that a token sees.
type Provider struct {
	rest.ZoneReader

	mu            sync.Mutex
	unlistedZones []provider.Zone // that are not in the list
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Texts    = (*Provider)(nil)
	_ provider.Meter    = (*Provider)(nil)
)

// New makes a Provider. It starts nothing and calls nobody.
func New(token secret.String, a rest.Account) (*Provider, error) {
	api, err := a.NewClient(rest.Host{Name: "Gandi", Address: Address, StatusPage: "status.gandi.net", BaseSetting: "{accounts.base_url}"}, DefaultBase)
	if err != nil {
		return nil, err
	}
	api.Authorize = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.Reveal()) }
	api.Secrets, api.ExplainRefusal = []secret.String{token}, explainRefusal
	p := &Provider{ZoneReader: rest.ZoneReader{API: api, Account: a, CredentialName: "token", Viewer: "this token", NoZoneHint: cureNoZone}}
	p.FetchZones, p.FetchSets = p.fetchListedZones, p.readAllSets
	return p, nil
}

// Quota returns what homing asks within a minute; Gandi takes 1,000 calls of an address,
// as its users report (2026-11-29).
func Quota() rest.Limit { return rest.Limit{Host: "Gandi", Calls: 800, Window: time.Minute} }

// Limits returns what a domain takes. A TTL belongs to a set.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, AutoTTL: MinTTL, Comment: -1, Tags: -1, NoProxy: true, OneTTL: true}
}

// ZoneName returns the name of the domain with this id, which is its name.
func (p *Provider) ZoneName(_ context.Context, id string) (dns.Name, error) { return dns.ParseName(id) }

// Route returns the pattern of a call, without what is different in each domain and set.
func Route(r *http.Request) string {
	_, path, _ := strings.Cut(r.URL.Path, "/domains/")
	switch n := strings.Count(path, "/"); {
	case path == "":
		return r.Method + " /domains"
	case n == 0:
		return r.Method + " /domains/{fqdn}"
	case n == 1:
		return r.Method + " /domains/{fqdn}/records"
	}
	return r.Method + " /domains/{fqdn}/records/{name}/{type}"
}

// rrset is an RRset as the API writes it.
type rrset struct {
	Name   string   `json:"rrset_name,omitempty"` // "@" for the domain itself
	Type   dns.Type `json:"rrset_type,omitempty"`
	TTL    int      `json:"rrset_ttl"`
	Values []string `json:"rrset_values"`
}

// Records returns what a set holds.
func (s *rrset) Records(k dns.Key) []dns.Record { return rest.RecordsFromValues(k, s.TTL, s.Values) }

// readPages asks for a list page by page, until one has nothing new or all that there are
// were there; take says how many new ones a page has. So a server that gives the whole
// list each time is not asked for ever.
func (p *Provider) readPages(ctx context.Context, what, path string, read func(io.Reader) error, take func() int) *provider.Error {
	got := 0
	for page := 1; page <= maxPages; page++ {
		h, err := p.API.Do(ctx, rest.Call{What: what, Method: http.MethodGet, Path: path, NotFoundKind: provider.NoZone, Limit: 16 << 20, Result: read,
			Query: url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(pageSize)}}})
		if err != nil {
			return err
		}
		n := take()
		got += n
		if total, bad := strconv.Atoi(h.Get("Total-Count")); n == 0 || bad == nil && got >= total && rest.NextPage(h) == nil {
			return nil
		}
	}
	return rest.NewError(provider.Unavailable, what, "", "the list does not end within %d pages", maxPages)
}

// readAllSets hands each set of a domain that matters to take.
func (p *Provider) readAllSets(ctx context.Context, zone provider.Zone, take func(dns.Key, rest.StoredSet)) *provider.Error {
	var page []rrset
	type key struct{ name, of string }
	seen := map[key]bool{}
	return p.readPages(ctx, "list the records of "+zone.Name.Describe(), recordsPath(zone), rest.DecodeList(&page, func() bool {
		return page != nil && rest.AllRows(len(page), func(i int) bool { s := &page[i]; return s.Name != "" && rest.IsCompleteRow(s.Type, s.Values...) })
	}), func() int {
		before := len(seen)
		for i := range page {
			at := key{page[i].Name, string(page[i].Type)}
			if seen[at] {
				continue
			}
			seen[at] = true
			n, err := rest.AbsoluteName(page[i].Name, zone.Name, "@")
			if k := (dns.Key{Name: n, Type: page[i].Type}); err == nil && rest.IsRelevantType(k.Type) {
				take(k, &page[i])
			}
		}
		page = nil
		return len(seen) - before
	})
}

func recordsPath(zone provider.Zone) string {
	return "/domains/" + url.PathEscape(zone.ID) + "/records"
}

// setPath returns the path of a set.
func setPath(zone provider.Zone, k dns.Key) string {
	return recordsPath(zone) + "/" + url.PathEscape(rest.RelativeName(k.Name, zone.Name, "@")) + "/" + string(k.Type)
}

// fetchSet returns a set; of the kind NoZone where there is none.
func (p *Provider) fetchSet(ctx context.Context, zone provider.Zone, k dns.Key) (rest.StoredSet, *provider.Error) {
	s := &rrset{}
	_, err := p.API.Do(ctx, rest.Call{What: "read " + k.String(), Method: http.MethodGet, Path: setPath(zone, k), NotFoundKind: provider.NoZone, Result: rest.DecodeJSON(s)})
	if err == nil && (s.Type != k.Type || !rest.IsCompleteRow(s.Type, s.Values...)) {
		err = rest.NewError(provider.Unavailable, "read "+k.String(), rest.HintUnexpectedAnswer, "Gandi answered with another set")
	}
	return s, err
}

// Apply writes one set a call.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	written := 0
	w := rest.SetApplier{Host: "Gandi", Zone: zone, OneSetPerCall: true,
		Read: func(ctx context.Context, keys []dns.Key) (map[dns.Key]rest.StoredSet, *provider.Error) {
			return p.SetsAt(ctx, zone, keys, maxKeysOneByOne, func(k dns.Key) (rest.StoredSet, *provider.Error) { return p.fetchSet(ctx, zone, k) })
		},
		Write: func(ctx context.Context, what string, sets []rest.SetChange) (map[dns.Key]rest.StoredSet, []int, *provider.Error) {
			if err := p.API.CheckQuota(what, readReserve+written/10); err != nil {
				return nil, nil, err
			}
			written++
			_, err := p.API.Do(ctx, newCall(what, zone, &sets[0]))
			return nil, nil, err
		}}
	return w.Apply(ctx, sets)
}

// newCall returns what is asked for a set.
func newCall(what string, zone provider.Zone, c *rest.SetChange) rest.Call {
	r := rest.Call{What: what, Method: http.MethodDelete, Path: setPath(zone, c.Key), NotFoundKind: provider.Stale}
	if len(c.Desired) == 0 {
		return r
	}
	r.Method, r.Body = http.MethodPut, rrset{TTL: c.Desired[0].TTL, Values: rest.ZoneFileValues(c.Desired)}
	return r
}
