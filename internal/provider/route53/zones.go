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
	zonePage = 100 // hosted zones in one answer
	maxZones = 100 // pages; an account has 500 zones unless it asks for more
)

// Zones lists the hosted zones of the account, unless every name has the id of
// its zone. Private ones, which the world is not answered from, are passed over.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	s := &search{p: p, byID: map[string]found{}}
	if err := s.list(ctx, names); err != nil {
		return nil, nil, err
	}
	var placed []provider.Placed
	var unplaced []provider.Unplaced
	for _, n := range names {
		z, err := s.find(ctx, n)
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

// ZoneName is the name of the zone with this id.
func (p *Provider) ZoneName(ctx context.Context, id string) (dns.Name, error) {
	z, err := (&search{p: p, byID: map[string]found{}}).zone(ctx, id)
	if err != nil {
		return dns.Name{}, err
	}
	return z.name, nil
}

// found is a hosted zone as the API tells of it.
type found struct {
	id      string
	name    dns.Name
	private bool
	sets    int // it has
	err     *provider.Error
}

// search is one look for zones.
type search struct {
	p      *Provider
	listed map[dns.Name][]found // all of the account
	refuse *provider.Error      // why they are not listed
	byID   map[string]found
}

// list lists all zones, where one of the names needs that.
func (s *search) list(ctx context.Context, names []dns.Name) *provider.Error {
	if !slices.ContainsFunc(names, func(n dns.Name) bool { return s.p.zoneIDs[n] == "" }) {
		return nil
	}
	all, err := s.p.list(ctx)
	if err != nil && (err.Kind != provider.Auth || len(s.p.zoneIDs) == 0) {
		return err
	}
	s.listed, s.refuse = map[dns.Name][]found{}, err
	for _, z := range all {
		s.listed[z.name] = append(s.listed[z.name], z)
	}
	return nil
}

// list is every hosted zone of the account.
func (p *Provider) list(ctx context.Context) (all []found, _ *provider.Error) {
	query := url.Values{"maxitems": {strconv.Itoa(zonePage)}}
	for range maxZones {
		var doc *element
		_, err := p.api.Do(ctx, rest.Call{What: "list the hosted zones", Method: http.MethodGet, Path: "/hostedzone", Query: query, XML: true,
			Gone: provider.Unavailable,
			Result: func(r io.Reader) (err error) {
				doc, err = readList(r, "ListHostedZonesResponse", "HostedZones", func(row *element) bool { return row.at("Id") != "" && row.at("Name") != "" })
				return err
			}})
		if err != nil {
			return nil, err
		}
		for _, e := range doc.under("HostedZones") {
			if z, ok := p.zoneOf(e); ok {
				all = append(all, z)
			}
		}
		next := doc.at("NextMarker")
		if doc.at("IsTruncated") != "true" || next == "" {
			break
		}
		query.Set("marker", next)
	}
	return all, nil
}

// zoneOf is a zone of an answer; false where it has a name that homing knows none of.
func (p *Provider) zoneOf(e *element) (found, bool) {
	id, bad := ParseZoneID(e.at("Id"))
	name, err := parseName(e.at("Name"))
	z := found{id: id, name: name, private: e.at("Config", "PrivateZone") == "true"}
	z.sets, _ = strconv.Atoi(e.at("ResourceRecordSetCount"))
	if bad != nil || err != nil {
		return z, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sizes[id] = z.sets
	return z, true
}

// find is the longest zone of a name, or the one that somebody says.
func (s *search) find(ctx context.Context, n dns.Name) (provider.Zone, *provider.Error) {
	if id := s.p.zoneIDs[n]; id != "" {
		z, err := s.zone(ctx, id)
		switch {
		case err != nil:
			return provider.Zone{}, err
		case !n.Within(z.name):
			return provider.Zone{}, rest.Fault(provider.NoZone, "", cureNoZone, "%s is not in the zone %s", n.Describe(), z.name.Describe())
		}
		return z.known(), nil
	}
	if s.refuse != nil {
		return provider.Zone{}, s.refuse
	}
	if named := s.p.zoneNames[n]; !named.IsZero() && n.Within(named) && len(s.public(named)) > 0 {
		return s.one(named)
	}
	private := dns.Name{}
	for at, ok := n, true; ok; at, ok = at.Parent() {
		if len(s.public(at)) > 0 {
			return s.one(at)
		}
		if len(s.listed[at]) > 0 && private.IsZero() {
			private = at
		}
	}
	if !private.IsZero() {
		return provider.Zone{}, rest.Fault(provider.NoZone, "", cureNoZone, "the only hosted zone for %s is %s, which is private: the world is not answered from it", n.Describe(), private.Describe())
	}
	return provider.Zone{}, rest.Fault(provider.NoZone, "", cureNoZone, "no hosted zone of this AWS account holds %s", n.Describe())
}

// public is the public zones of a name.
func (s *search) public(name dns.Name) (all []found) {
	for _, z := range s.listed[name] {
		if !z.private {
			all = append(all, z)
		}
	}
	return all
}

// one is the public zone of a name; there may be several, of which the registrar
// points to one.
func (s *search) one(name dns.Name) (provider.Zone, *provider.Error) {
	all := s.public(name)
	if len(all) == 1 {
		return all[0].known(), nil
	}
	var ids []string
	for _, z := range all {
		ids = append(ids, z.id)
	}
	slices.Sort(ids)
	return provider.Zone{}, rest.Fault(provider.NoZone, "", cureSeveral, "there are %d hosted zones %s in this AWS account: %s", len(ids), name.Describe(), text.List(ids, 5))
}

// zone is the zone with an id.
func (s *search) zone(ctx context.Context, id string) (found, *provider.Error) {
	z, known := s.byID[id]
	if !known {
		z = s.p.zone(ctx, id)
		s.byID[id] = z
	}
	return z, z.err
}

func (p *Provider) zone(ctx context.Context, id string) (z found) {
	what := "look at the hosted zone " + rest.Printable(id)
	_, z.err = p.api.Do(ctx, rest.Call{What: what, Method: http.MethodGet, Path: "/hostedzone/" + url.PathEscape(id), XML: true, Gone: provider.NoZone,
		Result: func(r io.Reader) error {
			doc, err := readXML(r, "GetHostedZoneResponse")
			if err == nil {
				z, _ = p.zoneOf(doc.find("HostedZone"))
			}
			return err
		}})
	switch {
	case z.err != nil:
	case z.name.IsZero():
		z.err = rest.Fault(provider.NoZone, what, cureNoZone, "it has a name that homing cannot keep")
	case z.private:
		z.err = rest.Fault(provider.NoZone, what, cureNoZone, "the zone %s is private: the world is not answered from it", z.name.Describe())
	}
	return z
}

// known is a zone for the engine. What is read is the condition of what is written.
func (z found) known() provider.Zone {
	return provider.Zone{ID: z.id, Name: z.name, Limits: Limits(), Guard: provider.GuardsBatch}
}

const cureSeveral text.Hint = "set {records.zone_id} to the id of the one whose name servers the registrar has"
