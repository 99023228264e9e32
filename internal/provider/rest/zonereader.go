package rest

import (
	"context"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// ZoneReader is the half of a Provider that reads, at a host that lists its zones, and
// what stands in each. A Provider embeds it.
type ZoneReader struct {
	API            *Client
	Account        Account
	CredentialName string    // what the calls carry: "token"
	Viewer         string    // who does not see a zone: "the account of this token"
	NoZoneHint     text.Hint // what to do then
	// FetchZones is all zones.
	FetchZones func(context.Context) ([]provider.Zone, *provider.Error)
	// FetchSets hands everything in a zone to take, of one key in one piece or in several.
	FetchSets func(ctx context.Context, zone provider.Zone, take func(dns.Key, StoredSet)) *provider.Error
}

// Calls returns how many requests went out, repeated ones too.
func (l *ZoneReader) Calls() int64 { return l.API.Calls() }

// Credential returns what the calls carry, in words.
func (l *ZoneReader) Credential() string { return l.CredentialName }

// ClockSkew is that of the Client.
func (l *ZoneReader) ClockSkew() (time.Duration, bool) { return l.API.ClockSkew() }

// ListZones returns every zone that is listed.
func (l *ZoneReader) ListZones(ctx context.Context) ([]provider.Zone, error) {
	zones, err := l.FetchZones(ctx)
	if err != nil {
		return nil, err
	}
	return zones, nil
}

// Zones finds the zones of names among all.
func (l *ZoneReader) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	zones, err := l.FetchZones(ctx)
	if err != nil {
		return nil, nil, err
	}
	placed, unplaced := l.AssignZones(names, zones)
	return placed, unplaced, nil
}

// AssignZones finds the zones of names among these.
func (l *ZoneReader) AssignZones(names []dns.Name, zones []provider.Zone) ([]provider.Placed, []provider.Unplaced) {
	return l.Account.AssignZones(names, zones, l.Viewer, l.NoZoneHint)
}

// Records reads the whole zone.
func (l *ZoneReader) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return l.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts makes the calls of Records.
func (l *ZoneReader) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) (records []dns.Record, _ error) {
	wanted := NewWanted(zone.Name, names, texts)
	if err := l.FetchSets(ctx, zone, func(k dns.Key, h StoredSet) {
		if wanted.Has(k) {
			records = append(records, h.Records(k)...)
		}
	}); err != nil {
		return nil, err
	}
	return records, nil
}

// SetsAt returns what stands at keys of a zone. No more than few are asked for one by one, by
// one, which gives nil where there is none; for more the whole zone is read.
func (l *ZoneReader) SetsAt(ctx context.Context, zone provider.Zone, keys []dns.Key, few int, one func(dns.Key) (StoredSet, *provider.Error)) (map[dns.Key]StoredSet, *provider.Error) {
	here := make(map[dns.Key]StoredSet, len(keys))
	if len(keys) > few {
		return here, l.FetchSets(ctx, zone, func(k dns.Key, h StoredSet) { here[k] = h })
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

// RecordsFromValues returns the records of a set, of its values as zone files write them.
func RecordsFromValues(k dns.Key, ttl int, values []string) []dns.Record {
	all := make([]dns.Record, 0, len(values))
	for _, v := range values {
		r := RecordFromValue(k, v)
		r.TTL = ttl
		all = append(all, r)
	}
	return dns.SortRecords(all)
}

// ZoneFileValues returns what records say, as zone files write it.
func ZoneFileValues(records []dns.Record) []string {
	all := make([]string, len(records))
	for i := range records {
		all[i] = records[i].Content()
		if t := records[i].Type; t == dns.CNAME || t == dns.NS {
			all[i] += "."
		}
	}
	return all
}
