package desec

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// maxPages bounds a list of pages of 500, whatever the API says of the next one.
const maxPages = 1000

// fewKeys is how many sets are read by themselves; of more the whole domain is, a
// page of which has 500.
const fewKeys = 1

// maxPage is more than a page of 500 large sets has.
const maxPage = 32 << 20

// rrset is an RRset as the API writes it.
type rrset struct {
	Subname *string  `json:"subname"` // empty for the domain itself
	Type    dns.Type `json:"type"`
	TTL     int      `json:"ttl,omitempty"`
	Values  []string `json:"records"` // none: the set goes
}

// Records returns what a set holds.
func (s *rrset) Records(k dns.Key) []dns.Record { return rest.RecordsFromValues(k, s.TTL, s.Values) }

func (p *Provider) zones(ctx context.Context) (zones []provider.Zone, err *provider.Error) {
	type domain struct {
		Name  string `json:"name"`
		Least int    `json:"minimum_ttl"`
	}
	var page []domain
	err = p.pages(ctx, "list the domains", "/domains/", rest.DecodeList(&page, func() bool {
		return page != nil && rest.AllRows(len(page), func(i int) bool { return page[i].Name != "" })
	}), func() {
		for _, d := range page {
			if d.Least <= 0 {
				d.Least = defaultMinTTL
			}
			if n, err := dns.ParseName(d.Name); err == nil {
				zones = append(zones, provider.Zone{ID: n.String(), Name: n, Limits: Limits(d.Least)})
			}
		}
		page = nil
	})
	return zones, err
}

// pages asks for a list page by page; each was read when take is called.
func (p *Provider) pages(ctx context.Context, what, path string, read func(io.Reader) error, take func()) *provider.Error {
	query := url.Values{"cursor": {""}}
	for range maxPages {
		h, err := p.API.Do(ctx, rest.Call{What: what, Method: http.MethodGet, Path: path, Query: query, Limit: maxPage, NotFoundKind: provider.NoZone, Result: read})
		if err != nil {
			return err
		}
		take()
		next := rest.NextPage(h).Get("cursor")
		if next == "" {
			return nil
		}
		query = url.Values{"cursor": {next}}
	}
	return rest.NewError(provider.Unavailable, what, "", "the list does not end within %d pages", maxPages)
}

// all hands each set of a domain that matters to take.
func (p *Provider) all(ctx context.Context, zone provider.Zone, take func(dns.Key, rest.StoredSet)) *provider.Error {
	var page []rrset
	there := rest.DecodeList(&page, func() bool {
		return page != nil && rest.AllRows(len(page), func(i int) bool { s := &page[i]; return s.Subname != nil && rest.IsCompleteRow(s.Type, s.Values...) })
	})
	return p.pages(ctx, "list the records of "+zone.Name.Describe(), sets(zone), there, func() {
		for i := range page {
			n, err := rest.AbsoluteName(*page[i].Subname, zone.Name, "")
			if k := (dns.Key{Name: n, Type: page[i].Type}); err == nil && rest.IsRelevantType(k.Type) {
				take(k, &page[i])
			}
		}
		page = nil
	})
}

// sets returns the path of the sets of a domain.
func sets(zone provider.Zone) string { return "/domains/" + url.PathEscape(zone.ID) + "/rrsets/" }

// one returns a set; of the kind NoZone where there is none.
func (p *Provider) one(ctx context.Context, zone provider.Zone, k dns.Key) (rest.StoredSet, *provider.Error) {
	s := &rrset{}
	path := sets(zone) + url.PathEscape(rest.RelativeName(k.Name, zone.Name, "@")) + "/" + string(k.Type) + "/"
	_, err := p.API.Do(ctx, rest.Call{What: "read " + k.String(), Method: http.MethodGet, Path: path, NotFoundKind: provider.NoZone, Result: rest.DecodeJSON(s)})
	if err == nil && (s.Type != k.Type || !rest.IsCompleteRow(s.Type, s.Values...)) {
		err = rest.NewError(provider.Unavailable, "read "+k.String(), rest.HintUnexpectedAnswer, "deSEC answered with another set")
	}
	return s, err
}

// Apply sends the sets of a batch in one bulk PATCH. Of what is refused deSEC names
// the sets, so that the rest can be sent again without them.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, all []plan.Set) []provider.SetResult {
	w := rest.SetApplier{Host: "deSEC", Zone: zone, SetSize: octets,
		Read: func(ctx context.Context, keys []dns.Key) (map[dns.Key]rest.StoredSet, *provider.Error) {
			return p.SetsAt(ctx, zone, keys, fewKeys, func(k dns.Key) (rest.StoredSet, *provider.Error) { return p.one(ctx, zone, k) })
		},
		Write: func(ctx context.Context, what string, changes []rest.SetChange) (map[dns.Key]rest.StoredSet, []int, *provider.Error) {
			refused, err := p.patch(ctx, zone, what, changes)
			return nil, refused, err
		}}
	return w.Apply(ctx, all)
}

// octets estimates what a set adds to a PATCH.
func octets(s *plan.Set) int {
	n := 60 + len(s.Key.Name.String())
	for _, r := range s.After() {
		n += 45 + 2*len(r.Text)
	}
	return n
}

// patch writes sets, and gives those that are refused.
func (p *Provider) patch(ctx context.Context, zone provider.Zone, what string, changes []rest.SetChange) ([]int, *provider.Error) {
	body := make([]rrset, len(changes))
	for i := range changes {
		c := &changes[i]
		body[i] = rrset{Subname: new(rest.RelativeName(c.Key.Name, zone.Name, "")), Type: c.Key.Type, Values: rest.ZoneFileValues(c.Desired)}
		if len(c.Desired) > 0 {
			body[i].TTL = c.Desired[0].TTL
		}
	}
	_, err := p.API.Do(ctx, rest.Call{What: what, Method: http.MethodPatch, Path: sets(zone), Body: body, NotFoundKind: provider.NoZone, ExtraQuota: p.writeQuota(zone.ID)})
	return rest.PartsOf(err), err
}
