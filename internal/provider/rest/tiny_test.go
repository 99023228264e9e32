package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// tiny is a whole Provider for a made-up DNS host with a JSON API: what a host's
// package holds beside its row in the table of hosts.
type tiny struct{ api *Client }

type tinyZone struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type tinyRecord struct {
	ID      string   `json:"id"`
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Value   string   `json:"value"`
	TTL     int      `json:"ttl"`
	Proxied bool     `json:"proxied"`
	Comment string   `json:"comment"`
	Tags    []string `json:"tags"`
}

func (p *tiny) Calls() int64 { return p.api.Calls() }

// Zones lists all of them: the account has few.
func (p *tiny) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	var all []tinyZone
	if _, err := p.api.Do(ctx, Call{What: "list the zones", Method: http.MethodGet, Path: "/zones", Result: DecodeJSON(&all)}); err != nil {
		return nil, nil, err
	}
	zones := map[string]provider.Zone{}
	for _, z := range all {
		if n, err := dns.ParseName(z.Name); err == nil {
			zones[n.String()] = provider.Zone{ID: z.ID, Name: n, Limits: plan.Limits{MinTTL: 60, Comment: 100, Tags: 20}}
		}
	}
	var placed []provider.Placed
	var unplaced []provider.Unplaced
	for _, n := range names {
		at, ok := n, true
		for zones[at.String()].ID == "" && ok {
			at, ok = at.Parent()
		}
		if z := zones[at.String()]; z.ID != "" {
			placed = append(placed, provider.Placed{Name: n, Zone: z})
		} else {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: &provider.Error{Kind: provider.NoZone, Err: fmt.Errorf("no zone of the account holds %s", n)}})
		}
	}
	return placed, unplaced, nil
}

// Records reads page by page, and keeps what stands at a name that was asked
// for, and the NS records above one.
func (p *tiny) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	var kept []dns.Record
	for page, more := 1, true; more; page++ {
		var rows []tinyRecord
		if _, err := p.api.Do(ctx, Call{What: "list the records of " + zone.Name.Describe(), Method: http.MethodGet, Path: records(zone, ""),
			Query: url.Values{"page": {fmt.Sprint(page)}}, NotFoundKind: provider.NoZone, Result: DecodeJSON(&rows)}); err != nil {
			return nil, err
		}
		for _, row := range rows {
			if r, ok := row.record(); ok && (slices.Contains(names, r.Name) || r.Type == dns.NS && r.Name != zone.Name && slices.ContainsFunc(names, func(n dns.Name) bool { return n.IsWithin(r.Name) })) {
				kept = append(kept, r)
			}
		}
		more = len(rows) > 0
	}
	return kept, nil
}

// Apply makes a call for each change. Within a set what comes after a failure is
// not tried, so that nothing is deleted whose replacement is not there.
func (p *tiny) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	var all []provider.SetResult
	for _, set := range sets {
		results := make([]provider.Result, len(set.Changes))
		var failed *provider.Error
		for i, c := range set.Changes {
			switch {
			case failed != nil:
				results[i].Err = &provider.Error{Kind: provider.NotTried, What: c.Words(), Err: errors.New("another change of the same set failed")}
			case ctx.Err() != nil:
				results[i].Err = &provider.Error{Kind: provider.NotTried, What: c.Words(), Err: context.Cause(ctx)}
			default:
				results[i].Record, results[i].Err = p.change(ctx, zone, c)
			}
			failed = results[i].Err
		}
		all = append(all, provider.ResultOfChanges(&set, results))
	}
	return all
}

func (p *tiny) change(ctx context.Context, zone provider.Zone, c plan.Change) (dns.Record, *provider.Error) {
	var row tinyRecord
	call := Call{What: c.Words(), Path: records(zone, c.Old.ID), NotFoundKind: provider.Stale, Result: DecodeJSON(&row)}
	switch c.Action {
	case plan.ToDelete:
		call.Method, call.Result = http.MethodDelete, nil
		_, err := p.api.Do(ctx, call)
		if StatusOf(err) == http.StatusNotFound {
			return dns.Record{}, nil // somebody else was faster
		}
		return dns.Record{}, err
	case plan.ToCreate:
		call.Method, call.Body = http.MethodPost, changed(c.New, plan.Content|plan.TTL|plan.Proxied|plan.Comment|plan.Tags)
	case plan.ToUpdate:
		call.Method, call.Body = http.MethodPatch, changed(c.New, c.Fields())
	}
	if _, err := p.api.Do(ctx, call); err != nil {
		return dns.Record{}, err
	}
	stored, ok := row.record()
	if !ok || stored.Key() != c.Key() || stored.Content() != c.New.Content() {
		return dns.Record{}, &provider.Error{What: c.Words(), Err: errors.New("Tiny stored something else")}
	}
	return stored, nil
}

func records(zone provider.Zone, id string) string {
	path := "/zones/" + url.PathEscape(zone.ID) + "/records"
	if id != "" {
		path += "/" + url.PathEscape(id)
	}
	return path
}

// changed is the fields of r that are to be sent, beside whose they are.
func changed(r dns.Record, fields plan.Fields) map[string]any {
	sent := map[string]any{"type": r.Type, "name": r.Name}
	for f, value := range map[plan.Fields]struct {
		name  string
		value any
	}{
		plan.Content: {"value", r.Content()}, plan.TTL: {"ttl", r.TTL}, plan.Proxied: {"proxied", r.Proxied},
		plan.Comment: {"comment", r.Comment}, plan.Tags: {"tags", r.Tags},
	} {
		if fields.Has(f) {
			sent[value.name] = value.value
		}
	}
	return sent
}

func (t tinyRecord) record() (dns.Record, bool) {
	n, err := dns.ParseName(t.Name)
	r := dns.Record{ID: t.ID, Name: n, Type: dns.Type(t.Type), TTL: t.TTL, Proxied: t.Proxied, Comment: t.Comment, Tags: t.Tags}
	switch r.Type {
	case dns.A, dns.AAAA:
		r.Addr, err = netip.ParseAddr(t.Value)
	case dns.CNAME, dns.NS:
		r.Text = t.Value
	default:
		return dns.Record{}, false
	}
	return r, err == nil
}
