package google

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sort"
	"strings"

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
	wanted, above, texted := map[dns.Name]bool{}, map[dns.Name]bool{}, map[dns.Name]bool{}
	all := map[dns.Name]bool{}
	for _, n := range names {
		wanted[n], all[n] = true, true
		for up, ok := n.Parent(); ok && up != zone.Name && up.Within(zone.Name); up, ok = up.Parent() {
			above[up], all[up] = true, true
		}
	}
	for _, n := range texts {
		texted[n], all[n] = true, true
	}
	var records []dns.Record
	take := func(s *rrset) {
		n, bad := dns.ParseName(s.Name)
		k := dns.Key{Name: n, Type: s.Type}
		if bad == nil && matters(k.Type) && (k.Type != dns.TXT && wanted[n] || k.Type == dns.TXT && texted[n] || k.Type == dns.NS && above[n]) {
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
	sort.Slice(records, func(i, j int) bool { return records[i].Compare(records[j]) < 0 })
	return records, nil
}

// sets hands each set of a zone, or of one name of it, to take.
func (p *Provider) sets(ctx context.Context, project string, zone provider.Zone, name string, take func(*rrset)) *provider.Error {
	return pages(func(token string) (string, *provider.Error) {
		var page struct {
			Sets []rrset `json:"rrsets"`
			Next string  `json:"nextPageToken"`
		}
		query := url.Values{}
		if name != "" {
			query.Set("name", name)
		}
		_, err := p.api.Do(ctx, rest.Call{What: "read the zone " + zone.Name.Describe(), Method: http.MethodGet, Path: zonePath(project, zone.ID, "/rrsets"),
			Query: paged(query, token), Limit: maxPage, Gone: provider.NoZone, Result: rest.JSON(&page)})
		for i := range page.Sets {
			take(&page.Sets[i])
		}
		return page.Next, err
	})
}

func matters(t dns.Type) bool {
	return slices.Contains([]dns.Type{dns.A, dns.AAAA, dns.CNAME, dns.NS, dns.TXT}, t)
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
		all = append(all, dns.Record{Name: k.Name, Type: k.Type, TTL: s.TTL}.Saying(says(k.Type, v)))
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Compare(all[j]) < 0 })
	return all
}

// says is the data of a value.
func says(t dns.Type, value string) dns.Data {
	if t == dns.TXT {
		return dns.ParseTXT(value)
	}
	if t.IsAddress() {
		if a, err := netip.ParseAddr(value); err == nil {
			return dns.Data{Addr: a}
		}
	}
	return dns.Data{Text: strings.TrimSuffix(value, ".")}
}
