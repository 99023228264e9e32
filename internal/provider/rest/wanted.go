package rest

import (
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// Wanted is what a look at a zone is about: the records at names, the TXT records
// at others, and the delegations between the names and the zone.
type Wanted struct{ names, texts, delegations map[dns.Name]bool }

// NewWanted is for provider.Provider's Records, and for provider.Texts.
func NewWanted(zone dns.Name, names, texts []dns.Name) Wanted {
	w := Wanted{make(map[dns.Name]bool, len(names)), make(map[dns.Name]bool, len(texts)), make(map[dns.Name]bool)}
	for _, n := range names {
		w.names[n] = true
		for up, ok := n.Parent(); ok && up != zone && up.IsWithin(zone); up, ok = up.Parent() {
			w.delegations[up] = true
		}
	}
	for _, n := range texts {
		w.texts[n] = true
	}
	return w
}

// Has reports whether the records at a key are wanted.
func (w Wanted) Has(k dns.Key) bool {
	switch k.Type {
	case dns.TXT:
		return w.texts[k.Name]
	case dns.NS:
		return w.names[k.Name] || w.delegations[k.Name]
	}
	return w.names[k.Name] && IsRelevantType(k.Type)
}

// IsRelevantType reports whether homing ever looks at records of this type.
func IsRelevantType(t dns.Type) bool {
	return t.IsAddress() || t == dns.CNAME || t == dns.NS || t == dns.TXT
}

// RelativeName returns a name as it stands in a zone file: without the zone, and apex for
// the zone itself.
func RelativeName(n, zone dns.Name, apex string) string {
	if n == zone {
		return apex
	}
	return strings.TrimSuffix(n.String(), "."+zone.String())
}

// AbsoluteName is the inverse of RelativeName.
func AbsoluteName(s string, zone dns.Name, apex string) (dns.Name, error) {
	if s == apex {
		return zone, nil
	}
	return dns.ParseName(s + "." + zone.String())
}

// RecordFromValue makes a record of the content in a zone file, apart from its TTL
// and what else is known of it.
func RecordFromValue(k dns.Key, content string) dns.Record {
	r := dns.Record{Name: k.Name, Type: k.Type}
	switch {
	case k.Type == dns.TXT:
		return r.WithData(dns.ParseTXT(content))
	case k.Type.IsAddress():
		r.Addr, _ = netip.ParseAddr(content)
	}
	if !r.Addr.IsValid() {
		r.Text = strings.TrimSuffix(content, ".")
	}
	return r
}
