package digitalocean

import (
	"context"
	"net/http"
	"net/url"
	"sort"
	"strconv"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

const (
	perPage   = 200  // the most that a list gives
	maxPages  = 1000 // bounds a list, whatever the API says of its next page
	fewNames  = 2    // asked for by themselves; of more the whole domain is read
	maxAnswer = 32 << 20
)

// links says whether a list goes on.
type links struct {
	Pages struct {
		Next string `json:"next"`
	} `json:"pages"`
}

// row is a record as the API writes it: its name without that of the domain.
type row struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
	Name string `json:"name"`
	Data string `json:"data"`
	TTL  int    `json:"ttl"`
}

// isComplete reports whether a row says what it is about.
func (r *row) isComplete() bool {
	return r.ID != 0 && r.Name != "" && rest.IsCompleteRow(dns.Type(r.Type), r.Data)
}

// toRecord returns a row of a domain; false where it has a name that homing knows none of.
func (r *row) toRecord(domain dns.Name) (dns.Record, bool) {
	n, err := rest.AbsoluteName(r.Name, domain, "@")
	data := r.Data
	if data == "@" { // the domain itself
		data = domain.String()
	}
	out := rest.RecordFromValue(dns.Key{Name: n, Type: dns.Type(r.Type)}, data)
	out.ID, out.TTL = strconv.FormatInt(r.ID, 10), r.TTL
	return out, err == nil
}

// Zones lists all domains of the account, which has few.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	zones, err := p.listZones(ctx)
	if err != nil {
		return nil, nil, err
	}
	placed, unplaced := p.account.AssignZones(names, zones, "this token", cureNoZone)
	return placed, unplaced, nil
}

func (p *Provider) listZones(ctx context.Context) (zones []provider.Zone, err *provider.Error) {
	var answer struct {
		Domains []struct {
			Name string `json:"name"`
		} `json:"domains"`
		Links links `json:"links"`
	}
	err = p.readPages(ctx, rest.Call{What: "list the domains", Path: "/v2/domains", NotFoundKind: provider.Unavailable}, url.Values{}, &answer, &answer.Links, func() bool {
		there := answer.Domains != nil && rest.AllRows(len(answer.Domains), func(i int) bool { return answer.Domains[i].Name != "" })
		for _, d := range answer.Domains {
			if n, err := dns.ParseName(d.Name); err == nil {
				zones = append(zones, provider.Zone{ID: d.Name, Name: n, Limits: Limits()})
			}
		}
		answer.Domains = nil
		return there
	})
	return zones, err
}

// readPages asks for a list page by page; each is in answer when take is called, which
// reports whether there is a list at all: an answer without one is not an empty one.
func (p *Provider) readPages(ctx context.Context, c rest.Call, query url.Values, answer any, l *links, take func() bool) *provider.Error {
	c.Method, c.Query, c.Result, c.Limit = http.MethodGet, query, rest.DecodeJSON(answer), maxAnswer
	query.Set("per_page", strconv.Itoa(perPage))
	for page := 1; page <= maxPages; page++ {
		query.Set("page", strconv.Itoa(page))
		*l = links{}
		if _, err := p.api.Do(ctx, c); err != nil {
			return err
		}
		if !take() {
			return rest.NewError(provider.Unavailable, c.What, "", "there is no list in the answer")
		}
		if l.Pages.Next == "" {
			return nil
		}
	}
	return rest.NewError(provider.Unavailable, c.What, "", "the list does not end within %d pages", maxPages)
}

// Records asks for one or two names, or reads the whole domain.
func (p *Provider) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return p.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts makes the calls of Records.
func (p *Provider) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) ([]dns.Record, error) {
	wanted := rest.NewWanted(zone.Name, names, texts)
	asked := map[dns.Name]bool{}
	for _, n := range names {
		for ok := true; ok && n.IsWithin(zone.Name) && (n != zone.Name || len(asked) == 0); n, ok = n.Parent() {
			asked[n] = true
		}
	}
	for _, n := range texts {
		asked[n] = true
	}
	var records []dns.Record
	if err := p.readRecords(ctx, zone, asked, func(r *dns.Record) {
		if wanted.Has(r.Key()) {
			records = append(records, *r)
		}
	}); err != nil {
		return nil, err
	}
	return dns.SortRecords(records), nil
}

// readRecords hands each record at these names to take, and perhaps others.
func (p *Provider) readRecords(ctx context.Context, zone provider.Zone, names map[dns.Name]bool, take func(*dns.Record)) *provider.Error {
	var queries []url.Values
	for n := range names {
		if n.IsWildcard() || len(names) > fewNames {
			queries = []url.Values{{}}
			break
		}
		queries = append(queries, url.Values{"name": {n.String()}})
	}
	sort.Slice(queries, func(i, j int) bool { return queries[i].Get("name") < queries[j].Get("name") })
	seen := map[int64]bool{} // somebody who writes meanwhile moves records to the next page
	for _, q := range queries {
		var answer struct {
			Records []row `json:"domain_records"`
			Links   links `json:"links"`
		}
		err := p.readPages(ctx, rest.Call{What: "list the records of " + zone.Name.Describe(), Path: recordsPath(zone), NotFoundKind: provider.NoZone}, q, &answer, &answer.Links, func() bool {
			there := answer.Records != nil && rest.AllRows(len(answer.Records), func(i int) bool { return answer.Records[i].isComplete() })
			for i := range answer.Records {
				r, ok := answer.Records[i].toRecord(zone.Name)
				if id := answer.Records[i].ID; ok && !seen[id] && rest.IsRelevantType(r.Type) {
					seen[id] = true
					take(&r)
				}
			}
			answer.Records = nil
			return there
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func recordsPath(zone provider.Zone) string {
	return "/v2/domains/" + url.PathEscape(zone.ID) + "/records"
}
