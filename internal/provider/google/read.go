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

// maxNamesOneByOne is how many names are asked for one by one. For more, the whole zone is
// read.
const maxNamesOneByOne = 8

// listedSet is a set as the API tells of it.
type listedSet struct {
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
	take := func(s *listedSet) {
		n, bad := dns.ParseName(s.Name)
		k := dns.Key{Name: n, Type: s.Type}
		if bad == nil && wanted.Has(k) {
			records = append(records, s.toRecords(k)...)
			p.originalValues.remember(zone.ID, k, s)
		}
	}
	if len(all) > maxNamesOneByOne {
		err = p.listSets(ctx, project, zone, "", take)
	} else {
		for n := range all {
			if err = p.listSets(ctx, project, zone, n.String()+".", take); err != nil {
				break
			}
		}
		if len(all) == 0 {
			err = p.listSets(ctx, project, zone, zone.Name.String()+".", func(*listedSet) {})
		}
	}
	if err != nil {
		return nil, err
	}
	return dns.SortRecords(records), nil
}

// listSets hands each set of a zone, or of one name of it, to take.
func (p *Provider) listSets(ctx context.Context, project string, zone provider.Zone, name string, take func(*listedSet)) *provider.Error {
	return forEachPage(func(token string) (string, *provider.Error) {
		var page struct {
			Sets []listedSet `json:"rrsets"`
			Kind string      `json:"kind"` // Google leaves out a list without rows
			Next string      `json:"nextPageToken"`
		}
		query := url.Values{}
		if name != "" {
			query.Set("name", name)
		}
		_, err := p.api.Do(ctx, rest.Call{What: "read the zone " + zone.Name.Describe(), Method: http.MethodGet, Path: zonePath(project, zone.ID, "/rrsets"),
			Query: withPageToken(query, token), Limit: maxPage, NotFoundKind: provider.NoZone,
			Result: rest.DecodeList(&page, func() bool {
				return (page.Sets != nil || page.Kind == "dns#resourceRecordSetsListResponse") && rest.AllRows(len(page.Sets), func(i int) bool { return page.Sets[i].isComplete() })
			})})
		for i := range page.Sets {
			take(&page.Sets[i])
		}
		return page.Next, err
	})
}

// isComplete reports whether a set says what it is about, and what it holds.
func (s *listedSet) isComplete() bool {
	return s.Name != "" && (s.Routing != nil && s.Type != "" || rest.IsCompleteRow(s.Type, s.Data...))
}

// routingFeature is what a set is answered from that has a routing policy in place of
// values; such a set is Google's to work out, and never written.
const routingFeature = "a routing policy"

// toRecords returns what a set holds, in order.
func (s *listedSet) toRecords(k dns.Key) (all []dns.Record) {
	if s.Routing != nil {
		return []dns.Record{{Name: k.Name, Type: k.Type, TTL: s.TTL, Text: routingFeature, ReadOnly: true, Feature: routingFeature}}
	}
	for _, v := range s.Data {
		r := rest.RecordFromValue(k, v)
		r.TTL = s.TTL
		all = append(all, r)
	}
	return dns.SortRecords(all)
}
