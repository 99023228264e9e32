package powerdns

import (
	"context"
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// Credential returns what the calls carry, in words.
func (p *Provider) Credential() string { return "API key" }

// ListZones returns every zone of the server, by name. A key sees them all.
func (p *Provider) ListZones(ctx context.Context) ([]provider.Zone, error) {
	s := &zoneSearch{p: p, ids: map[dns.Name]string{}}
	if err := s.listZones(ctx, ""); err != nil {
		return nil, err
	}
	zones := make([]provider.Zone, 0, len(s.ids))
	for n, id := range s.ids {
		zones = append(zones, provider.Zone{ID: id, Name: n})
	}
	sort.Slice(zones, func(i, j int) bool { return zones[i].Name.Compare(zones[j].Name) < 0 })
	return zones, nil
}

// ClockSkew is by how much the clock of the server is ahead of this machine's, by
// the latest answer; negative where it is behind. false before the first answer.
func (p *Provider) ClockSkew() (time.Duration, bool) { return p.api.ClockSkew() }
