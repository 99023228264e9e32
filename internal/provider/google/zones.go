package google

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"

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

// isPublic reports whether the world is answered with records of the zone.
func (z *zoneRow) isPublic() bool {
	return (z.Visibility == "" || z.Visibility == "public") && z.Forwarding == nil && z.Peering == nil
}

// maxPages bounds a list: at least 100 entries stand on a page.
const maxPages = 1000

// Zones lists the zones of the project, unless somebody says the id of each.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	s, err := p.newZoneSearch(ctx)
	if err != nil {
		return nil, nil, err
	}
	var placed []provider.Placed
	var unplaced []provider.Unplaced
	for _, n := range names {
		z, err := s.findZone(ctx, n)
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

// ZoneName returns the name of the zone with this id.
func (p *Provider) ZoneName(ctx context.Context, id string) (dns.Name, error) {
	s, err := p.newZoneSearch(ctx)
	if err != nil {
		return dns.Name{}, err
	}
	z, err := s.zoneByID(ctx, id)
	if err != nil {
		return dns.Name{}, err
	}
	return z.Name, nil
}

// zoneSearch is one look for zones.
type zoneSearch struct {
	p       *Provider
	project string
	limits  plan.Limits
	listed  bool
	ids     map[dns.Name][]string // of the public zones of this name
	byID    map[string]*provider.Zone
}

func (p *Provider) newZoneSearch(ctx context.Context) (*zoneSearch, *provider.Error) {
	project, err := p.projectID(ctx)
	if err != nil {
		return nil, err
	}
	q, err := p.readQuotas(ctx, project)
	if err != nil {
		return nil, err
	}
	return &zoneSearch{p: p, project: project, limits: q.toLimits(), ids: map[dns.Name][]string{}, byID: map[string]*provider.Zone{}}, nil
}

// findZone returns the longest zone of a name, or the one that somebody says.
func (s *zoneSearch) findZone(ctx context.Context, n dns.Name) (*provider.Zone, *provider.Error) {
	if id := s.p.zoneIDs[n]; id != "" {
		z, err := s.zoneByID(ctx, id)
		if err == nil && !n.IsWithin(z.Name) {
			err = rest.NewError(provider.NoZone, "", cureNoZone, "%s is not in the zone %s", n.Describe(), z.Name.Describe())
		}
		return z, err
	}
	if err := s.listZones(ctx); err != nil {
		return nil, err
	}
	if named := s.p.zoneNames[n]; !named.IsZero() && n.IsWithin(named) && len(s.ids[named]) > 0 {
		return s.onlyZone(named)
	}
	for at, ok := n, true; ok; at, ok = at.Parent() {
		if len(s.ids[at]) > 0 {
			return s.onlyZone(at)
		}
	}
	return nil, rest.NewError(provider.NoZone, "", cureNoZone, "no public zone of the project %s holds %s", s.project, n.Describe())
}

// onlyZone returns the one zone of a name; an error if there are several.
func (s *zoneSearch) onlyZone(name dns.Name) (*provider.Zone, *provider.Error) {
	ids := s.ids[name]
	if len(ids) > 1 {
		return nil, rest.NewError(provider.NoZone, "", "set {records.zone_id} to the one that your registrar points to", "the project %s has %d public zones %s: %s",
			s.project, len(ids), name.Describe(), strings.Join(ids[:min(len(ids), 5)], ", "))
	}
	return s.byID[ids[0]], nil
}

// listZones reads all zones of the project, once.
func (s *zoneSearch) listZones(ctx context.Context) *provider.Error {
	if s.listed {
		return nil
	}
	err := forEachPage(func(token string) (string, *provider.Error) {
		var page struct {
			Zones []zoneRow `json:"managedZones"`
			Kind  string    `json:"kind"`
			Next  string    `json:"nextPageToken"`
		}
		_, err := s.p.api.Do(ctx, rest.Call{What: "list the zones", Method: http.MethodGet, Path: "/projects/" + url.PathEscape(s.project) + "/managedZones",
			Query: withPageToken(nil, token), Limit: maxPage, NotFoundKind: provider.NoZone,
			Result: rest.DecodeList(&page, func() bool {
				return (page.Zones != nil || page.Kind == "dns#managedZonesListResponse") &&
					rest.AllRows(len(page.Zones), func(i int) bool { return page.Zones[i].Name != "" && page.Zones[i].DNSName != "" })
			})})
		if err != nil {
			return "", err
		}
		for i := range page.Zones {
			z := &page.Zones[i]
			if n, bad := dns.ParseName(z.DNSName); bad == nil && z.Name != "" && z.isPublic() {
				s.ids[n] = append(s.ids[n], z.Name)
				s.byID[z.Name] = &provider.Zone{ID: z.Name, Name: n, Limits: s.limits, Guard: provider.GuardsBatch}
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

// zoneByID returns the zone with this id.
func (s *zoneSearch) zoneByID(ctx context.Context, id string) (*provider.Zone, *provider.Error) {
	if z, ok := s.byID[id]; ok {
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
	if !row.isPublic() {
		z.Unserved = "the zone is private, or forwards its questions, so the world is not answered with its records"
	}
	s.byID[id] = z
	return z, nil
}

// forEachPage calls read for page after page, with the token of each.
func forEachPage(read func(token string) (next string, err *provider.Error)) *provider.Error {
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

func withPageToken(query url.Values, token string) url.Values {
	if query == nil {
		query = url.Values{}
	}
	if token != "" {
		query.Set("pageToken", token)
	}
	return query
}

// CheckZoneID checks the id of a zone: the name that it has in the project, or
// the number that the API gives it.
func CheckZoneID(s string) error {
	if s == "" || len(s) > 63 || strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-')
	}) {
		return fmt.Errorf("this is no id of a zone at Google")
	}
	return nil
}
