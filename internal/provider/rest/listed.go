package rest

import (
	"context"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// Listed is the half of a Provider that reads, at a host that lists its zones, and
// what stands in each. A Provider embeds it.
type Listed struct {
	API     *Client
	Account Account
	Word    string    // what the calls carry: "token"
	Whose   string    // who does not see a zone: "the account of this token"
	Cure    text.Hint // what to do then
	// List is all zones.
	List func(context.Context) ([]provider.Zone, *provider.Error)
	// All hands everything in a zone to take, of one key in one piece or in several.
	All func(ctx context.Context, zone provider.Zone, take func(dns.Key, Held)) *provider.Error
}

// Calls is how many requests went out, repeated ones too.
func (l *Listed) Calls() int64 { return l.API.Calls() }

// Credential is what the calls carry, in words.
func (l *Listed) Credential() string { return l.Word }

// ClockSkew is that of the Client.
func (l *Listed) ClockSkew() (time.Duration, bool) { return l.API.ClockSkew() }

// Seen is every zone that is listed.
func (l *Listed) Seen(ctx context.Context) ([]provider.Zone, error) {
	zones, err := l.List(ctx)
	if err != nil {
		return nil, err
	}
	return zones, nil
}

// Zones finds the zones of names among all.
func (l *Listed) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	zones, err := l.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	placed, unplaced := l.Place(names, zones)
	return placed, unplaced, nil
}

// Place finds the zones of names among these.
func (l *Listed) Place(names []dns.Name, zones []provider.Zone) ([]provider.Placed, []provider.Unplaced) {
	return l.Account.Place(names, zones, l.Whose, l.Cure)
}

// Records reads the whole zone.
func (l *Listed) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return l.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts makes the calls of Records.
func (l *Listed) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) (records []dns.Record, _ error) {
	wanted := Want(zone.Name, names, texts)
	if err := l.All(ctx, zone, func(k dns.Key, h Held) {
		if wanted.Has(k) {
			records = append(records, h.Records(k)...)
		}
	}); err != nil {
		return nil, err
	}
	return records, nil
}

// At is what stands at keys of a zone. No more than few are asked for one by one, by
// one, which gives nil where there is none; for more the whole zone is read.
func (l *Listed) At(ctx context.Context, zone provider.Zone, keys []dns.Key, few int, one func(dns.Key) (Held, *provider.Error)) (map[dns.Key]Held, *provider.Error) {
	here := make(map[dns.Key]Held, len(keys))
	if len(keys) > few {
		return here, l.All(ctx, zone, func(k dns.Key, h Held) { here[k] = h })
	}
	for _, k := range keys {
		h, err := one(k)
		switch {
		case err == nil:
			here[k] = h
		case err.Kind != provider.NoZone: // else the API says that there is none, and nobody in its place
			return nil, err
		}
	}
	return here, nil
}

// Values is the records of a set, of its values as zone files write them.
func Values(k dns.Key, ttl int, values []string) []dns.Record {
	all := make([]dns.Record, 0, len(values))
	for _, v := range values {
		r := Value(k, v)
		r.TTL = ttl
		all = append(all, r)
	}
	return dns.InOrder(all)
}

// Contents is what records say, as zone files write it.
func Contents(records []dns.Record) []string {
	all := make([]string, len(records))
	for i := range records {
		all[i] = records[i].Content()
		if t := records[i].Type; t == dns.CNAME || t == dns.NS {
			all[i] += "."
		}
	}
	return all
}
