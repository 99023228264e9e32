package route53

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

const (
	setsPerPage = 300     // RRsets in one answer, at most
	setsPerName = 20      // asked for where one name is; it has more than that only by routing policies
	maxResponse = 8 << 20 // a page of sets that are as long as they can be
)

// listedSet is an RRset as the API tells of it.
type listedSet struct {
	key     dns.Key
	ttl     int
	values  []string
	feature string // what it is besides an RRset; then homing only reads it
	target  string // of an alias
}

// Records asks name by name, or walks through the zone where that is fewer calls.
func (p *Provider) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return p.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts makes the calls of Records.
func (p *Provider) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) ([]dns.Record, error) {
	w := rest.NewWanted(zone.Name, names, texts)
	var records []dns.Record
	take := func(s *listedSet) {
		if w.Has(s.key) {
			records = append(records, p.toRecords(zone.ID, s)...)
		}
	}
	asked := namesToRead(zone.Name, names, texts)
	p.mu.Lock()
	pages := 1 + p.zoneSizes[zone.ID]/setsPerPage
	p.mu.Unlock()
	if len(asked) > pages {
		if err := p.listSets(ctx, zone, url.Values{"maxitems": {strconv.Itoa(setsPerPage)}}, acceptAll, take); err != nil {
			return nil, err
		}
	} else if err := p.readNames(ctx, zone, asked, take); err != nil {
		return nil, err
	}
	return dns.SortRecords(records), nil
}

// namesToRead returns every name that something is wanted at, in order: those between a name
// and the zone may be delegated.
func namesToRead(zone dns.Name, names, texts []dns.Name) (all []dns.Name) {
	all = append(all, texts...)
	for _, n := range names {
		all = append(all, n)
		for up, ok := n.Parent(); ok && up != zone && up.IsWithin(zone); up, ok = up.Parent() {
			all = append(all, up)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Compare(all[j]) < 0 })
	return slices.Compact(all)
}

// readNames reads what stands at names, one after another.
func (p *Provider) readNames(ctx context.Context, zone provider.Zone, names []dns.Name, take func(*listedSet)) *provider.Error {
	for _, n := range names {
		here := func(s *listedSet) bool { return s.key.Name == n }
		query := url.Values{"name": {n.String() + "."}, "maxitems": {strconv.Itoa(setsPerName)}}
		if err := p.listSets(ctx, zone, query, here, take); err != nil {
			return err
		}
	}
	return nil
}

func acceptAll(*listedSet) bool { return true }

// listSets reads sets from where a query begins, page by page, as long as they are such.
func (p *Provider) listSets(ctx context.Context, zone provider.Zone, query url.Values, such func(*listedSet) bool, take func(*listedSet)) *provider.Error {
	for before := ""; ; {
		doc, err := p.fetchPage(ctx, zone, query)
		if err != nil {
			return err
		}
		for _, e := range doc.childrenAt("ResourceRecordSets") {
			s, ok := parseSet(e)
			if ok && !such(&s) {
				return nil
			}
			if ok {
				take(&s)
			}
		}
		if doc.textAt("IsTruncated") != "true" {
			return nil
		}
		next := url.Values{"maxitems": query["maxitems"], "name": {doc.textAt("NextRecordName")}, "type": {doc.textAt("NextRecordType")}}
		if id := doc.textAt("NextRecordIdentifier"); id != "" {
			next.Set("identifier", id)
		}
		if next.Get("name") == "" || next.Encode() == before {
			return rest.NewError(provider.Unavailable, readZoneAction(zone), "", "Route 53 says that there is more, and not where")
		}
		query, before = next, next.Encode()
	}
}

// readZoneAction names the reading of a zone for people.
func readZoneAction(zone provider.Zone) string { return "read the zone " + zone.Name.Describe() }

func (p *Provider) fetchPage(ctx context.Context, zone provider.Zone, query url.Values) (doc *element, _ *provider.Error) {
	_, err := p.api.Do(ctx, rest.Call{What: readZoneAction(zone), Method: http.MethodGet, Path: "/hostedzone/" + url.PathEscape(zone.ID) + "/rrset", Query: query, XML: true,
		Limit: maxResponse, NotFoundKind: provider.NoZone,
		Result: func(r io.Reader) (err error) {
			doc, err = parseListDocument(r, "ListResourceRecordSetsResponse", "ResourceRecordSets", isCompleteSet)
			return err
		}})
	return doc, err
}

// isCompleteSet reports whether a set says what it is about, and what it holds.
func isCompleteSet(e *element) bool {
	var values []string
	for _, v := range e.childrenAt("ResourceRecords") {
		values = append(values, v.textAt("Value"))
	}
	kind := dns.Type(e.textAt("Type"))
	elsewhere := e.textAt("AliasTarget", "DNSName") != "" || e.find("TrafficPolicyInstanceId") != nil
	return e.textAt("Name") != "" && (elsewhere && kind != "" || rest.IsCompleteRow(kind, values...))
}

// parseSet reads a set of an answer; false if its name is not a valid one.
func parseSet(e *element) (s listedSet, ok bool) {
	n, err := parseEscapedName(e.textAt("Name"))
	s.key = dns.Key{Name: n, Type: dns.Type(e.textAt("Type"))}
	s.ttl, _ = strconv.Atoi(e.textAt("TTL"))
	for _, r := range e.childrenAt("ResourceRecords") {
		s.values = append(s.values, r.textAt("Value"))
	}
	for _, k := range e.children {
		switch k.name {
		case "Name", "Type", "TTL", "ResourceRecords":
		case "AliasTarget":
			s.target = strings.TrimSuffix(k.textAt("DNSName"), ".")
			s.feature = "an alias to " + s.target
		case "HealthCheckId":
			s.feature = cmp.Or(s.feature, "a health check")
		case "TrafficPolicyInstanceId":
			s.feature = "a traffic policy"
		default: // SetIdentifier, Weight, Region, Failover, GeoLocation, MultiValueAnswer, CidrRoutingConfig …
			s.feature = "a routing policy"
		}
	}
	return s, err == nil
}

// valueKey names a value of a zone.
type valueKey struct {
	zone string
	key  dns.Key
	data dns.Data
}

// toRecords converts a set to records. How its values are written is kept where homing
// writes them otherwise: what is deleted has to be written as it stands.
func (p *Provider) toRecords(zone string, s *listedSet) (all []dns.Record) {
	if s.feature != "" && len(s.values) == 0 {
		return []dns.Record{{Name: s.key.Name, Type: s.key.Type, TTL: s.ttl, Text: s.target, ReadOnly: true, Feature: s.feature}}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range s.values {
		d := parseValue(s.key.Type, v)
		all = append(all, dns.Record{Name: s.key.Name, Type: s.key.Type, TTL: s.ttl, ReadOnly: s.feature != "", Feature: s.feature}.WithData(d))
		if at := (valueKey{zone, s.key, d}); v != formatValue(s.key.Type, d) {
			p.originalValues[at] = v
		} else {
			delete(p.originalValues, at)
		}
	}
	return all
}

// encodedValue returns the value of a record as it stands there, or as homing writes it.
func (p *Provider) encodedValue(zone string, r *dns.Record) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := p.originalValues[valueKey{zone, r.Key(), r.Data()}]; ok {
		return v
	}
	return formatValue(r.Type, r.Data())
}

// parseValue reads the data of a value.
func parseValue(t dns.Type, v string) dns.Data {
	if t == dns.TXT {
		return dns.ParseTXT(recodeEscapes(v, 8, 10))
	}
	if t.IsAddress() {
		if a, err := netip.ParseAddr(v); err == nil {
			return dns.Data{Addr: a.Unmap()}
		}
	}
	return dns.Data{Text: strings.TrimSuffix(v, ".")}
}

// formatValue writes data as a value.
func formatValue(t dns.Type, d dns.Data) string {
	switch {
	case t == dns.TXT:
		return recodeEscapes(d.Text, 10, 8)
	case t.IsAddress():
		return d.String()
	}
	return d.Text + "."
}

// recodeEscapes writes the numbers of escaped octets to another base: Route 53 has them
// octal (Developer Guide, "TXT record type"), and zone files decimal.
func recodeEscapes(s string, from, to int) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, `\`)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteByte('\\')
		n, err := uint64(0), error(nil)
		if len(after) >= 3 {
			n, err = strconv.ParseUint(after[:3], from, 8)
		}
		switch {
		case after == "":
			return b.String()
		case len(after) < 3 || err != nil || after[0] > '9':
			b.WriteByte(after[0])
			s = after[1:]
			continue
		}
		digits := strconv.FormatUint(n, to)
		b.WriteString("000"[len(digits):] + digits)
		s = after[3:]
	}
}

// parseEscapedName reads a name as Route 53 writes it, with octal escapes: \052 is *.
func parseEscapedName(s string) (dns.Name, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return dns.ParseName(b.String())
}
