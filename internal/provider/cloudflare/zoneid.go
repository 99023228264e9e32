package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// configuredZones finds the zones of the names whose zone id the person gave: a
// call for each id. It works for tokens that may see nothing of a zone but its
// records.
func (p *Provider) configuredZones(ctx context.Context, names []dns.Name) (placed []provider.Placed, unplaced []provider.Unplaced) {
	byID := map[string][]dns.Name{}
	for _, n := range names {
		if id := p.zoneIDs[n]; id != "" {
			byID[id] = append(byID[id], n)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		z, err := p.zoneByID(ctx, id, byID[id])
		for _, n := range byID[id] {
			bad := err
			if bad == nil && !n.IsWithin(z.Name) {
				bad = &provider.Error{Kind: provider.NoZone,
					Err:  fmt.Errorf("find the zone of %s: the zone id configured for it is that of %s", n.Describe(), z.Name.Describe()),
					Hint: "correct the zone id ({records.zone_id}), or leave it out"}
			}
			if bad != nil {
				unplaced = append(unplaced, provider.Unplaced{Name: n, Err: bad})
				continue
			}
			placed = append(placed, provider.Placed{Name: n, Zone: z})
		}
	}
	return placed, unplaced
}

// ZoneName returns the name of the zone with this id.
func (p *Provider) ZoneName(ctx context.Context, id string) (dns.Name, error) {
	z, err := p.fetchZone(ctx, id, "read the zone with the id "+id, false)
	if err != nil {
		return dns.Name{}, err
	}
	return z.toProviderZone().Name, nil
}

// zoneByID reads one zone. Where that is not permitted its records still may be,
// so the zone is taken to be there, under the longest name that holds all of
// its names.
func (p *Provider) zoneByID(ctx context.Context, id string, names []dns.Name) (provider.Zone, *provider.Error) {
	z, err := p.fetchZone(ctx, id, "read the zone with the id configured for "+names[0].Describe(), true)
	switch {
	case err != nil && failureFrom(err).Status == http.StatusForbidden:
		return p.withLearnedLimits(provider.Zone{ID: id, Name: commonSuffix(names), Limits: plan.Limits{Batch: smallBatch},
			Warning: "the " + p.Credential() + " may not read the zone itself, so its name and its plan are guessed; Zone · Zone · Read would permit it"}), nil
	case err != nil && err.Kind == provider.NoZone:
		err.Hint = cureZoneID
		return provider.Zone{}, err
	case err != nil:
		return provider.Zone{}, err
	}
	return p.withLearnedLimits(z.toProviderZone()), nil
}

// cureZoneID is for a zone that only a configured id names.
const cureZoneID = "check the zone id ({records.zone_id}): it is the 32 characters that the zone's Overview page shows"

// hintAtZoneID has a person look at a configured zone id before the permissions.
func (p *Provider) hintAtZoneID(zone provider.Zone, err *provider.Error) *provider.Error {
	doubtful := err.Kind == provider.NoZone || err.Kind == provider.Auth && failureFrom(err).Status == http.StatusForbidden
	if doubtful && slices.Contains(slices.Collect(maps.Values(p.zoneIDs)), zone.ID) {
		err.Hint = cureZoneID + "; if it is right, " + err.Hint
	}
	return err
}

// fetchZone reads one zone; what is for the errors, and spare says that homing can
// do without it.
func (p *Provider) fetchZone(ctx context.Context, id, what string, spare bool) (apiZone, *provider.Error) {
	if !isValidID(id) {
		return apiZone{}, &provider.Error{Kind: provider.NoZone,
			Err:  fmt.Errorf("%s: this is no zone id", what),
			Hint: "a zone id is the 32 characters that the zone's Overview page shows, not its name"}
	}
	var z apiZone
	var ok bool
	_, err := p.client.do(ctx, call{
		what: what, method: http.MethodGet, path: "/zones/" + id, notFoundKind: provider.NoZone, optional: spare,
		result: func(d *json.Decoder) (err error) {
			if z, ok, err = decodeZone(d); err == nil && z.ID != id {
				err = errors.New("it is about another zone")
			}
			return err
		},
	})
	switch {
	case err != nil:
		return apiZone{}, err
	case !ok:
		return apiZone{}, &provider.Error{Kind: provider.NoZone,
			Err: fmt.Errorf("%s: that zone has been deleted", what), Hint: "add the domain in the dashboard again, or correct the zone id"}
	}
	return z, nil
}

// commonSuffix returns the longest name that all of the names lie in.
func commonSuffix(names []dns.Name) dns.Name {
	for _, s := range possibleZones(names[0]) {
		if !slices.ContainsFunc(names, func(n dns.Name) bool { return !n.IsWithin(s) }) {
			return s
		}
	}
	return possibleZones(names[0])[0]
}
