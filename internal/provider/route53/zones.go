package route53

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

const (
	zonesPerPage = 100 // hosted zones in one answer
	maxZonePages = 100 // pages; an account has 500 zones unless it asks for more
)

// Zones lists the hosted zones of the account, unless every name has the id of
// its zone. Private ones, which the world is not answered from, are passed over.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	s := &zoneSearch{p: p, byID: map[string]hostedZone{}}
	if err := s.listIfNeeded(ctx, names); err != nil {
		return nil, nil, err
	}
	var placed []provider.Placed
	var unplaced []provider.Unplaced
	for _, n := range names {
		z, err := s.findZone(ctx, n)
		switch {
		case err == nil:
			placed = append(placed, provider.Placed{Name: n, Zone: z})
		case err.Kind == provider.NoZone, err.Kind == provider.Auth:
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: err})
		default:
			return nil, nil, err
		}
	}
	return placed, unplaced, nil
}

// ZoneName returns the name of the zone with this id.
func (p *Provider) ZoneName(ctx context.Context, id string) (dns.Name, error) {
	z, err := (&zoneSearch{p: p, byID: map[string]hostedZone{}}).zoneByID(ctx, id)
	if err != nil {
		return dns.Name{}, err
	}
	return z.name, nil
}

// hostedZone is a hosted zone as the API tells of it.
type hostedZone struct {
	id      string
	name    dns.Name
	private bool
	sets    int // it has
	err     *provider.Error
}

// zoneSearch is one look for zones.
type zoneSearch struct {
	p         *Provider
	byName    map[dns.Name][]hostedZone // all of the account
	listError *provider.Error           // why they are not listed
	byID      map[string]hostedZone
}

// listIfNeeded lists all zones, where one of the names needs that.
func (s *zoneSearch) listIfNeeded(ctx context.Context, names []dns.Name) *provider.Error {
	if !slices.ContainsFunc(names, func(n dns.Name) bool { return s.p.zoneIDs[n] == "" }) {
		return nil
	}
	all, err := s.p.listHostedZones(ctx)
	if err != nil && (err.Kind != provider.Auth || len(s.p.zoneIDs) == 0) {
		return err
	}
	s.byName, s.listError = map[dns.Name][]hostedZone{}, err
	for _, z := range all {
		s.byName[z.name] = append(s.byName[z.name], z)
	}
	return nil
}

// listHostedZones returns every hosted zone of the account.
func (p *Provider) listHostedZones(ctx context.Context) (all []hostedZone, _ *provider.Error) {
	query := url.Values{"maxitems": {strconv.Itoa(zonesPerPage)}}
	for range maxZonePages {
		var doc *element
		_, err := p.api.Do(ctx, rest.Call{What: "list the hosted zones", Method: http.MethodGet, Path: "/hostedzone", Query: query, XML: true,
			NotFoundKind: provider.Unavailable,
			Result: func(r io.Reader) (err error) {
				doc, err = parseListDocument(r, "ListHostedZonesResponse", "HostedZones", func(row *element) bool { return row.textAt("Id") != "" && row.textAt("Name") != "" })
				return err
			}})
		if err != nil {
			return nil, err
		}
		for _, e := range doc.childrenAt("HostedZones") {
			if z, ok := p.parseHostedZone(e); ok {
				all = append(all, z)
			}
		}
		next := doc.textAt("NextMarker")
		if doc.textAt("IsTruncated") != "true" || next == "" {
			break
		}
		query.Set("marker", next)
	}
	return all, nil
}

// parseHostedZone reads a zone of an answer; false if its name is not a valid one.
func (p *Provider) parseHostedZone(e *element) (hostedZone, bool) {
	id, bad := ParseZoneID(e.textAt("Id"))
	name, err := parseEscapedName(e.textAt("Name"))
	z := hostedZone{id: id, name: name, private: e.textAt("Config", "PrivateZone") == "true"}
	z.sets, _ = strconv.Atoi(e.textAt("ResourceRecordSetCount"))
	if bad != nil || err != nil {
		return z, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.zoneSizes[id] = z.sets
	return z, true
}

// findZone returns the longest zone of a name, or the one in the settings.
func (s *zoneSearch) findZone(ctx context.Context, n dns.Name) (provider.Zone, *provider.Error) {
	if id := s.p.zoneIDs[n]; id != "" {
		z, err := s.zoneByID(ctx, id)
		switch {
		case err != nil:
			return provider.Zone{}, err
		case !n.IsWithin(z.name):
			return provider.Zone{}, rest.NewError(provider.NoZone, "", cureNoZone, "%s is not in the zone %s", n.Describe(), z.name.Describe())
		}
		return z.toProviderZone(), nil
	}
	if s.listError != nil {
		return provider.Zone{}, s.listError
	}
	if named := s.p.zoneNames[n]; !named.IsZero() && n.IsWithin(named) && len(s.publicZones(named)) > 0 {
		return s.onlyPublicZone(named)
	}
	private := dns.Name{}
	for at, ok := n, true; ok; at, ok = at.Parent() {
		if len(s.publicZones(at)) > 0 {
			return s.onlyPublicZone(at)
		}
		if len(s.byName[at]) > 0 && private.IsZero() {
			private = at
		}
	}
	if !private.IsZero() {
		return provider.Zone{}, rest.NewError(provider.NoZone, "", cureNoZone, "the only hosted zone for %s is %s, which is private: the world is not answered from it", n.Describe(), private.Describe())
	}
	return provider.Zone{}, rest.NewError(provider.NoZone, "", cureNoZone, "no hosted zone of this AWS account holds %s", n.Describe())
}

// publicZones returns the public zones of a name.
func (s *zoneSearch) publicZones(name dns.Name) (all []hostedZone) {
	for _, z := range s.byName[name] {
		if !z.private {
			all = append(all, z)
		}
	}
	return all
}

// onlyPublicZone returns the public zone of a name; there may be several, of which the registrar
// points to one.
func (s *zoneSearch) onlyPublicZone(name dns.Name) (provider.Zone, *provider.Error) {
	all := s.publicZones(name)
	if len(all) == 1 {
		return all[0].toProviderZone(), nil
	}
	var ids []string
	for _, z := range all {
		ids = append(ids, z.id)
	}
	slices.Sort(ids)
	return provider.Zone{}, rest.NewError(provider.NoZone, "", cureSeveral, "there are %d hosted zones %s in this AWS account: %s", len(ids), name.Describe(), text.List(ids, 5))
}

// zoneByID returns the zone with an id.
func (s *zoneSearch) zoneByID(ctx context.Context, id string) (hostedZone, *provider.Error) {
	z, known := s.byID[id]
	if !known {
		z = s.p.fetchZone(ctx, id)
		s.byID[id] = z
	}
	return z, z.err
}

func (p *Provider) fetchZone(ctx context.Context, id string) (z hostedZone) {
	what := "look at the hosted zone " + rest.Printable(id)
	_, z.err = p.api.Do(ctx, rest.Call{What: what, Method: http.MethodGet, Path: "/hostedzone/" + url.PathEscape(id), XML: true, NotFoundKind: provider.NoZone,
		Result: func(r io.Reader) error {
			doc, err := parseDocument(r, "GetHostedZoneResponse")
			if err == nil {
				z, _ = p.parseHostedZone(doc.find("HostedZone"))
			}
			return err
		}})
	switch {
	case z.err != nil:
	case z.name.IsZero():
		z.err = rest.NewError(provider.NoZone, what, cureNoZone, "it has a name that homing cannot keep")
	case z.private:
		z.err = rest.NewError(provider.NoZone, what, cureNoZone, "the zone %s is private: the world is not answered from it", z.name.Describe())
	}
	return z
}

// toProviderZone converts a zone for the engine. What is read is the condition of what is written.
func (z hostedZone) toProviderZone() provider.Zone {
	return provider.Zone{ID: z.id, Name: z.name, Limits: Limits(), Guard: provider.GuardsBatch}
}

const cureSeveral text.Hint = "set {records.zone_id} to the id of the one whose name servers the registrar has"
