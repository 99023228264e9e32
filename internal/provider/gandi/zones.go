package gandi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// Zones lists the domains, and asks for those by name that are not listed: the list
// leaves out some that are registered at Gandi as well.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	zones, err := p.fetchListedZones(ctx)
	if err != nil {
		return nil, nil, err
	}
	asked := make(map[dns.Name]bool)
	for {
		placed, unplaced := p.AssignZones(names, zones)
		more, err := p.findUnlisted(ctx, unplaced, asked)
		if err != nil {
			return nil, nil, err
		}
		if len(more) == 0 {
			return placed, unplaced, nil
		}
		zones = append(zones, more...)
		p.mu.Lock()
		p.unlistedZones = append(slices.DeleteFunc(p.unlistedZones, func(z provider.Zone) bool { return z.ID == more[0].ID }), more...)
		p.mu.Unlock()
	}
}

// ListZones returns every domain that is listed, and those that were found besides.
func (p *Provider) ListZones(ctx context.Context) ([]provider.Zone, error) {
	zones, err := p.ZoneReader.ListZones(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.unlistedZones {
		if err == nil && !slices.ContainsFunc(zones, func(z provider.Zone) bool { return z.ID == f.ID }) {
			zones = append(zones, f)
		}
	}
	return zones, err
}

// findUnlisted asks for the domain of the first name of which not all was asked: the
// shortest first, which as a rule is the one.
func (p *Provider) findUnlisted(ctx context.Context, unplaced []provider.Unplaced, asked map[dns.Name]bool) ([]provider.Zone, *provider.Error) {
	for _, u := range unplaced {
		for _, n := range candidateZones(u.Name) {
			if asked[n] {
				continue
			}
			asked[n] = true
			var d domain
			_, err := p.API.Do(ctx, rest.Call{What: "look for the domain " + n.Describe(), Method: http.MethodGet, Path: "/domains/" + url.PathEscape(n.String()), NotFoundKind: provider.NoZone,
				Result: rest.DecodeList(&d, func() bool { return d.FQDN != "" })})
			switch {
			case err == nil:
				return []provider.Zone{newZone(n)}, nil
			case err.Kind != provider.NoZone && rest.StatusOf(err) != http.StatusForbidden: // as a token answers that is for other domains
				return nil, err
			}
		}
	}
	return nil, nil
}

// candidateZones returns what the domain of a name may be called, the shortest first.
func candidateZones(n dns.Name) (all []dns.Name) {
	if up, ok := n.Parent(); ok && n.IsWildcard() {
		n = up
	}
	for at, ok := n, true; ok; at, ok = at.Parent() {
		if strings.Contains(at.String(), ".") {
			all = append([]dns.Name{at}, all...)
		}
	}
	return all
}

func newZone(n dns.Name) provider.Zone {
	return provider.Zone{ID: n.String(), Name: n, Limits: Limits()}
}

// domain is one as the API writes it.
type domain struct {
	FQDN string `json:"fqdn"`
}

func (p *Provider) fetchListedZones(ctx context.Context) (zones []provider.Zone, _ *provider.Error) {
	var page []domain
	seen := map[string]bool{}
	err := p.readPages(ctx, "list the domains", "/domains", rest.DecodeList(&page, func() bool {
		return page != nil && rest.AllRows(len(page), func(i int) bool { return page[i].FQDN != "" })
	}), func() int {
		before := len(seen)
		for _, d := range page {
			if n, err := dns.ParseName(d.FQDN); err == nil && !seen[d.FQDN] {
				zones = append(zones, newZone(n))
			}
			seen[d.FQDN] = true
		}
		page = nil
		return len(seen) - before
	})
	return zones, err
}
