package cloudflare

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

const (
	zonesPerPage = 50  // the most a page holds (Cloudflare's OpenAPI of 2023)
	maxLookups   = 100 // suffixes asked for in one search; calls must not grow with the names
)

// Zones lists the zones first. Names that this does not settle are asked for,
// one call a suffix: when the listing is refused or empty, when there are more
// zones than a page and paging on would cost more, and when a name lies in none
// of the zones listed, because an empty answer never proves that a zone is not
// there.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	s := &zoneSearch{p: p, visible: map[dns.Name][]apiZone{}, lookedUp: map[dns.Name]bool{}, errs: map[dns.Name]*provider.Error{}}
	var open []dns.Name
	for _, n := range names {
		if p.zoneIDs[n] == "" {
			open = append(open, n)
		}
	}
	placed, unplaced := p.configuredZones(ctx, names)
	if len(open) > 0 {
		s.listAndLookUp(ctx, open)
		if len(placed) == 0 {
			s.listZonesWithKey(ctx, open)
		}
	}
	found, more := s.assignZones(open)
	placed, unplaced = append(placed, found...), append(unplaced, more...)
	learnt := func(u provider.Unplaced) bool { return u.Err.Kind == provider.NoZone }
	switch {
	case len(placed) == 0 && len(unplaced) > 0 && !slices.ContainsFunc(unplaced, learnt):
		return nil, nil, unplaced[0].Err
	case len(placed) == 0 && s.listingAnswered && len(s.visible) == 0 && len(s.errs) == 0 && len(open) > 1 && len(open) == len(names):
		return nil, nil, s.noVisibleZoneError(open)
	}
	return placed, unplaced, nil
}

// assignZones finds the zone of each name in what was seen.
func (s *zoneSearch) assignZones(open []dns.Name) (placed []provider.Placed, unplaced []provider.Unplaced) {
	homes, names := map[string]*apiZone{}, map[string][]dns.Name{} // by id
	for _, n := range open {
		z, passed, err := s.chooseZone(n)
		if err != nil {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: err})
			continue
		}
		homes[z.ID], names[z.ID] = z, append(names[z.ID], n)
		placed = append(placed, provider.Placed{Name: n, Zone: provider.Zone{ID: z.ID}, Passed: passed})
	}
	known := map[string]*provider.Zone{}
	for id, z := range homes {
		k := s.p.withLearnedLimits(z.toProviderZone())
		k.Warning = joinSentences(k.Warning, s.describeUnusedZones(z, names[id]))
		known[id] = &k
	}
	for i := range placed {
		placed[i].Zone = *known[placed[i].Zone.ID]
	}
	return placed, unplaced
}

// listAndLookUp lists the zones, and asks for what that does not settle.
func (s *zoneSearch) listAndLookUp(ctx context.Context, open []dns.Name) {
	if err := s.listZones(ctx, open); err != nil {
		s.setError(open, err)
		return
	}
	s.lookUpUnsettled(ctx, open)
}

func zoneLess(a, b provider.Zone) bool {
	return cmp.Or(a.Name.Compare(b.Name), cmp.Compare(a.ID, b.ID)) < 0
}

// zoneSearch is one search for the zones of some names.
type zoneSearch struct {
	p                *Provider
	visible          map[dns.Name][]apiZone
	listingComplete  bool // visible holds every zone the listing would show
	listingAnswered  bool // the listing was answered
	lookedUp         map[dns.Name]bool
	lookupCalls      int                          // made to ask
	useKey           bool                         // with the Global API key
	lookupsExhausted bool                         // maxLookups was not enough
	errs             map[dns.Name]*provider.Error // names about which the question could not be answered
}

// listZones reads the listing: a page, and the others where that is cheaper than to
// ask. A refused listing is no error; there are tokens that may only ask.
func (s *zoneSearch) listZones(ctx context.Context, open []dns.Name) *provider.Error {
	total, rows, err := s.listPage(ctx, 1)
	if err != nil {
		if f := failureFrom(err); f.Status == http.StatusForbidden && err.Kind != provider.Throttled || err.Kind == provider.Rejected {
			return nil
		}
		return err
	}
	s.listingAnswered, s.listingComplete = true, total <= rows
	if s.listingComplete || rows == 0 {
		return nil
	}
	pages := (total + rows - 1) / rows
	if pages-1 > min(len(s.candidateZones(open)), maxLookups) {
		return nil
	}
	for n := 2; n <= pages; n++ {
		_, more, err := s.listPage(ctx, n)
		if err != nil {
			return err
		}
		rows += more
	}
	s.listingComplete = rows >= total
	return nil
}

// listPage reads one page of the listing.
func (s *zoneSearch) listPage(ctx context.Context, n int) (total, rows int, err *provider.Error) {
	got, rows, err := s.fetchZones(ctx, "list the zones", true, url.Values{
		"page": {strconv.Itoa(n)}, "per_page": {strconv.Itoa(zonesPerPage)},
	})
	switch {
	case err != nil:
		return 0, 0, err
	case got.TotalCount != nil:
		return int(*got.TotalCount), rows, nil
	case rows >= zonesPerPage:
		return math.MaxInt32, rows, nil // not said
	}
	return rows, rows, nil
}

// fetchZones makes one call for zones, which may be one to do without, and takes
// note of what it shows.
func (s *zoneSearch) fetchZones(ctx context.Context, what string, spare bool, query url.Values) (got resultInfo, rows int, err *provider.Error) {
	var page []apiZone
	got, err = s.p.client.do(ctx, call{
		what: what, method: http.MethodGet, path: "/zones", query: query, notFoundKind: provider.NoZone, optional: spare, useKey: s.useKey,
		result: func(d *json.Decoder) error {
			page, rows = page[:0], 0
			return readArray(d, func(d *json.Decoder) error {
				z, ok, err := decodeZone(d)
				if rows++; ok {
					page = append(page, z)
				}
				return err
			})
		},
	})
	if err != nil {
		return resultInfo{}, 0, err
	}
	for i := range page {
		z := &page[i]
		if same := func(y *apiZone) bool { return y.ID == z.ID }; len(filterZones(s.visible[z.name], same)) == 0 {
			s.visible[z.name] = append(s.visible[z.name], *z)
		}
	}
	return got, rows, nil
}
