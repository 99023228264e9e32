package powerdns

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// maxNamesOneByOne is how many names are asked for one by one. For more, all zones of
// the server are listed.
const maxNamesOneByOne = 8

// Zones finds zones by their names.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	s := &zoneSearch{p: p, ids: map[dns.Name]string{}, byID: map[string]*provider.Zone{}}
	if candidates := p.candidateZones(names); len(candidates) > maxNamesOneByOne {
		if err := s.listZones(ctx, ""); err != nil {
			return nil, nil, err
		}
		s.all = true
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
	z, err := (&zoneSearch{p: p}).zoneByID(ctx, id)
	if err != nil {
		return dns.Name{}, err
	}
	return z.Name, nil
}

// candidateZones returns what the zones of names may be called.
func (p *Provider) candidateZones(names []dns.Name) map[dns.Name]bool {
	all := map[dns.Name]bool{}
	for _, n := range names {
		for at, ok := trimWildcard(n), p.zoneIDs[n] == ""; ok; at, ok = at.Parent() {
			all[at] = true
		}
	}
	return all
}

// trimWildcard returns what the zone of a name may be called at most: never *.something.
func trimWildcard(n dns.Name) dns.Name {
	if up, ok := n.Parent(); ok && n.IsWildcard() {
		return up
	}
	return n
}

// zoneSearch is one look for zones.
type zoneSearch struct {
	p    *Provider
	all  bool                      // ids holds every zone of the server
	ids  map[dns.Name]string       // by the name of the zone; empty: there is none
	byID map[string]*provider.Zone // by id
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
	if named := s.p.zoneNames[n]; !named.IsZero() && n.IsWithin(named) {
		if z, err := s.longestZone(ctx, named); err != nil || z.Name == named {
			return z, err
		}
	}
	return s.longestZone(ctx, n)
}

// longestZone returns the longest zone that a name lies in.
func (s *zoneSearch) longestZone(ctx context.Context, n dns.Name) (*provider.Zone, *provider.Error) {
	for at, ok := trimWildcard(n), true; ok; at, ok = at.Parent() {
		if _, asked := s.ids[at]; !asked && !s.all {
			if err := s.listZones(ctx, at.String()+"."); err != nil {
				return nil, err
			}
		}
		if id := s.ids[at]; id != "" {
			return s.zoneByID(ctx, id)
		}
		s.ids[at] = ""
	}
	return nil, rest.NewError(provider.NoZone, "", cureNoZone, "no zone of this server holds %s", n.Describe())
}

// listZones asks for the zone of a name, or for all. A server that is too old to
// look for one tells of all.
func (s *zoneSearch) listZones(ctx context.Context, name string) *provider.Error {
	var zones []zoneRow
	call := rest.Call{What: "list the zones", Method: http.MethodGet, Path: "/zones", Limit: maxZone, Result: rest.DecodeList(&zones, func() bool {
		return zones != nil && rest.AllRows(len(zones), func(i int) bool { return zones[i].ID != "" && zones[i].Name != "" })
	})}
	if name != "" {
		call.Query = url.Values{"zone": {name}}
	}
	if _, err := s.p.api.Do(ctx, call); err != nil {
		if rest.StatusOf(err) == http.StatusNotFound {
			return rest.NewError(provider.Unavailable, call.What, cureNoAPI, "there is no PowerDNS API at this address (HTTP 404)")
		}
		return err
	}
	for _, z := range zones {
		if n, err := dns.ParseName(z.Name); err == nil {
			s.ids[n] = z.ID
		}
	}
	return nil
}

// zoneByID returns what the server tells of a zone, without its records.
func (s *zoneSearch) zoneByID(ctx context.Context, id string) (*provider.Zone, *provider.Error) {
	if z, ok := s.byID[id]; ok {
		return z, nil
	}
	row, err := s.p.fetchZone(ctx, id, url.Values{"rrsets": {"false"}}, nil)
	if err != nil {
		return nil, err
	}
	n, bad := dns.ParseName(row.Name)
	if bad != nil {
		return nil, rest.NewError(provider.NoZone, "", cureNoZone, "%w", bad)
	}
	z := &provider.Zone{ID: id, Name: n, Limits: Limits(), Warning: row.warningText(n)}
	if s.byID != nil {
		s.byID[id] = z
	}
	return z, nil
}

// warningText returns what is wrong with a zone; empty where nothing is.
func (z zoneRow) warningText(n dns.Name) string {
	switch {
	case z.isSecondary():
		return "the zone is a secondary here (" + z.Kind + "), so nothing is written to it: give the account the address of its primary"
	case z.SOAEditAPI == "":
		return "its soa_edit_api is empty, so the serial of the zone stays as it is when a record is changed over the API, and secondary servers do not learn of it: " +
			"pdnsutil set-meta " + n.String() + " SOA-EDIT-API DEFAULT"
	}
	return ""
}

// isSecondary reports whether the records of a zone come from another server, which
// would undo what is written here.
func (z zoneRow) isSecondary() bool {
	switch strings.ToLower(z.Kind) {
	case "slave", "secondary", "consumer":
		return true
	}
	return false
}
