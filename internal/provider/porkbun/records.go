package porkbun

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// domainsPage is how many domains a page of the list has.
const domainsPage = 1000

// maxPages bounds that list.
const maxPages = 100

// maxZone bounds the answer with a whole zone: some 100,000 records.
const maxZone = 32 << 20

// mostAtOnce is how many records are changed before the zone is read again.
const mostAtOnce = 16

// request is what every call sends, and those that write beside.
type request struct {
	Key     string  `json:"apikey"`
	Secret  string  `json:"secretapikey"`
	Start   string  `json:"start,omitempty"`
	Name    *string `json:"name,omitempty"` // without the domain; empty for itself
	Type    string  `json:"type,omitempty"`
	Content string  `json:"content,omitempty"`
	TTL     string  `json:"ttl,omitempty"`
	Notes   *string `json:"notes,omitempty"`
}

// answer is what comes of every call. Numbers may stand in quotes.
type answer struct {
	Status  string      `json:"status"`
	ID      json.Number `json:"id"`
	Records []row       `json:"records"`
	Domains []struct {
		Domain string `json:"domain"`
	} `json:"domains"`
}

// row is a record as the API writes it, with its whole name.
type row struct {
	ID      json.Number `json:"id"`
	Name    string      `json:"name"`
	Type    dns.Type    `json:"type"`
	Content string      `json:"content"`
	TTL     json.Number `json:"ttl"`
	Notes   string      `json:"notes"`
}

// call makes one call; what it says besides the keys is in r.
func (p *Provider) call(ctx context.Context, c rest.Call, r request) (*answer, *provider.Error) {
	var a answer
	r.Key, r.Secret = p.key.Reveal(), p.secret.Reveal()
	c.Method, c.Body, c.SecretBody, c.Limit = http.MethodPost, r, true, maxZone
	c.Result = func(body io.Reader) error {
		b, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		a = answer{}
		if err = json.Unmarshal(b, &a); err == nil && a.Status != "SUCCESS" { // a refusal may come with any status
			return &rest.RefusedError{Refusal: explain(http.StatusBadRequest, b)}
		}
		return err
	}
	_, err := p.API.Do(ctx, c)
	return &a, err
}

// zones returns all domains of the account.
func (p *Provider) zones(ctx context.Context) (zones []provider.Zone, _ *provider.Error) {
	for page := range maxPages {
		a, err := p.call(ctx, rest.Call{What: "list the domains", Path: "/domain/listAll", ReadOnly: true}, request{Start: strconv.Itoa(page * domainsPage)})
		if err != nil {
			return nil, err
		}
		if a.Domains == nil || !rest.AllRows(len(a.Domains), func(i int) bool { return a.Domains[i].Domain != "" }) {
			return nil, rest.NewError(provider.Unavailable, "list the domains", "", "there is no list in the answer")
		}
		for _, d := range a.Domains {
			if n, err := dns.ParseName(d.Domain); err == nil {
				zones = append(zones, provider.Zone{ID: n.String(), Name: n, Limits: Limits()})
			}
		}
		if len(a.Domains) < domainsPage {
			break
		}
	}
	return zones, nil
}

// whole reports whether a row says what it is about.
func (r *row) whole() bool {
	return r.ID != "" && r.Name != "" && rest.IsCompleteRow(r.Type, r.Content)
}

// Records returns the one that a row is.
func (r *row) Records(k dns.Key) []dns.Record {
	one := rest.RecordFromValue(k, r.Content)
	one.ID, one.Comment = r.ID.String(), r.Notes
	one.TTL, _ = strconv.Atoi(r.TTL.String())
	return []dns.Record{one}
}

// readAllRecords hands each record of a zone that matters to take. It is one call.
func (p *Provider) readAllRecords(ctx context.Context, zone provider.Zone, take func(dns.Key, rest.StoredSet)) *provider.Error {
	a, err := p.call(ctx, rest.Call{What: "list the records of " + zone.Name.Describe(), Path: "/dns/retrieve/" + url.PathEscape(zone.ID), ReadOnly: true, NotFoundKind: provider.NoZone}, request{})
	if err != nil {
		return err
	}
	if a.Records == nil || !rest.AllRows(len(a.Records), func(i int) bool { return a.Records[i].whole() }) { // which is not an empty one
		return rest.NewError(provider.Unavailable, "list the records of "+zone.Name.Describe(), "", "there is no list in the answer")
	}
	for i := range a.Records {
		n, err := dns.ParseName(a.Records[i].Name)
		if k := (dns.Key{Name: n, Type: a.Records[i].Type}); err == nil && rest.IsRelevantType(k.Type) {
			take(k, &a.Records[i])
		}
	}
	return nil
}

// Apply makes a call for each change, and reads the zone before and after.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	c := rest.RecordApplier{Host: "Porkbun", Zone: zone, RereadAfter: mostAtOnce,
		Read: func(ctx context.Context, _ []plan.Set) (map[dns.Key][]dns.Record, *provider.Error) {
			here := make(map[dns.Key][]dns.Record)
			err := p.readAllRecords(ctx, zone, func(k dns.Key, h rest.StoredSet) { here[k] = append(here[k], h.Records(k)...) })
			return here, err
		},
		Write: func(ctx context.Context, what string, c *plan.Change) (string, *provider.Error) {
			return p.writeRecord(ctx, zone, what, c)
		}}
	return c.Apply(ctx, sets)
}

// writeRecord makes one change.
func (p *Provider) writeRecord(ctx context.Context, zone provider.Zone, what string, c *plan.Change) (string, *provider.Error) {
	at, r, call := url.PathEscape(zone.ID), &c.New, rest.Call{What: what, NotFoundKind: provider.Stale}
	if c.Action == plan.ToDelete {
		call.Path = "/dns/delete/" + at + "/" + url.PathEscape(c.Old.ID)
		_, err := p.call(ctx, call, request{})
		return c.Old.ID, err
	}
	name := rest.RelativeName(r.Name, zone.Name, "")
	body := request{Name: &name, Type: string(r.Type), Content: contentFor(r), TTL: strconv.Itoa(r.TTL)}
	if r.Comment != "" || c.Action == plan.ToUpdate { // an empty note takes the old one off
		body.Notes = &r.Comment
	}
	if c.Action == plan.ToUpdate {
		call.Path = "/dns/edit/" + at + "/" + url.PathEscape(r.ID)
		_, err := p.call(ctx, call, body)
		return r.ID, err
	}
	call.Path = "/dns/create/" + at
	a, err := p.call(ctx, call, body)
	if err == nil && a.ID == "" {
		err = rest.NewError(provider.Unconfirmed, what, "homing reads it again and goes on by itself", "Porkbun did not say which record it made")
	}
	return a.ID.String(), err
}

// contentFor returns what a record says as the API has it: a text that is one plain string
// without its quotes.
func contentFor(r *dns.Record) string {
	if r.Type != dns.TXT {
		return r.Content()
	}
	strs := r.Data().Strings()
	if len(strs) == 1 && !strings.ContainsAny(strs[0], `"\`) && dns.ParseTXT(strs[0]).Text == r.Text && strings.TrimSpace(strs[0]) == strs[0] && strs[0] != "" {
		return strs[0]
	}
	return r.Text
}
