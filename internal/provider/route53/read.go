package route53

import (
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
	pageSets  = 300     // RRsets in one answer, at most
	fewSets   = 20      // asked for where one name is; it has more than that only by routing policies
	maxAnswer = 8 << 20 // a page of sets that are as long as they can be
)

// rrset is an RRset as the API tells of it.
type rrset struct {
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
	w := rest.Want(zone.Name, names, texts)
	var records []dns.Record
	take := func(s *rrset) {
		if w.Has(s.key) {
			records = append(records, p.records(zone.ID, s)...)
		}
	}
	asked := askedOf(zone.Name, names, texts)
	p.mu.Lock()
	pages := 1 + p.sizes[zone.ID]/pageSets
	p.mu.Unlock()
	if len(asked) > pages {
		if err := p.walk(ctx, zone, url.Values{"maxitems": {strconv.Itoa(pageSets)}}, always, take); err != nil {
			return nil, err
		}
	} else if err := p.ask(ctx, zone, asked, take); err != nil {
		return nil, err
	}
	return dns.InOrder(records), nil
}

// askedOf is every name that something is wanted at, in order: those between a name
// and the zone may be delegated.
func askedOf(zone dns.Name, names, texts []dns.Name) (all []dns.Name) {
	all = append(all, texts...)
	for _, n := range names {
		all = append(all, n)
		for up, ok := n.Parent(); ok && up != zone && up.Within(zone); up, ok = up.Parent() {
			all = append(all, up)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Compare(all[j]) < 0 })
	return slices.Compact(all)
}

// ask reads what stands at names, one after another.
func (p *Provider) ask(ctx context.Context, zone provider.Zone, names []dns.Name, take func(*rrset)) *provider.Error {
	for _, n := range names {
		here := func(s *rrset) bool { return s.key.Name == n }
		query := url.Values{"name": {n.String() + "."}, "maxitems": {strconv.Itoa(fewSets)}}
		if err := p.walk(ctx, zone, query, here, take); err != nil {
			return err
		}
	}
	return nil
}

func always(*rrset) bool { return true }

// walk reads sets from where a query begins, page by page, as long as they are such.
func (p *Provider) walk(ctx context.Context, zone provider.Zone, query url.Values, such func(*rrset) bool, take func(*rrset)) *provider.Error {
	for before := ""; ; {
		doc, err := p.page(ctx, zone, query)
		if err != nil {
			return err
		}
		for _, e := range doc.under("ResourceRecordSets") {
			s, ok := rrsetOf(e)
			if ok && !such(&s) {
				return nil
			}
			if ok {
				take(&s)
			}
		}
		if doc.at("IsTruncated") != "true" {
			return nil
		}
		next := url.Values{"maxitems": query["maxitems"], "name": {doc.at("NextRecordName")}, "type": {doc.at("NextRecordType")}}
		if id := doc.at("NextRecordIdentifier"); id != "" {
			next.Set("identifier", id)
		}
		if next.Get("name") == "" || next.Encode() == before {
			return rest.Fault(provider.Unavailable, readZone(zone), "", "Route 53 says that there is more, and not where")
		}
		query, before = next, next.Encode()
	}
}

// readZone is what is done, for people.
func readZone(zone provider.Zone) string { return "read the zone " + zone.Name.Describe() }

func (p *Provider) page(ctx context.Context, zone provider.Zone, query url.Values) (doc *element, _ *provider.Error) {
	_, err := p.api.Do(ctx, rest.Call{What: readZone(zone), Method: http.MethodGet, Path: "/hostedzone/" + url.PathEscape(zone.ID) + "/rrset", Query: query, XML: true,
		Limit: maxAnswer, Gone: provider.NoZone,
		Result: func(r io.Reader) (err error) {
			doc, err = readList(r, "ListResourceRecordSetsResponse", "ResourceRecordSets", wholeSet)
			return err
		}})
	return doc, err
}

// wholeSet reports whether a set says what it is about, and what it holds.
func wholeSet(e *element) bool {
	var values []string
	for _, v := range e.under("ResourceRecords") {
		values = append(values, v.at("Value"))
	}
	kind := dns.Type(e.at("Type"))
	elsewhere := e.at("AliasTarget", "DNSName") != "" || e.find("TrafficPolicyInstanceId") != nil
	return e.at("Name") != "" && (elsewhere && kind != "" || rest.Holds(kind, values...))
}

// rrsetOf is a set of an answer; false where it has a name that homing knows none of.
func rrsetOf(e *element) (s rrset, ok bool) {
	n, err := parseName(e.at("Name"))
	s.key = dns.Key{Name: n, Type: dns.Type(e.at("Type"))}
	s.ttl, _ = strconv.Atoi(e.at("TTL"))
	for _, r := range e.under("ResourceRecords") {
		s.values = append(s.values, r.at("Value"))
	}
	for _, k := range e.kids {
		switch k.name {
		case "Name", "Type", "TTL", "ResourceRecords":
		case "AliasTarget":
			s.target = strings.TrimSuffix(k.at("DNSName"), ".")
			s.feature = "an alias to " + s.target
		case "HealthCheckId":
			s.feature = orElse(s.feature, "a health check")
		case "TrafficPolicyInstanceId":
			s.feature = "a traffic policy"
		default: // SetIdentifier, Weight, Region, Failover, GeoLocation, MultiValueAnswer, CidrRoutingConfig …
			s.feature = "a routing policy"
		}
	}
	return s, err == nil
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// spelled names a value of a zone.
type spelled struct {
	zone string
	key  dns.Key
	data dns.Data
}

// records is what a set says. How its values are written is kept where homing
// writes them otherwise: what is deleted has to be written as it stands.
func (p *Provider) records(zone string, s *rrset) (all []dns.Record) {
	if s.feature != "" && len(s.values) == 0 {
		return []dns.Record{{Name: s.key.Name, Type: s.key.Type, TTL: s.ttl, Text: s.target, ReadOnly: true, Feature: s.feature}}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range s.values {
		d := dataOf(s.key.Type, v)
		all = append(all, dns.Record{Name: s.key.Name, Type: s.key.Type, TTL: s.ttl, ReadOnly: s.feature != "", Feature: s.feature}.Saying(d))
		if at := (spelled{zone, s.key, d}); v != written(s.key.Type, d) {
			p.spelt[at] = v
		} else {
			delete(p.spelt, at)
		}
	}
	return all
}

// value is how a record is written, or stands there.
func (p *Provider) value(zone string, r *dns.Record) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := p.spelt[spelled{zone, r.Key(), r.Data()}]; ok {
		return v
	}
	return written(r.Type, r.Data())
}

// dataOf is what a value says.
func dataOf(t dns.Type, v string) dns.Data {
	if t == dns.TXT {
		return dns.ParseTXT(recode(v, 8, 10))
	}
	if t.IsAddress() {
		if a, err := netip.ParseAddr(v); err == nil {
			return dns.Data{Addr: a.Unmap()}
		}
	}
	return dns.Data{Text: strings.TrimSuffix(v, ".")}
}

// written is how homing writes data.
func written(t dns.Type, d dns.Data) string {
	switch {
	case t == dns.TXT:
		return recode(d.Text, 10, 8)
	case t.IsAddress():
		return d.String()
	}
	return d.Text + "."
}

// recode writes the numbers of escaped octets to another base: Route 53 has them
// octal (Developer Guide, "TXT record type"), and zone files decimal.
func recode(s string, from, to int) string {
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

// parseName reads a name as Route 53 writes it, with octal escapes: \052 is *.
func parseName(s string) (dns.Name, error) {
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
