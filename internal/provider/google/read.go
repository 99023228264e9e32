package google

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// maxPage bounds one page of a list.
const maxPage = 16 << 20

// fewNames is how many names are asked for one by one. For more, the whole zone is
// read.
const fewNames = 8

// rrset is a set as the API tells of it.
type rrset struct {
	Name    string          `json:"name"`
	Type    dns.Type        `json:"type"`
	TTL     int             `json:"ttl"`
	Data    []string        `json:"rrdatas"`
	Routing json.RawMessage `json:"routingPolicy"`
}

// set is a set as it is written.
type set struct {
	Name string   `json:"name"`
	Type dns.Type `json:"type"`
	TTL  int      `json:"ttl"`
	Data []string `json:"rrdatas"`
}

// Records asks for each name where there are few, and for all of the zone else.
func (p *Provider) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return p.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts is Records, and TXT at texts.
func (p *Provider) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) ([]dns.Record, error) {
	project, err := p.projectID(ctx)
	if err != nil {
		return nil, err
	}
	wanted, all := rest.NewWanted(zone.Name, names, texts), map[dns.Name]bool{}
	for _, n := range names {
		all[n] = true
		for up, ok := n.Parent(); ok && up != zone.Name && up.IsWithin(zone.Name); up, ok = up.Parent() {
			all[up] = true
		}
	}
	for _, n := range texts {
		all[n] = true
	}
	var records []dns.Record
	take := func(s *rrset) {
		n, bad := dns.ParseName(s.Name)
		k := dns.Key{Name: n, Type: s.Type}
		if bad == nil && wanted.Has(k) {
			records = append(records, s.records(k)...)
			p.forms.keep(zone.ID, k, s)
		}
	}
	if len(all) > fewNames {
		err = p.sets(ctx, project, zone, "", take)
	} else {
		for n := range all {
			if err = p.sets(ctx, project, zone, n.String()+".", take); err != nil {
				break
			}
		}
		if len(all) == 0 {
			err = p.sets(ctx, project, zone, zone.Name.String()+".", func(*rrset) {})
		}
	}
	if err != nil {
		return nil, err
	}
	return dns.SortRecords(records), nil
}

// sets hands each set of a zone, or of one name of it, to take.
func (p *Provider) sets(ctx context.Context, project string, zone provider.Zone, name string, take func(*rrset)) *provider.Error {
	return pages(func(token string) (string, *provider.Error) {
		var page struct {
			Sets []rrset `json:"rrsets"`
			Kind string  `json:"kind"` // Google leaves out a list without rows
			Next string  `json:"nextPageToken"`
		}
		query := url.Values{}
		if name != "" {
			query.Set("name", name)
		}
		_, err := p.api.Do(ctx, rest.Call{What: "read the zone " + zone.Name.Describe(), Method: http.MethodGet, Path: zonePath(project, zone.ID, "/rrsets"),
			Query: paged(query, token), Limit: maxPage, NotFoundKind: provider.NoZone,
			Result: rest.DecodeList(&page, func() bool {
				return (page.Sets != nil || page.Kind == "dns#resourceRecordSetsListResponse") && rest.AllRows(len(page.Sets), func(i int) bool { return page.Sets[i].whole() })
			})})
		for i := range page.Sets {
			take(&page.Sets[i])
		}
		return page.Next, err
	})
}

// whole reports whether a set says what it is about, and what it holds.
func (s *rrset) whole() bool {
	return s.Name != "" && (s.Routing != nil && s.Type != "" || rest.IsCompleteRow(s.Type, s.Data...))
}

// routed is what a set is answered from that has a routing policy in place of
// values; such a set is Google's to work out, and never written.
const routed = "a routing policy"

// records is what a set holds, in order.
func (s *rrset) records(k dns.Key) (all []dns.Record) {
	if s.Routing != nil {
		return []dns.Record{{Name: k.Name, Type: k.Type, TTL: s.TTL, Text: routed, ReadOnly: true, Feature: routed}}
	}
	for _, v := range s.Data {
		r := rest.RecordFromValue(k, v)
		r.TTL = s.TTL
		all = append(all, r)
	}
	return dns.SortRecords(all)
}
