package rest

import (
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// Wanted is what a look at a zone is about: the records at names, the TXT records
// at others, and the delegations between the names and the zone.
type Wanted struct{ names, texts, above map[dns.Name]bool }

// Want is for provider.Provider's Records, and for provider.Texts.
func Want(zone dns.Name, names, texts []dns.Name) Wanted {
	w := Wanted{make(map[dns.Name]bool, len(names)), make(map[dns.Name]bool, len(texts)), make(map[dns.Name]bool)}
	for _, n := range names {
		w.names[n] = true
		for up, ok := n.Parent(); ok && up != zone && up.Within(zone); up, ok = up.Parent() {
			w.above[up] = true
		}
	}
	for _, n := range texts {
		w.texts[n] = true
	}
	return w
}

// Has says whether the records at a key are wanted.
func (w Wanted) Has(k dns.Key) bool {
	switch k.Type {
	case dns.TXT:
		return w.texts[k.Name]
	case dns.NS:
		return w.names[k.Name] || w.above[k.Name]
	}
	return w.names[k.Name] && Matters(k.Type)
}

// Matters says whether homing ever looks at records of this type.
func Matters(t dns.Type) bool {
	return t.IsAddress() || t == dns.CNAME || t == dns.NS || t == dns.TXT
}

// Relative is a name as it stands in a zone file: without the zone, and apex for
// the zone itself.
func Relative(n, zone dns.Name, apex string) string {
	if n == zone {
		return apex
	}
	return strings.TrimSuffix(n.String(), "."+zone.String())
}

// Absolute is the name that Relative writes in this way.
func Absolute(s string, zone dns.Name, apex string) (dns.Name, error) {
	if s == apex {
		return zone, nil
	}
	return dns.ParseName(s + "." + zone.String())
}

// Value is a record that says what content is in a zone file, apart from its TTL
// and what else is known of it.
func Value(k dns.Key, content string) dns.Record {
	r := dns.Record{Name: k.Name, Type: k.Type}
	switch {
	case k.Type == dns.TXT:
		return r.Saying(dns.ParseTXT(content))
	case k.Type.IsAddress():
		r.Addr, _ = netip.ParseAddr(content)
	}
	if !r.Addr.IsValid() {
		r.Text = strings.TrimSuffix(content, ".")
	}
	return r
}
