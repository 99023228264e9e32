package google

import (
	"context"
	"net/http"
	"net/url"
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// Credential returns what the calls carry, in words.
func (p *Provider) Credential() string { return p.tokens.credentialName() }

// ListZones returns the public zones of the project, by name.
func (p *Provider) ListZones(ctx context.Context) ([]provider.Zone, error) {
	s, err := p.newZoneSearch(ctx)
	if err == nil {
		err = s.listZones(ctx)
	}
	if err != nil {
		return nil, err
	}
	zones := make([]provider.Zone, 0, len(s.byID))
	for _, z := range s.byID {
		zones = append(zones, *z)
	}
	sort.Slice(zones, func(i, j int) bool {
		a, b := &zones[i], &zones[j]
		return a.Name.Compare(b.Name) < 0 || a.Name == b.Name && a.ID < b.ID
	})
	return zones, nil
}

// ClockSkew is by how much the clock of Google is ahead of this machine's, by the
// latest answer; negative where it is behind. false before the first answer.
func (p *Provider) ClockSkew() (time.Duration, bool) {
	if skew, ok := p.api.ClockSkew(); ok {
		return skew, true
	}
	return p.tokens.clockSkew()
}

// Propagated reports whether a change was sent to the name servers, which is some seconds
// later than it is stored.
func (p *Provider) Propagated(ctx context.Context, zone provider.Zone, receipt string) (bool, error) {
	project, err := p.projectID(ctx)
	if err != nil {
		return false, err
	}
	var c struct {
		Status string `json:"status"`
	}
	if _, err := p.api.Do(ctx, rest.Call{What: "ask for a change of " + zone.Name.Describe(), Method: http.MethodGet, NotFoundKind: provider.NoZone,
		Path: zonePath(project, zone.ID, "/changes/"+url.PathEscape(receipt)), Result: rest.DecodeJSON(&c)}); err != nil {
		return false, err
	}
	return c.Status == "done", nil
}
