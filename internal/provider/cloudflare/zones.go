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
	zonePage = 50  // the most a page holds (Cloudflare's OpenAPI of 2023)
	maxAsked = 100 // suffixes asked for in one search; calls must not grow with the names
)

// Zones lists the zones first. Names that this does not settle are asked for,
// one call a suffix: when the listing is refused or empty, when there are more
// zones than a page and paging on would cost more, and when a name lies in none
// of the zones listed, because an empty answer never proves that a zone is not
// there.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	s := &search{p: p, visible: map[dns.Name][]zone{}, asked: map[dns.Name]bool{}, broken: map[dns.Name]*provider.Error{}}
	var open []dns.Name
	for _, n := range names {
		if p.zoneIDs[n] == "" {
			open = append(open, n)
		}
	}
	placed, unplaced := p.configured(ctx, names)
	if len(open) > 0 {
		s.find(ctx, open)
		if len(placed) == 0 {
			s.askKey(ctx, open)
		}
	}
	found, more := s.settle(open)
	placed, unplaced = append(placed, found...), append(unplaced, more...)
	learnt := func(u provider.Unplaced) bool { return u.Err.Kind == provider.NoZone }
	switch {
	case len(placed) == 0 && len(unplaced) > 0 && !slices.ContainsFunc(unplaced, learnt):
		return nil, nil, unplaced[0].Err
	case len(placed) == 0 && s.listed && len(s.visible) == 0 && len(s.broken) == 0 && len(open) > 1 && len(open) == len(names):
		return nil, nil, s.blind(open)
	}
	return placed, unplaced, nil
}

// settle finds the zone of each name in what was seen.
func (s *search) settle(open []dns.Name) (placed []provider.Placed, unplaced []provider.Unplaced) {
	homes, names := map[string]*zone{}, map[string][]dns.Name{} // by id
	for _, n := range open {
		z, passed, err := s.place(n)
		if err != nil {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: err})
			continue
		}
		homes[z.ID], names[z.ID] = z, append(names[z.ID], n)
		placed = append(placed, provider.Placed{Name: n, Zone: provider.Zone{ID: z.ID}, Passed: passed})
	}
	known := map[string]*provider.Zone{}
	for id, z := range homes {
		k := s.p.limited(z.known())
		k.Warning = join(k.Warning, s.beside(z, names[id]))
		known[id] = &k
	}
	for i := range placed {
		placed[i].Zone = *known[placed[i].Zone.ID]
	}
	return placed, unplaced
}

// find lists the zones, and asks for what that does not settle.
func (s *search) find(ctx context.Context, open []dns.Name) {
	if err := s.list(ctx, open); err != nil {
		s.fail(open, err)
		return
	}
	s.ask(ctx, open)
}

func less(a, b provider.Zone) bool {
	return cmp.Or(a.Name.Compare(b.Name), cmp.Compare(a.ID, b.ID)) < 0
}

// search is one search for the zones of some names.
type search struct {
	p        *Provider
	visible  map[dns.Name][]zone
	complete bool // visible holds every zone the listing would show
	listed   bool // the listing was answered
	asked    map[dns.Name]bool
	calls    int                          // made to ask
	key      bool                         // with the Global API key
	spent    bool                         // maxAsked was not enough
	broken   map[dns.Name]*provider.Error // names about which the question could not be answered
}

// list reads the listing: a page, and the others where that is cheaper than to
// ask. A refused listing is no error; there are tokens that may only ask.
func (s *search) list(ctx context.Context, open []dns.Name) *provider.Error {
	total, rows, err := s.page(ctx, 1)
	if err != nil {
		if f := causeOf(err); f.Status == http.StatusForbidden && err.Kind != provider.Throttled || err.Kind == provider.Rejected {
			return nil
		}
		return err
	}
	s.listed, s.complete = true, total <= rows
	if s.complete || rows == 0 {
		return nil
	}
	pages := (total + rows - 1) / rows
	if pages-1 > min(len(s.candidates(open)), maxAsked) {
		return nil
	}
	for n := 2; n <= pages; n++ {
		_, more, err := s.page(ctx, n)
		if err != nil {
			return err
		}
		rows += more
	}
	s.complete = rows >= total
	return nil
}

// page reads one page of the listing.
func (s *search) page(ctx context.Context, n int) (total, rows int, err *provider.Error) {
	got, rows, err := s.zones(ctx, "list the zones", true, url.Values{
		"page": {strconv.Itoa(n)}, "per_page": {strconv.Itoa(zonePage)},
	})
	switch {
	case err != nil:
		return 0, 0, err
	case got.TotalCount != nil:
		return int(*got.TotalCount), rows, nil
	case rows >= zonePage:
		return math.MaxInt32, rows, nil // not said
	}
	return rows, rows, nil
}

// zones makes one call for zones, which may be one to do without, and takes
// note of what it shows.
func (s *search) zones(ctx context.Context, what string, spare bool, query url.Values) (got info, rows int, err *provider.Error) {
	var page []zone
	got, err = s.p.client.do(ctx, call{
		what: what, method: http.MethodGet, path: "/zones", query: query, gone: provider.NoZone, spare: spare, key: s.key,
		result: func(d *json.Decoder) error {
			page, rows = page[:0], 0
			return readList(d, func(d *json.Decoder) error {
				z, ok, err := readZone(d)
				if rows++; ok {
					page = append(page, z)
				}
				return err
			})
		},
	})
	if err != nil {
		return info{}, 0, err
	}
	for i := range page {
		z := &page[i]
		if same := func(y *zone) bool { return y.ID == z.ID }; len(those(s.visible[z.name], same)) == 0 {
			s.visible[z.name] = append(s.visible[z.name], *z)
		}
	}
	return got, rows, nil
}
