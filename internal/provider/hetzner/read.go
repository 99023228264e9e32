package hetzner

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// How many a page of a list holds at most: of zones 50, of RRsets 100.
const (
	zonesPerPage = 50
	setsPerPage  = 100
)

// maxPages bounds a list, whatever the API says of its next page.
const maxPages = 1000

// maxKeysOneByOne is how many sets are read one by one; of more the whole zone is.
const maxKeysOneByOne = 8

// listMeta says whether a list goes on.
type listMeta struct {
	Pagination struct {
		Next int `json:"next_page"`
	} `json:"pagination"`
}

type zoneRow struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Mode   string `json:"mode"`
	Status string `json:"status"`
}

// rrset is an RRset as the API writes it, its name without that of the zone.
type rrset struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	TTL        *int   `json:"ttl"` // nil: that of the zone
	Protection struct {
		Change bool `json:"change"`
	} `json:"protection"`
	Values []value `json:"records"`
}

type value struct {
	Value   string `json:"value"`
	Comment string `json:"comment,omitempty"`
}

// isComplete reports whether a set says of which type it is, and what it holds.
func (s *rrset) isComplete() bool {
	contents := make([]string, len(s.Values))
	for i := range s.Values {
		contents[i] = s.Values[i].Value
	}
	return rest.IsCompleteRow(dns.Type(s.Type), contents...)
}

// Records returns what a set holds.
func (s *rrset) Records(k dns.Key) (all []dns.Record) {
	for _, v := range s.Values {
		r := rest.RecordFromValue(k, v.Value)
		r.TTL, r.Comment = dns.AutoTTL, v.Comment
		if s.TTL != nil {
			r.TTL = *s.TTL
		}
		if s.Protection.Change {
			r.ReadOnly, r.Feature = true, "Hetzner's protection against changes"
		}
		all = append(all, r)
	}
	return dns.SortRecords(all)
}

// listZones returns all of the project, which has few.
func (p *Provider) listZones(ctx context.Context) (zones []provider.Zone, err *provider.Error) {
	var answer struct {
		Zones []zoneRow `json:"zones"`
		Meta  listMeta  `json:"meta"`
	}
	err = p.readPages(ctx, "list the zones", "/zones", zonesPerPage, rest.DecodeList(&answer, func() bool {
		return answer.Zones != nil && rest.AllRows(len(answer.Zones), func(i int) bool { return answer.Zones[i].ID != 0 && answer.Zones[i].Name != "" })
	}), &answer.Meta, func() {
		for _, z := range answer.Zones {
			if n, err := dns.ParseName(z.Name); err == nil {
				zones = append(zones, provider.Zone{ID: strconv.FormatInt(z.ID, 10), Name: n, Limits: Limits(), Warning: z.warningText()})
			}
		}
		answer.Zones = nil
	})
	return zones, err
}

// warningText returns what is wrong with a zone; empty where nothing is.
func (z *zoneRow) warningText() string {
	switch {
	case z.Mode == "secondary":
		return "the zone is a secondary at Hetzner, so nothing can be written to it: change its mode in the Hetzner Console, or give the account of its primary"
	case z.Status == "error":
		return "Hetzner says that something is wrong with the zone: look at it in the Hetzner Console"
	}
	return ""
}

// readPages asks for a list page by page; each was read when take is called.
func (p *Provider) readPages(ctx context.Context, what, path string, size int, read func(io.Reader) error, m *listMeta, take func()) *provider.Error {
	for page, asked := 1, 0; asked < maxPages; asked++ {
		*m = listMeta{}
		_, err := p.API.Do(ctx, rest.Call{What: what, Method: http.MethodGet, Path: path, NotFoundKind: provider.NoZone, Result: read,
			Query: url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(size)}}})
		if err != nil {
			return err
		}
		take()
		if m.Pagination.Next <= page {
			return nil
		}
		page = m.Pagination.Next
	}
	return rest.NewError(provider.Unavailable, what, "", "the list does not end within %d pages", maxPages)
}

// readAllSets hands each set of a zone that matters to take.
func (p *Provider) readAllSets(ctx context.Context, zone provider.Zone, take func(dns.Key, rest.StoredSet)) *provider.Error {
	var answer struct {
		Sets []rrset  `json:"rrsets"`
		Meta listMeta `json:"meta"`
	}
	there := rest.DecodeList(&answer, func() bool {
		return answer.Sets != nil && rest.AllRows(len(answer.Sets), func(i int) bool { return answer.Sets[i].Name != "" && answer.Sets[i].isComplete() })
	})
	return p.readPages(ctx, "list the records of "+zone.Name.Describe(), zonePath(zone)+"/rrsets", setsPerPage, there, &answer.Meta, func() {
		for i := range answer.Sets {
			s := &answer.Sets[i]
			n, err := rest.AbsoluteName(s.Name, zone.Name, "@")
			if k := (dns.Key{Name: n, Type: dns.Type(s.Type)}); err == nil && rest.IsRelevantType(k.Type) {
				take(k, s)
			}
		}
		answer.Sets = nil
	})
}

// readSets returns what stands at keys: few are asked for one by one.
func (p *Provider) readSets(ctx context.Context, zone provider.Zone, keys []dns.Key) (map[dns.Key]rest.StoredSet, *provider.Error) {
	return p.SetsAt(ctx, zone, keys, maxKeysOneByOne, func(k dns.Key) (rest.StoredSet, *provider.Error) { return p.fetchSet(ctx, zone, k) })
}

// fetchSet returns a set; of the kind NoZone where there is none.
func (p *Provider) fetchSet(ctx context.Context, zone provider.Zone, k dns.Key) (*rrset, *provider.Error) {
	var answer struct {
		Set rrset `json:"rrset"`
	}
	_, err := p.API.Do(ctx, rest.Call{What: "read " + k.String(), Method: http.MethodGet, Path: setPath(zone, k), NotFoundKind: provider.NoZone, Result: rest.DecodeJSON(&answer)})
	if err == nil && (answer.Set.Type != string(k.Type) || !answer.Set.isComplete()) {
		err = rest.NewError(provider.Unavailable, "read "+k.String(), rest.HintUnexpectedAnswer, "Hetzner answered with another set")
	}
	return &answer.Set, err
}

func zonePath(zone provider.Zone) string { return "/zones/" + url.PathEscape(zone.ID) }

// setPath returns the path of a set.
func setPath(zone provider.Zone, k dns.Key) string {
	return fmt.Sprintf("%s/rrsets/%s/%s", zonePath(zone), url.PathEscape(rest.RelativeName(k.Name, zone.Name, "@")), k.Type)
}
