package azure

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// commentKey is the name under which the metadata of a set has its comment. All
// else that stands in the metadata is other people's, and stays.
const commentKey = "homing"

// recordSet is a set as the API has it.
type recordSet struct {
	Name       string     `json:"name,omitempty"` // relative to the zone
	Type       string     `json:"type,omitempty"` // Microsoft.Network/dnszones/A
	Etag       string     `json:"etag,omitempty"`
	Properties properties `json:"properties"`
}

type properties struct {
	TTL      int               `json:"TTL"`
	Metadata map[string]string `json:"metadata,omitempty"`
	Target   *struct {
		ID string `json:"id"`
	} `json:"targetResource,omitempty"`
	A     []ipv4    `json:"ARecords,omitempty"`
	AAAA  []ipv6    `json:"AAAARecords,omitempty"`
	CNAME *cname    `json:"CNAMERecord,omitempty"`
	NS    []nsdname `json:"NSRecords,omitempty"`
	TXT   []texts   `json:"TXTRecords,omitempty"`
}

type (
	ipv4 struct {
		Address string `json:"ipv4Address"`
	}
	ipv6 struct {
		Address string `json:"ipv6Address"`
	}
	cname struct {
		Target string `json:"cname"`
	}
	nsdname struct {
		Server string `json:"nsdname"`
	}
	texts struct {
		Strings []string `json:"value"`
	}
)

// aliasFeature is what answers a set that follows another resource at Azure. Such a set is
// never written.
const aliasFeature = "a resource at Azure"

// toRecords returns what a set holds, in order.
func (s *recordSet) toRecords(k dns.Key) []dns.Record {
	p := &s.Properties
	var all []dns.Record
	add := func(d dns.Data) {
		all = append(all, dns.Record{Name: k.Name, Type: k.Type, TTL: p.TTL, Comment: p.Metadata[commentKey]}.WithData(d))
	}
	address := func(s string) {
		if a, err := netip.ParseAddr(s); err == nil {
			add(dns.Data{Addr: a})
		} else {
			add(dns.Data{Text: s})
		}
	}
	switch {
	case p.Target != nil && p.Target.ID != "":
		add(dns.Data{Text: aliasFeature})
		all[0].ReadOnly, all[0].Feature = true, aliasFeature
		return all
	case k.Type == dns.CNAME && p.CNAME != nil:
		add(dns.Data{Text: strings.TrimSuffix(p.CNAME.Target, ".")})
	}
	for _, r := range p.A {
		address(r.Address)
	}
	for _, r := range p.AAAA {
		address(r.Address)
	}
	for _, r := range p.NS {
		add(dns.Data{Text: strings.TrimSuffix(r.Server, ".")})
	}
	for _, r := range p.TXT {
		add(dns.DataOfStrings(r.Strings...))
	}
	return dns.SortRecords(all)
}

// isComplete reports whether a set says what it is about. It may be there and hold nothing.
func (s *recordSet) isComplete() bool {
	k, _ := s.parseKey(dns.Name{})
	records := s.toRecords(k)
	return s.Name != "" && s.Type != "" && rest.AllRows(len(records), func(i int) bool { return records[i].Content() != "" })
}

// parseKey returns the name and type of a set.
func (s *recordSet) parseKey(zone dns.Name) (dns.Key, bool) {
	n, err := rest.AbsoluteName(s.Name, zone, "@")
	return dns.Key{Name: n, Type: dns.Type(s.Type[strings.LastIndexByte(s.Type, '/')+1:])}, err == nil
}

// Records reads the whole zone.
func (p *Provider) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return p.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts is Records, and TXT at texts.
func (p *Provider) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) ([]dns.Record, error) {
	wanted := rest.NewWanted(zone.Name, names, texts)
	here := map[dns.Key]*recordSet{}
	var records []dns.Record
	err := readPages(ctx, p, rest.Call{What: "read the zone " + zone.Name.Describe(), Path: p.zonePath(zone.ID, "/recordsets"), NotFoundKind: provider.NoZone}, (*recordSet).isComplete, func(s *recordSet) {
		if k, ok := s.parseKey(zone.Name); ok && wanted.Has(k) {
			records = append(records, s.toRecords(k)...)
			here[k] = s
		}
	})
	if err != nil {
		return nil, err
	}
	p.etags.replaceZone(zone.ID, here)
	return dns.SortRecords(records), nil
}

// etagCache remembers the sets of zones as they were seen last, with the etags by which they
// are written. A set that is not in it is read before it is written.
type etagCache struct {
	mu   sync.Mutex
	sets map[string]map[dns.Key]*recordSet // by the id of the zone
}

// replaceZone remembers what stood in a zone when it was read.
func (m *etagCache) replaceZone(zone string, sets map[dns.Key]*recordSet) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sets == nil {
		m.sets = map[string]map[dns.Key]*recordSet{}
	}
	m.sets[zone] = sets
}

// store remembers what a set is now; nil if it is not known or not there.
func (m *etagCache) store(zone string, k dns.Key, s *recordSet) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.sets[zone] == nil:
	case s == nil:
		delete(m.sets[zone], k)
	default:
		m.sets[zone][k] = s
	}
}

// lookUp returns a set, if it is remembered as these records.
func (m *etagCache) lookUp(zone string, k dns.Key, records []dns.Record) *recordSet {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.sets[zone][k]; s != nil && sameRecords(s.toRecords(k), records) {
		return s
	}
	return nil
}

func sameRecords(a, b []dns.Record) bool {
	return slices.EqualFunc(a, b, func(a, b dns.Record) bool { return a.Compare(&b) == 0 })
}
