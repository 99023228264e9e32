package cloudflare

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

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
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Zone, []provider.Unplaced, error) {
	s := &search{p: p, ctx: ctx, visible: map[dns.Name][]zone{}, asked: map[dns.Name]bool{}, broken: map[dns.Name]*provider.Error{}}
	var open []dns.Name
	for _, n := range names {
		if p.zoneIDs[n] == "" {
			open = append(open, n)
		}
	}
	fixed, unplaced := p.configured(ctx, names)
	if len(open) > 0 {
		if err := s.list(open); err != nil {
			if len(fixed) == 0 && len(unplaced) == 0 {
				return nil, nil, err
			}
			s.fail(open, err)
		} else {
			s.ask(open)
		}
	}
	zones := fixed
	for _, n := range open {
		z, err := s.place(n)
		if err != nil {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: err})
			continue
		}
		zones[z.ID] = z.known()
	}
	if len(zones) == 0 && len(s.broken) > 0 && s.cause != nil {
		return nil, nil, s.cause
	}
	return p.finish(zones), unplaced, nil
}

// finish orders the zones and says what is special about writing to them.
func (p *Provider) finish(zones map[string]provider.Zone) []provider.Zone {
	all := slices.SortedFunc(maps.Values(zones), func(a, b provider.Zone) int {
		return cmp.Or(a.Name.Compare(b.Name), cmp.Compare(a.ID, b.ID))
	})
	if p.singly.Load() {
		for i := range all {
			all[i].Warning = strings.TrimPrefix(all[i].Warning+"; changes go out one by one, because the batch endpoint was refused", "; ")
		}
	}
	return all
}

// search is one search for the zones of some names.
type search struct {
	p        *Provider
	ctx      context.Context
	visible  map[dns.Name][]zone
	complete bool // visible holds every zone the listing would show
	asked    map[dns.Name]bool
	spent    bool                         // maxAsked was not enough
	broken   map[dns.Name]*provider.Error // names about which the question could not be answered
	cause    *provider.Error              // what broke them
}

// list reads the listing: a page, and the others where that is cheaper than to
// ask. A refused listing is no error; there are tokens that may only ask.
func (s *search) list(open []dns.Name) *provider.Error {
	total, rows, err := s.page(1)
	if err != nil {
		if f := causeOf(err); f.status == http.StatusForbidden || err.Kind == provider.Rejected {
			return nil
		}
		return err
	}
	s.complete = total <= rows
	if s.complete || rows == 0 {
		return nil
	}
	pages := (total + rows - 1) / rows
	if pages-1 > len(s.candidates(open)) {
		return nil
	}
	for n := 2; n <= pages; n++ {
		_, more, err := s.page(n)
		if err != nil {
			return err
		}
		rows += more
	}
	s.complete = rows >= total
	return nil
}

// page reads one page of the listing.
func (s *search) page(n int) (total, rows int, err *provider.Error) {
	got, rows, err := s.zones("list the zones", url.Values{
		"page": {strconv.Itoa(n)}, "per_page": {strconv.Itoa(zonePage)},
	})
	switch {
	case err != nil:
		return 0, 0, err
	case got.TotalCount != nil:
		return int(*got.TotalCount), rows, nil
	case rows >= zonePage:
		return rows + 1, rows, nil // not said, but likely
	}
	return rows, rows, nil
}

// zones makes one call for zones and takes note of what it shows.
func (s *search) zones(what string, query url.Values) (got info, rows int, err *provider.Error) {
	var page []zone
	got, err = s.p.client.do(s.ctx, call{
		what: what, method: http.MethodGet, path: "/zones", query: query, gone: provider.NoZone,
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
	for _, z := range page {
		same := func(y zone) bool { return y.ID == z.ID }
		if !slices.ContainsFunc(s.visible[z.name], same) {
			s.visible[z.name] = append(s.visible[z.name], z)
		}
	}
	return got, rows, nil
}

// candidates is the suffixes that could still be the zone of one of the names.
func (s *search) candidates(names []dns.Name) map[dns.Name]bool {
	all := map[dns.Name]bool{}
	for _, n := range names {
		for _, suffix := range s.unsettled(n) {
			all[suffix] = true
		}
	}
	return all
}

// unsettled is the suffixes of n, longest first, that could be its zone beside
// the best one that is visible.
func (s *search) unsettled(n dns.Name) []dns.Name {
	all := suffixes(n)
	i := slices.IndexFunc(all, func(z dns.Name) bool { return len(s.visible[z]) > 0 })
	switch {
	case i < 0:
		return all
	case s.complete:
		return nil
	}
	return all[:i]
}

// suffixes is every name that could be the zone of n, longest first. Single
// labels are none.
func suffixes(n dns.Name) []dns.Name {
	var all []dns.Name
	for ok := !n.IsZero(); ok; n, ok = n.Parent() {
		if !n.IsWildcard() {
			all = append(all, n)
		}
	}
	return all
}

// ask asks for the suffixes that the listing did not settle, the longest of
// each name first. Where that would be too many it begins at the short end,
// which names share, and does not look for a zone inside of one it found: the
// NS records of such a zone stand in the outer one and keep homing from
// writing there.
func (s *search) ask(open []dns.Name) {
	many := len(s.candidates(open)) > maxAsked
	for _, labels := range levels(open, many) {
		for _, n := range open {
			todo := s.unsettled(n)
			if many && len(todo) < len(suffixes(n)) {
				continue // a zone is found
			}
			i := slices.IndexFunc(todo, func(z dns.Name) bool { return labelsOf(z) == labels })
			if i < 0 || s.asked[todo[i]] {
				continue
			}
			if err := s.askFor(todo[i]); err != nil {
				s.fail(slices.DeleteFunc(slices.Clone(open), func(n dns.Name) bool { return !s.waiting(n, many) }), err)
				return
			}
		}
	}
}

// waiting says whether there is still something to ask about n.
func (s *search) waiting(n dns.Name, many bool) bool {
	todo := s.unsettled(n)
	if many && len(todo) < len(suffixes(n)) {
		return false
	}
	return slices.ContainsFunc(todo, func(z dns.Name) bool { return !s.asked[z] })
}

func (s *search) askFor(z dns.Name) *provider.Error {
	if len(s.asked) >= maxAsked {
		s.spent = true
		return nil
	}
	if _, _, err := s.zones("look for the zone "+z.Describe(), url.Values{
		"name": {z.String()}, "per_page": {strconv.Itoa(zonePage)},
	}); err != nil {
		return err
	}
	s.asked[z] = true
	return nil
}

// levels is the numbers of labels a zone of the names can have, in the order
// in which they are tried.
func levels(names []dns.Name, shortFirst bool) []int {
	most := 0
	for _, n := range names {
		most = max(most, labelsOf(n))
	}
	var all []int
	for n := most; n >= 2; n-- {
		all = append(all, n)
	}
	if shortFirst {
		slices.Reverse(all)
	}
	return all
}

func labelsOf(n dns.Name) int { return strings.Count(n.String(), ".") + 1 }

// fail takes note that nothing can be said about these names.
func (s *search) fail(names []dns.Name, err *provider.Error) {
	s.cause = err
	for _, n := range names {
		s.broken[n] = err
	}
}

// place is the zone of n, or why there is none.
func (s *search) place(n dns.Name) (zone, *provider.Error) {
	if err := s.broken[n]; err != nil {
		return zone{}, err
	}
	for _, suffix := range suffixes(n) {
		switch found := s.visible[suffix]; len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return zone{}, &provider.Error{Kind: provider.NoZone,
				Err:  fmt.Errorf("find the zone of %s: there are %d zones named %s", n.Describe(), len(found), suffix.Describe()),
				Hint: "configure the zone id of the right one for this name"}
		}
	}
	return zone{}, s.noZone(n)
}

func (s *search) noZone(n dns.Name) *provider.Error {
	noun := s.p.client.credential.noun()
	why := fmt.Errorf("find the zone of %s: it is not there, or this %s may not see it; %s", n.Describe(), noun, s.shown())
	if s.spent {
		why = fmt.Errorf("find the zone of %s: it is in none of the zones listed, and not all of so many names were asked for one by one; %s", n.Describe(), s.shown())
	}
	return &provider.Error{Kind: provider.NoZone, Err: why,
		Hint: "check the name; give the " + noun + " this zone, with the permissions Zone · Zone · Read and Zone · DNS · Edit; or configure the zone id for this name"}
}

// shown names the zones that are visible, at most ten.
func (s *search) shown() string {
	const most = 10
	all := slices.SortedFunc(maps.Keys(s.visible), dns.Name.Compare)
	if len(all) == 0 {
		return "no zone is visible at all"
	}
	words := make([]string, 0, most)
	for _, n := range all[:min(most, len(all))] {
		words = append(words, n.Describe())
	}
	more := ""
	if len(all) > most {
		more = fmt.Sprintf(" and %d more", len(all)-most)
	}
	return "visible are " + strings.Join(words, ", ") + more
}

