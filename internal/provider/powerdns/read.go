package powerdns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// maxZone bounds the answer with a whole zone: some 400,000 names.
const maxZone = 64 << 20

// zoneRow is a zone as the API tells of it.
type zoneRow struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	SOAEditAPI string `json:"soa_edit_api"`
}

// rrset is an RRset as the API writes it.
type rrset struct {
	Name     string    `json:"name"`
	Type     string    `json:"type"`
	TTL      int       `json:"ttl"`
	Values   []value   `json:"records"`
	Comments []comment `json:"comments"`
}

type value struct {
	Content  string `json:"content"`
	Disabled bool   `json:"disabled"`
}

type comment struct {
	Content string `json:"content"`
	Account string `json:"account"`
}

// Records reads the whole zone: the answer to a question for one name leaves out
// what is disabled, and has comments of other names (4.7.3).
func (p *Provider) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return p.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts makes the one call of Records.
func (p *Provider) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) ([]dns.Record, error) {
	wanted := rest.NewWanted(zone.Name, names, texts)
	var records []dns.Record
	_, err := p.fetchZone(ctx, zone.ID, nil, func(k dns.Key, s *rrset) {
		if wanted.Has(k) {
			records = append(records, s.Records(k)...)
		}
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// fetchZone asks for a zone, and hands each of its sets of a type that matters to take.
func (p *Provider) fetchZone(ctx context.Context, id string, query url.Values, take func(dns.Key, *rrset)) (zoneRow, *provider.Error) {
	var row zoneRow
	var sets []rrset
	_, err := p.api.Do(ctx, rest.Call{
		What: "read the zone " + rest.Printable(strings.TrimSuffix(id, ".")), Method: http.MethodGet, Path: "/zones/" + url.PathEscape(id), Query: query,
		Limit: maxZone, NotFoundKind: provider.NoZone,
		Result: func(r io.Reader) (err error) {
			row, sets, err = decodeZone(r, func(s *rrset) bool { return take != nil && rest.IsRelevantType(dns.Type(s.Type)) })
			if err == nil && take != nil && sets == nil {
				err = errors.New("it holds no list of records")
			}
			return err
		},
	})
	if err != nil {
		if rest.StatusOf(err) == http.StatusNotFound {
			err = rest.NewError(provider.NoZone, err.What, cureNoZone, "PowerDNS has no such zone (HTTP 404)")
		}
		return row, err
	}
	for i := range sets {
		if n, err := dns.ParseName(sets[i].Name); err == nil {
			take(dns.Key{Name: n, Type: dns.Type(sets[i].Type)}, &sets[i])
		}
	}
	return row, nil
}

// decodeZone reads a zone set by set, so that a large one is never in memory whole.
func decodeZone(r io.Reader, keep func(*rrset) bool) (row zoneRow, sets []rrset, err error) {
	d := json.NewDecoder(r)
	if err := expectDelim(d, '{'); err != nil {
		return row, nil, err
	}
	fields := map[string]*string{"id": &row.ID, "name": &row.Name, "kind": &row.Kind, "soa_edit_api": &row.SOAEditAPI}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return row, nil, err
		}
		name, _ := key.(string)
		switch field := fields[name]; {
		case name == "rrsets":
			sets, err = decodeSets(d, keep)
		case field != nil:
			err = d.Decode(field)
		default:
			err = d.Decode(new(json.RawMessage))
		}
		if err != nil {
			return row, nil, err
		}
	}
	if err := expectDelim(d, '}'); err != nil {
		return row, nil, err
	}
	if row.Name == "" || row.Kind == "" {
		return row, nil, errors.New("it is no zone")
	}
	return row, sets, nil
}

func decodeSets(d *json.Decoder, keep func(*rrset) bool) (sets []rrset, err error) {
	if err := expectDelim(d, '['); err != nil {
		return nil, err
	}
	sets = []rrset{} // there is a list
	for d.More() {
		var s rrset
		if err := d.Decode(&s); err != nil {
			return nil, err
		}
		if s.Name == "" || s.Type == "" || s.Values == nil || !rest.AllRows(len(s.Values), func(i int) bool { return s.Values[i].Content != "" || !dns.Type(s.Type).IsAddress() }) {
			return nil, errors.New("a set in it does not say what it is")
		}
		if keep(&s) {
			sets = append(sets, s)
		}
	}
	return sets, expectDelim(d, ']')
}

func expectDelim(d *json.Decoder, delim json.Delim) error {
	t, err := d.Token()
	if err == nil && t != delim {
		err = fmt.Errorf("%v stands where %v should", t, delim)
	}
	return err
}

// Records returns what is served of a set. Disabled values are not: they neither
// satisfy anybody nor stand in the way, and are only kept.
func (s *rrset) Records(k dns.Key) (all []dns.Record) {
	for _, v := range s.Values {
		if v.Disabled {
			continue
		}
		r := rest.RecordFromValue(k, v.Content)
		r.TTL, r.Comment = s.TTL, s.joinComments()
		all = append(all, r)
	}
	return dns.SortRecords(all)
}

// joinComments returns all that people wrote about a set.
func (s *rrset) joinComments() string {
	var all []string
	for _, c := range s.Comments {
		all = append(all, c.Content)
	}
	return strings.Join(all, "; ")
}
