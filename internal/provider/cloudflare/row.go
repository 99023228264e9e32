package cloudflare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"github.com/homing-dns/homing/internal/dns"
)

// row is one record of an answer. One row is used for all of a page, and most
// records of a page are nobody's business, so nothing of it is kept.
type row struct {
	ID      text     `json:"id"`
	Name    text     `json:"name"`
	Type    text     `json:"type"`
	Content text     `json:"content"`
	Proxied bool     `json:"proxied"`
	TTL     number   `json:"ttl"`
	Comment text     `json:"comment"`
	Tags    []string `json:"tags"`
	Meta    meta     `json:"meta"`
}

// reset forgets the record before; its memory is used again.
func (r *row) reset() {
	*r = row{ID: r.ID[:0], Name: r.Name[:0], Type: r.Type[:0], Content: r.Content[:0], Comment: r.Comment[:0], Tags: r.Tags[:0]}
}

func (r *row) read(d *json.Decoder) error {
	r.reset()
	return d.Decode(r)
}

// meta says whether another feature of Cloudflare keeps the record. Everything
// else in it is ignored, whatever it is.
type meta bool

func (m *meta) UnmarshalJSON(b []byte) error {
	*m = false
	if !bytes.Contains(b, []byte("read_only")) {
		return nil
	}
	var v struct {
		ReadOnly bool `json:"read_only"`
	}
	if json.Unmarshal(b, &v) == nil {
		*m = meta(v.ReadOnly)
	}
	return nil
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

// find looks a name up as the API writes it: in Punycode, in any case.
func (n names) find(t text) (dns.Name, bool) {
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
func typeOf(t text) (dns.Type, bool) {
	switch string(t) {
	case "A":
		return dns.A, true
	case "AAAA":
		return dns.AAAA, true
	case "CNAME":
		return dns.CNAME, true
	case "NS":
		return dns.NS, true
	}
	return "", false
}

// record is r if it is of a wanted name and type.
func (r *row) record(wanted names) (rec dns.Record, ok bool, err error) {
	if len(r.ID) == 0 || len(r.Name) == 0 || len(r.Type) == 0 {
		return dns.Record{}, false, errors.New("a record has no id, name or type")
	}
	kind, ok := typeOf(r.Type)
	if !ok {
		return dns.Record{}, false, nil
	}
	name, ok := wanted.find(r.Name)
	if !ok {
		return dns.Record{}, false, nil
	}
	if id := r.ID.String(); !isID(id) {
		return dns.Record{}, false, fmt.Errorf("%.40q is no record id", id)
	}
	rec = dns.Record{ID: r.ID.String(), Name: name, Type: kind, Proxied: r.Proxied, TTL: int(r.TTL),
		Comment: r.Comment.String(), ReadOnly: bool(r.Meta)}
	if len(r.Tags) > 0 {
		rec.Tags = append(rec.Tags, r.Tags...)
	}
	if rec.Addr, ok = addrOf(kind, r.Content); !ok {
		rec.Text = asStored(r.Content.String())
	}
	return rec, true, nil
}

// addrOf reads the content of an address record.
func addrOf(kind dns.Type, content text) (netip.Addr, bool) {
	if !kind.IsAddress() {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(string(content))
	if err != nil || a.Zone() != "" || a.Is4() != (kind == dns.A) {
		return netip.Addr{}, false
	}
	return a, true
}
