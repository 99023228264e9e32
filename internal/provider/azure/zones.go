package azure

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// zoneRow is a zone as the API tells of it.
type zoneRow struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Properties struct {
		Type   string `json:"zoneType"`
		Values int    `json:"maxNumberOfRecordsPerRecordSet"`
	} `json:"properties"`
}

// maxZoneID is more than a subscription, a resource group of 90 characters and a
// zone of 253 take with the words between them.
const maxZoneID = 1024

// ParseZoneID reads the id of a zone as homing has it, group/zone, of that or of the
// whole resource id.
func ParseZoneID(s string) (string, error) {
	if len(s) > maxZoneID {
		return "", errors.New("this is no id of a zone at Azure")
	}
	parts := strings.Split(strings.Trim(s, "/"), "/")
	if len(parts) == 8 && strings.EqualFold(parts[0], "subscriptions") && strings.EqualFold(parts[2], "resourceGroups") && strings.EqualFold(parts[6], "dnsZones") {
		parts = []string{parts[3], parts[7]}
	}
	if len(parts) != 2 || parts[0] == "" || parts[1] == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '?' || r == '#' || r == '%' || r == '\\' }) {
		return "", errors.New("this is no id of a zone at Azure")
	}
	return strings.ToLower(parts[0] + "/" + parts[1]), nil
}

// isComplete reports whether a row says what it is about.
func (z *zoneRow) isComplete() bool { return z.ID != "" && z.Name != "" }

// toZone converts the row; false if the zone is not public.
func (z *zoneRow) toZone() (provider.Zone, bool) {
	id, err := ParseZoneID(z.ID)
	n, bad := dns.ParseName(z.Name)
	l := Limits()
	if z.Properties.Values > 0 {
		l.Values = z.Properties.Values
	}
	return provider.Zone{ID: id, Name: n, Limits: l, Guard: provider.GuardsSet}, err == nil && bad == nil && !strings.EqualFold(z.Properties.Type, "Private")
}

// zonePath returns the path of a zone.
func (p *Provider) zonePath(id, below string) string {
	group, zone, _ := strings.Cut(id, "/")
	return "/subscriptions/" + url.PathEscape(p.subscription) + "/resourceGroups/" + url.PathEscape(group) + "/providers/Microsoft.Network/dnsZones/" + url.PathEscape(zone) + below
}

// Zones lists the zones of the subscription, unless somebody says the id of each.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	var placed []provider.Placed
	var unplaced []provider.Unplaced
	var open []dns.Name
	known := map[string]provider.Zone{}
	for _, n := range names {
		id := p.account.ZoneIDs[n]
		if id == "" {
			open = append(open, n)
			continue
		}
		z, ok := known[id]
		if !ok {
			var err *provider.Error
			if z, err = p.zoneByID(ctx, id); err != nil && err.Kind != provider.NoZone {
				return nil, nil, err
			} else if err != nil {
				unplaced = append(unplaced, provider.Unplaced{Name: n, Err: err})
				continue
			}
			known[id] = z
		}
		if !n.IsWithin(z.Name) {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: rest.NewError(provider.NoZone, "", cureNoZone, "%s is not in the zone %s", n.Describe(), z.Name.Describe())})
			continue
		}
		placed = append(placed, provider.Placed{Name: n, Zone: z})
	}
	if len(open) == 0 {
		return placed, unplaced, nil
	}
	zones, err := p.listAllZones(ctx)
	if err != nil {
		return nil, nil, err
	}
	a := p.account
	a.ZoneIDs = nil
	found, lost := a.AssignZones(open, zones, "this subscription", cureNoZone)
	for i := range found {
		f := &found[i]
		if ids := zoneIDsNamed(zones, f.Zone.Name); len(ids) > 1 {
			lost = append(lost, provider.Unplaced{Name: f.Name, Err: rest.NewError(provider.NoZone, "", "set {records.zone_id} to the one that your registrar points to",
				"the subscription has %d zones %s: %s", len(ids), f.Zone.Name.Describe(), strings.Join(ids[:min(len(ids), 5)], ", "))})
			continue
		}
		placed = append(placed, *f)
	}
	return placed, append(unplaced, lost...), nil
}

// zoneIDsNamed returns the ids of the zones of a name: each resource group may have one.
func zoneIDsNamed(zones []provider.Zone, n dns.Name) (ids []string) {
	for i := range zones {
		z := &zones[i]
		if z.Name == n {
			ids = append(ids, z.ID)
		}
	}
	return ids
}

// ListZones returns the public zones of the subscription, by name.
func (p *Provider) ListZones(ctx context.Context) ([]provider.Zone, error) {
	zones, err := p.listAllZones(ctx)
	if err != nil {
		return nil, err
	}
	return zones, nil
}

// ZoneName returns the name of the zone with this id.
func (p *Provider) ZoneName(ctx context.Context, id string) (dns.Name, error) {
	z, err := p.zoneByID(ctx, id)
	if err != nil {
		return dns.Name{}, err
	}
	return z.Name, nil
}

func (p *Provider) listAllZones(ctx context.Context) ([]provider.Zone, *provider.Error) {
	var zones []provider.Zone
	err := readPages(ctx, p, rest.Call{What: "list the zones", Path: "/subscriptions/" + url.PathEscape(p.subscription) + "/providers/Microsoft.Network/dnszones", NotFoundKind: provider.NoZone}, (*zoneRow).isComplete, func(row *zoneRow) {
		if z, ok := row.toZone(); ok {
			zones = append(zones, z)
		}
	})
	sort.Slice(zones, func(i, j int) bool {
		return zones[i].Name.Compare(zones[j].Name) < 0 || zones[i].Name == zones[j].Name && zones[i].ID < zones[j].ID
	})
	return zones, err
}

// zoneByID returns the zone with an id.
func (p *Provider) zoneByID(ctx context.Context, id string) (provider.Zone, *provider.Error) {
	var row zoneRow
	what := "read the zone " + rest.Printable(id)
	if _, err := p.api.Do(ctx, rest.Call{What: what, Method: http.MethodGet, Path: p.zonePath(id, ""), Query: versionQuery(), NotFoundKind: provider.NoZone, Result: rest.DecodeJSON(&row)}); err != nil {
		if rest.StatusOf(err) == http.StatusNotFound && err.Kind == provider.NoZone {
			err.Hint = cureNoZone
		}
		return provider.Zone{}, err
	}
	z, ok := row.toZone()
	if !ok {
		return z, rest.NewError(provider.NoZone, what, cureNoZone, "it is no public zone")
	}
	return z, nil
}

// maxPages bounds a list, and maxPage one of its pages.
const (
	maxPages = 1000
	maxPage  = 16 << 20
)

// readPages reads a list of whole rows to its end. Where the next page is the answer says, and it has
// to be at the API, or its token would go elsewhere.
func readPages[Row any](ctx context.Context, p *Provider, call rest.Call, whole func(*Row) bool, take func(*Row)) *provider.Error {
	call.Method, call.Query, call.Limit = http.MethodGet, versionQuery(), maxPage
	for range maxPages {
		var page struct {
			Value []Row  `json:"value"`
			Next  string `json:"nextLink"`
		}
		call.Result = rest.DecodeList(&page, func() bool {
			return page.Value != nil && rest.AllRows(len(page.Value), func(i int) bool { return whole(&page.Value[i]) })
		})
		if _, err := p.api.Do(ctx, call); err != nil {
			return err
		}
		for i := range page.Value {
			take(&page.Value[i])
		}
		if page.Next == "" {
			return nil
		}
		next, here := nextPagePath(page.Next, p.api.Base)
		if !here {
			return rest.NewError(provider.Unavailable, call.What, "", "the next page is said to be elsewhere: %s", rest.Printable(hostPort(page.Next)))
		}
		call.Path, call.Query = "/"+next, nil
	}
	return rest.NewError(provider.Unavailable, call.What, "", "the list has no end")
}

// nextPagePath returns what stands behind base in the address of a next page, which some of
// Azure's services write with the port that https has anyhow.
func nextPagePath(next, base string) (path string, here bool) {
	if path, here = strings.CutPrefix(next, base+"/"); !here && strings.HasPrefix(base, "https://") {
		path, here = strings.CutPrefix(next, base+":443/")
	}
	return path, here
}

func hostPort(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "no address"
	}
	return fmt.Sprintf("%s://%s", u.Scheme, u.Host)
}
