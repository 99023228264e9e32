package cloudflare

import (
	"context"
	"maps"
	"slices"
	"sort"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// maxZonesListed bounds how many zones ListZones lists.
const maxZonesListed = 1000

// ListZones lists the zones that the credential can see, by name; of very many
// the first thousand. Its error is an *Error; of Kind Auth it says that the
// credential may not list zones, which it need not for those it may change.
func (p *Provider) ListZones(ctx context.Context) ([]provider.Zone, error) {
	s := &zoneSearch{p: p, visible: map[dns.Name][]apiZone{}}
	for n, seen := 1, 0; seen < maxZonesListed; n++ {
		total, rows, err := s.listPage(ctx, n)
		if err != nil {
			return nil, err
		}
		if seen += rows; rows == 0 || seen >= total {
			break
		}
	}
	var all []provider.Zone
	for _, z := range slices.Concat(slices.Collect(maps.Values(s.visible))...) {
		all = append(all, z.toProviderZone())
	}
	sort.Slice(all, func(i, j int) bool { return zoneLess(all[i], all[j]) })
	return all, nil
}
