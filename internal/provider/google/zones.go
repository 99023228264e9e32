package google

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// zoneRow is a zone as the API tells of it.
type zoneRow struct {
	Name       string          `json:"name"` // in the project; its id for homing
	DNSName    string          `json:"dnsName"`
	Visibility string          `json:"visibility"`
	Forwarding json.RawMessage `json:"forwardingConfig"`
	Peering    json.RawMessage `json:"peeringConfig"`
}

// serves says whether the world is answered with records of the zone.
func (z *zoneRow) serves() bool {
	return (z.Visibility == "" || z.Visibility == "public") && z.Forwarding == nil && z.Peering == nil
}

// maxPages bounds a list: at least 100 entries stand on a page.
const maxPages = 1000

// Zones lists the zones of the project, unless somebody says the id of each.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	s, err := p.search(ctx)
	if err != nil {
		return nil, nil, err
	}
	var placed []provider.Placed
	var unplaced []provider.Unplaced
	for _, n := range names {
		z, err := s.find(ctx, n)
		switch {
		case err == nil:
			placed = append(placed, provider.Placed{Name: n, Zone: *z})
		case err.Kind == provider.NoZone:
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: err})
		default:
			return nil, nil, err
		}
	}
	return placed, unplaced, nil
}

// ZoneName is the name of the zone with this id.
func (p *Provider) ZoneName(ctx context.Context, id string) (dns.Name, error) {
	s, err := p.search(ctx)
	if err != nil {
		return dns.Name{}, err
	}
	z, err := s.zone(ctx, id)
	if err != nil {
		return dns.Name{}, err
	}
	return z.Name, nil
}

// search is one look for zones.
type search struct {
	p       *Provider
	project string
	limits  plan.Limits
	listed  bool
	ids     map[dns.Name][]string // of the public zones of this name
	known   map[string]*provider.Zone
}

func (p *Provider) search(ctx context.Context) (*search, *provider.Error) {
	project, err := p.projectID(ctx)
	if err != nil {
		return nil, err
	}
	q, err := p.quotas(ctx, project)
	if err != nil {
		return nil, err
	}
	return &search{p: p, project: project, limits: q.limits(), ids: map[dns.Name][]string{}, known: map[string]*provider.Zone{}}, nil
}

// projectID is the project, which is asked for once where nobody says it.
func (p *Provider) projectID(ctx context.Context) (string, *provider.Error) {
	if p.named != "" {
		return p.named, nil
	}
	p.mu.Lock()
	known := p.project
	p.mu.Unlock()
	if known != "" {
		return known, nil
	}
	project, err := p.tokens.project(ctx)
	if err == nil && project == "" {
		err = rest.NewError(provider.Auth, "", "set {accounts.project}", "the key does not say its project")
	}
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.project = project
	return project, nil
}

// find is the longest zone of a name, or the one that somebody says.
func (s *search) find(ctx context.Context, n dns.Name) (*provider.Zone, *provider.Error) {
	if id := s.p.zoneIDs[n]; id != "" {
		z, err := s.zone(ctx, id)
		if err == nil && !n.IsWithin(z.Name) {
			err = rest.NewError(provider.NoZone, "", cureNoZone, "%s is not in the zone %s", n.Describe(), z.Name.Describe())
		}
		return z, err
	}
	if err := s.list(ctx); err != nil {
		return nil, err
	}
	if named := s.p.zoneNames[n]; !named.IsZero() && n.IsWithin(named) && len(s.ids[named]) > 0 {
		return s.only(named)
	}
	for at, ok := n, true; ok; at, ok = at.Parent() {
		if len(s.ids[at]) > 0 {
			return s.only(at)
		}
	}
	return nil, rest.NewError(provider.NoZone, "", cureNoZone, "no public zone of the project %s holds %s", s.project, n.Describe())
}

// only is the one zone of a name; which of several is meant, a person has to say.
func (s *search) only(name dns.Name) (*provider.Zone, *provider.Error) {
	ids := s.ids[name]
	if len(ids) > 1 {
		return nil, rest.NewError(provider.NoZone, "", "set {records.zone_id} to the one that your registrar points to", "the project %s has %d public zones %s: %s",
			s.project, len(ids), name.Describe(), strings.Join(ids[:min(len(ids), 5)], ", "))
	}
	return s.known[ids[0]], nil
}

// list reads all zones of the project, once.
func (s *search) list(ctx context.Context) *provider.Error {
	if s.listed {
		return nil
	}
	err := pages(func(token string) (string, *provider.Error) {
		var page struct {
			Zones []zoneRow `json:"managedZones"`
			Kind  string    `json:"kind"`
			Next  string    `json:"nextPageToken"`
		}
		_, err := s.p.api.Do(ctx, rest.Call{What: "list the zones", Method: http.MethodGet, Path: "/projects/" + url.PathEscape(s.project) + "/managedZones",
			Query: paged(nil, token), Limit: maxPage, NotFoundKind: provider.NoZone,
			Result: rest.DecodeList(&page, func() bool {
				return (page.Zones != nil || page.Kind == "dns#managedZonesListResponse") &&
					rest.AllRows(len(page.Zones), func(i int) bool { return page.Zones[i].Name != "" && page.Zones[i].DNSName != "" })
			})})
		if err != nil {
			return "", err
		}
		for i := range page.Zones {
			z := &page.Zones[i]
			if n, bad := dns.ParseName(z.DNSName); bad == nil && z.Name != "" && z.serves() {
				s.ids[n] = append(s.ids[n], z.Name)
				s.known[z.Name] = &provider.Zone{ID: z.Name, Name: n, Limits: s.limits, Guard: provider.GuardsBatch}
			}
		}
		return page.Next, nil
	})
	for _, ids := range s.ids {
		sort.Strings(ids)
	}
	s.listed = err == nil
	return err
}

// zone is the zone with this id.
func (s *search) zone(ctx context.Context, id string) (*provider.Zone, *provider.Error) {
	if z, ok := s.known[id]; ok {
		return z, nil
	}
	var row zoneRow
	what := "read the zone " + rest.Printable(id)
	if _, err := s.p.api.Do(ctx, rest.Call{What: what, Method: http.MethodGet, Path: zonePath(s.project, id, ""), NotFoundKind: provider.NoZone, Result: rest.DecodeJSON(&row)}); err != nil {
		return nil, err
	}
	n, bad := dns.ParseName(row.DNSName)
	if bad != nil {
		return nil, rest.NewError(provider.NoZone, what, cureNoZone, "%w", bad)
	}
	z := &provider.Zone{ID: id, Name: n, Limits: s.limits, Guard: provider.GuardsBatch}
	if !row.serves() {
		z.Unserved = "the zone is private, or forwards its questions, so the world is not answered with its records"
	}
	s.known[id] = z
	return z, nil
}

// pages calls read for page after page, with the token of each.
func pages(read func(token string) (next string, err *provider.Error)) *provider.Error {
	token := ""
	for range maxPages {
		next, err := read(token)
		if err != nil || next == "" {
			return err
		}
		if next == token {
			break
		}
		token = next
	}
	return rest.NewError(provider.Unavailable, "", "", "the list has no end")
}

func paged(query url.Values, token string) url.Values {
	if query == nil {
		query = url.Values{}
	}
	if token != "" {
		query.Set("pageToken", token)
	}
	return query
}

// quota is how much a project may change at once. Zero is no bound.
type quota struct {
	Additions int `json:"rrsetAdditionsPerChange"`
	Deletions int `json:"rrsetDeletionsPerChange"`
	Octets    int `json:"totalRrdataSizePerChange"`
	Values    int `json:"resourceRecordsPerRrset"`
}

// usual is what every project begins with (cloud.google.com/dns/quotas, 2026).
func usual() quota { return quota{Additions: 1000, Deletions: 1000, Octets: 100_000, Values: 100} }

func (q quota) limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, AutoTTL: automaticTTL, Comment: -1, Tags: -1, NoProxy: true, OneTTL: true,
		Values: q.Values, Batch: min(q.Additions, q.Deletions)}
}

// quotaLife is how long quotas are believed: people ask for other ones seldom.
const quotaLife = time.Hour

// quotas are those of the project. Where the credential may not read them they are
// the usual ones.
func (p *Provider) quotas(ctx context.Context, project string) (quota, *provider.Error) {
	p.mu.Lock()
	most, fresh := p.most, !p.asked.IsZero() && time.Since(p.asked) < quotaLife
	p.mu.Unlock()
	if fresh {
		return most, nil
	}
	var said struct {
		Quota quota `json:"quota"`
	}
	_, err := p.api.Do(ctx, rest.Call{What: "read the quotas of the project", Method: http.MethodGet, Path: "/projects/" + url.PathEscape(project), NotFoundKind: provider.NoZone, Result: rest.DecodeJSON(&said)})
	switch {
	case err != nil && rest.StatusOf(err) == http.StatusForbidden && err.Kind == provider.Auth:
		said.Quota = quota{} // the lists say whether anything is allowed
	case err != nil:
		return quota{}, err
	}
	q, u := said.Quota, usual()
	for _, one := range []struct {
		field *int
		usual int
	}{{&q.Additions, u.Additions}, {&q.Deletions, u.Deletions}, {&q.Octets, u.Octets}, {&q.Values, u.Values}} {
		if *one.field <= 0 {
			*one.field = one.usual
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most, p.asked = q, time.Now()
	return q, nil
}

// CheckZoneID says why s is no id of a zone: the name that it has in the project, or
// the number that the API gives it.
func CheckZoneID(s string) error {
	if s == "" || len(s) > 63 || strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-')
	}) {
		return fmt.Errorf("this is no id of a zone at Google")
	}
	return nil
}
