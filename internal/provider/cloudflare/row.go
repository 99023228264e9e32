package cloudflare

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"github.com/homing-dns/homing/internal/dns"
)

// row is one record of an answer. One row is used for all of a page, and most
// records of a page are nobody's business, so nothing of it is kept, and a field
// is looked into only where somebody asks for it: what stands in records of
// others may be anything.
type row struct {
	ID      field `json:"id"`
	Name    field `json:"name"`
	Type    field `json:"type"`
	Content field `json:"content"`
	Proxied field `json:"proxied"`
	TTL     field `json:"ttl"`
	Comment field `json:"comment"`
	Tags    field `json:"tags"`
	Meta    field `json:"meta"`
}

// reset forgets the record before; its memory is used again.
func (r *row) reset() {
	for _, f := range [...]*field{&r.ID, &r.Name, &r.Type, &r.Content, &r.Proxied, &r.TTL, &r.Comment, &r.Tags, &r.Meta} {
		*f = (*f)[:0]
	}
}

// read takes a row. What is no object has no fields.
func (r *row) read(d *json.Decoder) error {
	r.reset()
	if err := d.Decode(r); !isOther(err) {
		return err
	}
	return nil
}

// isOther says that a value was read to its end, and is no object.
func isOther(err error) bool {
	_, other := errors.AsType[*json.UnmarshalTypeError](err)
	return other
}

// names is the names that somebody asked for, by what the API calls them.
type names map[string]dns.Name

func namesOf(all []dns.Name) names {
	n := make(names, len(all))
	for _, name := range all {
		n[name.String()] = name
	}
	return n
}

// which is the records that somebody asked for.
type which struct {
	wanted names
	above  names // where only NS records are wanted
	texts  names // where TXT records are wanted
}

// at is the names at which records of this type are wanted.
func (w which) at(t dns.Type) names {
	if t == dns.TXT {
		return w.texts
	}
	return w.wanted
}

// find looks a name up as the API writes it: in Punycode, in any case.
func (n names) find(t []byte) (dns.Name, bool) {
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

// typeOf is the type as a constant; false for those that are none of homing's
// business.
func typeOf(t []byte) (dns.Type, bool) {
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

// key is that of a row that is of a wanted name and type. A row whose type
// or name cannot be read is an error only if it could be one.
func (r *row) key(w which) (key dns.Key, ok bool, err error) {
	kind, typed := r.Type.text()
	if typed && len(kind) > 0 {
		if key.Type, ok = typeOf(kind); !ok || len(w.texts) == 0 && key.Type == dns.TXT {
			return dns.Key{}, false, nil
		}
	}
	name, named := r.Name.text()
	if !named || len(name) == 0 {
		return dns.Key{}, false, errNameless
	}
	if key.Name, ok = w.at(key.Type).find(name); !ok && key.Type == dns.NS {
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

// oddField is an attribute of a record that cannot be read.
type oddField struct {
	field string
	of    dns.Key
}

func (e *oddField) Error() string { return fmt.Sprintf("the %s of %s cannot be read", e.field, e.of) }

// listed is r as a listing shows it. An attribute that cannot be read keeps the
// record from being changed, because nobody can say whose it is, and no other from
// being read.
func (r *row) listed(w which) (rec dns.Record, ok bool, err error) {
	rec, ok, err = r.record(w)
	odd, is := errors.AsType[*oddField](err)
	if !is || odd.field == "content" {
		return rec, ok, err
	}
	rec.ReadOnly, rec.Feature = true, "something that homing cannot read (its "+odd.field+")"
	return rec, true, nil
}

// record is r if it is of a wanted name and type, or an NS record above one. With
// an oddField comes what could be read before it.
func (r *row) record(w which) (rec dns.Record, ok bool, err error) {
	key, ok, err := r.key(w)
	if err != nil || !ok {
		return dns.Record{}, false, err
	}
	id, content := r.ID.String(), r.Content.String()
	if !isID(id) {
		return dns.Record{}, false, fmt.Errorf("%.40q is no record id", id)
	}
	rec = dns.Record{ID: id, Name: key.Name, Type: key.Type}
	rec = rec.Saying(dataOf(key.Type, content))
	var ttl number
	for _, of := range [...]struct {
		name string
		in   field
		to   any
	}{{"content", r.Content, &content}, {"proxied", r.Proxied, &rec.Proxied}, {"ttl", r.TTL, &ttl}, {"comment", r.Comment, &rec.Comment}, {"tags", r.Tags, &rec.Tags}} {
		if len(of.in) > 0 && of.in.into(of.to) != nil {
			return rec, false, &oddField{of.name, key}
		}
	}
	rec.TTL = int(ttl)
	rec.ReadOnly, rec.Feature = keeper(r.Meta)
	if key.Type == dns.CNAME && rec.Feature == "" {
		rec.Feature = featureOf(rec.Text)
	}
	return rec, true, nil
}

// dataOf is what a record of this type says. TXT may come as strings in quotes, or
// as it was written without any (Cloudflare's API, 2026).
func dataOf(kind dns.Type, content string) dns.Data {
	if kind == dns.TXT {
		return dns.ParseTXT(content)
	}
	if a, ok := addrOf(kind, content); ok {
		return dns.Data{Addr: a}
	}
	return dns.Data{Text: asStored(content)}
}

// addrOf reads the content of an address record.
func addrOf(kind dns.Type, content string) (netip.Addr, bool) {
	if !kind.IsAddress() {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(content)
	if err != nil || a.Zone() != "" || a.Is4() != (kind == dns.A) {
		return netip.Addr{}, false
	}
	return a, true
}
