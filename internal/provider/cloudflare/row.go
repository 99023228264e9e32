package cloudflare

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"github.com/homing-dns/homing/internal/dns"
)

// recordRow is one record of an answer. One row is used for all of a page, and most
// records of a page are nobody's business, so nothing of it is kept, and a field
// is looked into only where somebody asks for it: what stands in records of
// others may be anything.
type recordRow struct {
	ID      rawValue `json:"id"`
	Name    rawValue `json:"name"`
	Type    rawValue `json:"type"`
	Content rawValue `json:"content"`
	Proxied rawValue `json:"proxied"`
	TTL     rawValue `json:"ttl"`
	Comment rawValue `json:"comment"`
	Tags    rawValue `json:"tags"`
	Meta    rawValue `json:"meta"`
}

// reset forgets the record before; its memory is used again.
func (r *recordRow) reset() {
	for _, f := range [...]*rawValue{&r.ID, &r.Name, &r.Type, &r.Content, &r.Proxied, &r.TTL, &r.Comment, &r.Tags, &r.Meta} {
		*f = (*f)[:0]
	}
}

// decode takes a row. What is no object has no fields.
func (r *recordRow) decode(d *json.Decoder) error {
	r.reset()
	if err := d.Decode(r); !isTypeMismatch(err) {
		return err
	}
	return nil
}

// isTypeMismatch reports whether a value was read to its end, and is no object.
func isTypeMismatch(err error) bool {
	_, other := errors.AsType[*json.UnmarshalTypeError](err)
	return other
}

// nameIndex is the names that somebody asked for, by what the API calls them.
type nameIndex map[string]dns.Name

func newNameIndex(all []dns.Name) nameIndex {
	n := make(nameIndex, len(all))
	for _, name := range all {
		n[name.String()] = name
	}
	return n
}

// wantedRecords is the records that somebody asked for.
type wantedRecords struct {
	wanted nameIndex
	above  nameIndex // where only NS records are wanted
	texts  nameIndex // where TXT records are wanted
}

// namesOfType returns the names at which records of this type are wanted.
func (w wantedRecords) namesOfType(t dns.Type) nameIndex {
	if t == dns.TXT {
		return w.texts
	}
	return w.wanted
}

// find looks a name up as the API writes it: in Punycode, in any case.
func (n nameIndex) find(t []byte) (dns.Name, bool) {
	if name, ok := n[string(t)]; ok {
		return name, true
	}
	for _, c := range t {
		if 'A' <= c && c <= 'Z' || c >= 0x80 {
			name, err := dns.ParseName(string(t))
			if err != nil {
				return dns.Name{}, false
			}
			name, ok := n[name.String()]
			return name, ok
		}
	}
	return dns.Name{}, false
}

// parseType returns the type as a constant; false for those that are none of homing's
// business.
func parseType(t []byte) (dns.Type, bool) {
	switch string(t) {
	case "A":
		return dns.A, true
	case "AAAA":
		return dns.AAAA, true
	case "CNAME":
		return dns.CNAME, true
	case "NS":
		return dns.NS, true
	case "TXT":
		return dns.TXT, true
	}
	return "", false
}

// errNameless is a row of which nobody can say whose it is.
var errNameless = errors.New("a record has no name or no type")

// key returns that of a row that is of a wanted name and type. A row whose type
// or name cannot be read is an error only if it could be one.
func (r *recordRow) key(w wantedRecords) (key dns.Key, ok bool, err error) {
	kind, typed := r.Type.asText()
	if typed && len(kind) > 0 {
		if key.Type, ok = parseType(kind); !ok || len(w.texts) == 0 && key.Type == dns.TXT {
			return dns.Key{}, false, nil
		}
	}
	name, named := r.Name.asText()
	if !named || len(name) == 0 {
		return dns.Key{}, false, errNameless
	}
	if key.Name, ok = w.namesOfType(key.Type).find(name); !ok && key.Type == dns.NS {
		key.Name, ok = w.above.find(name)
	}
	if !ok {
		return dns.Key{}, false, nil
	}
	if key.Type == "" {
		return dns.Key{}, false, fmt.Errorf("a record of %s has no type", key.Name.Describe())
	}
	return key, true, nil
}

// unreadableFieldError is an attribute of a record that cannot be read.
type unreadableFieldError struct {
	field string
	of    dns.Key
}

func (e *unreadableFieldError) Error() string {
	return fmt.Sprintf("the %s of %s cannot be read", e.field, e.of)
}

// toListedRecord converts r as a listing shows it. An attribute that cannot be read keeps the
// record from being changed, because nobody can say whose it is, and no other from
// being read.
func (r *recordRow) toListedRecord(w wantedRecords) (rec dns.Record, ok bool, err error) {
	rec, ok, err = r.toRecord(w)
	odd, is := errors.AsType[*unreadableFieldError](err)
	if !is || odd.field == "content" {
		return rec, ok, err
	}
	rec.ReadOnly, rec.Feature = true, "something that homing cannot read (its "+odd.field+")"
	return rec, true, nil
}

// toRecord returns r if it is of a wanted name and type, or an NS record above one. With
// an unreadableFieldError comes what could be read before it.
func (r *recordRow) toRecord(w wantedRecords) (rec dns.Record, ok bool, err error) {
	key, ok, err := r.key(w)
	if err != nil || !ok {
		return dns.Record{}, false, err
	}
	id, content := r.ID.String(), r.Content.String()
	if !isValidID(id) {
		return dns.Record{}, false, fmt.Errorf("%.40q is no record id", id)
	}
	rec = dns.Record{ID: id, Name: key.Name, Type: key.Type}
	rec = rec.WithData(parseData(key.Type, content))
	var ttl lenientInt
	for _, of := range [...]struct {
		name string
		in   rawValue
		to   any
	}{{"content", r.Content, &content}, {"proxied", r.Proxied, &rec.Proxied}, {"ttl", r.TTL, &ttl}, {"comment", r.Comment, &rec.Comment}, {"tags", r.Tags, &rec.Tags}} {
		if len(of.in) > 0 && of.in.decodeInto(of.to) != nil {
			return rec, false, &unreadableFieldError{of.name, key}
		}
	}
	rec.TTL = int(ttl)
	rec.ReadOnly, rec.Feature = keeper(r.Meta)
	if key.Type == dns.CNAME && rec.Feature == "" {
		rec.Feature = featureOf(rec.Text)
	}
	return rec, true, nil
}

// parseData returns what a record of this type says. TXT may come as strings in quotes, or
// as it was written without any (Cloudflare's API, 2026).
func parseData(kind dns.Type, content string) dns.Data {
	if kind == dns.TXT {
		return dns.ParseTXT(content)
	}
	if a, ok := parseAddr(kind, content); ok {
		return dns.Data{Addr: a}
	}
	return dns.Data{Text: quoteIfUnprintable(content)}
}

// parseAddr reads the content of an address record.
func parseAddr(kind dns.Type, content string) (netip.Addr, bool) {
	if !kind.IsAddress() {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(content)
	if err != nil || a.Zone() != "" || a.Is4() != (kind == dns.A) {
		return netip.Addr{}, false
	}
	return a, true
}
