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

// configured finds the zones of the names whose zone id the person gave: a
// call for each id. It works for tokens that may see nothing of a zone but its
// records.
func (p *Provider) configured(ctx context.Context, names []dns.Name) (placed []provider.Placed, unplaced []provider.Unplaced) {
	byID := map[string][]dns.Name{}
	for _, n := range names {
		if id := p.zoneIDs[n]; id != "" {
			byID[id] = append(byID[id], n)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		z, err := p.byID(ctx, id, byID[id])
		for _, n := range byID[id] {
			bad := err
			if bad == nil && !n.Within(z.Name) {
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

// ZoneName is the name of the zone with this id.
func (p *Provider) ZoneName(ctx context.Context, id string) (dns.Name, error) {
	z, err := p.read(ctx, id, "read the zone with the id "+id, false)
	if err != nil {
		return dns.Name{}, err
	}
	return z.known().Name, nil
}

// byID reads one zone. Where that is not permitted its records still may be,
// so the zone is taken to be there, under the longest name that holds all of
// its names.
func (p *Provider) byID(ctx context.Context, id string, names []dns.Name) (provider.Zone, *provider.Error) {
	z, err := p.read(ctx, id, "read the zone with the id configured for "+names[0].Describe(), true)
	switch {
	case err != nil && causeOf(err).Status == http.StatusForbidden:
		return p.limited(provider.Zone{ID: id, Name: shared(names), Limits: plan.Limits{Batch: smallBatch},
			Warning: "the " + p.Credential() + " may not read the zone itself, so its name and its plan are guessed; Zone · Zone · Read would permit it"}), nil
	case err != nil && err.Kind == provider.NoZone:
		err.Hint = cureZoneID
		return provider.Zone{}, err
	case err != nil:
		return provider.Zone{}, err
	}
	return p.limited(z.known()), nil
}

// cureZoneID is for a zone that only a configured id names.
const cureZoneID = "check the zone id ({records.zone_id}): it is the 32 characters that the zone's Overview page shows"

// doubtID has a person look at a configured zone id before the permissions.
func (p *Provider) doubtID(zone provider.Zone, err *provider.Error) *provider.Error {
	doubtful := err.Kind == provider.NoZone || err.Kind == provider.Auth && causeOf(err).Status == http.StatusForbidden
	if doubtful && slices.Contains(slices.Collect(maps.Values(p.zoneIDs)), zone.ID) {
		err.Hint = cureZoneID + "; if it is right, " + err.Hint
	}
	return err
}

// read reads one zone; what is for the errors, and spare says that homing can
// do without it.
func (p *Provider) read(ctx context.Context, id, what string, spare bool) (zone, *provider.Error) {
	if !isID(id) {
		return zone{}, &provider.Error{Kind: provider.NoZone,
			Err:  fmt.Errorf("%s: this is no zone id", what),
			Hint: "a zone id is the 32 characters that the zone's Overview page shows, not its name"}
	}
	var z zone
	var ok bool
	_, err := p.client.do(ctx, call{
		what: what, method: http.MethodGet, path: "/zones/" + id, gone: provider.NoZone, spare: spare,
		result: func(d *json.Decoder) (err error) {
			if z, ok, err = readZone(d); err == nil && z.ID != id {
				err = errors.New("it is about another zone")
			}
			return err
		},
	})
	switch {
	case err != nil:
		return zone{}, err
	case !ok:
		return zone{}, &provider.Error{Kind: provider.NoZone,
			Err: fmt.Errorf("%s: that zone has been deleted", what), Hint: "add the domain in the dashboard again, or correct the zone id"}
	}
	return z, nil
}

// shared is the longest name that all of the names lie in.
func shared(names []dns.Name) dns.Name {
	for _, s := range suffixes(names[0]) {
		if !slices.ContainsFunc(names, func(n dns.Name) bool { return !n.Within(s) }) {
			return s
		}
	}
	return suffixes(names[0])[0]
}
