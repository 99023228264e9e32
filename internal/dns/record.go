package dns

import (
	"cmp"
	"net/netip"
	"slices"
	"sort"
	"strings"
)

// Type is a record type, as the DNS writes it.
type Type string

const (
	A     Type = "A"
	AAAA  Type = "AAAA"
	CNAME Type = "CNAME"
	NS    Type = "NS"
	TXT   Type = "TXT"
)

// IsAddress reports whether records of this type hold an address.
func (t Type) IsAddress() bool { return t == A || t == AAAA }

// Key names an RRset: all records of one name and type.
type Key struct {
	Name Name `json:"name"`
	Type Type `json:"type"`
}

func (k Key) String() string { return string(k.Type) + " " + k.Name.Describe() }

func (k Key) Compare(l Key) int {
	return cmp.Or(k.Name.Compare(l.Name), cmp.Compare(k.Type, l.Type))
}

// AutoTTL is the TTL that leaves the choice to the DNS host. Cloudflare
// answers 300 s for it, and gives it to every proxied record.
const AutoTTL = 1

// Record is one record as a DNS host stores it.
type Record struct {
	ID   string
	Name Name
	Type Type
	Addr netip.Addr // of A and AAAA
	Text string     // the content of other types; of TXT as zone files write it

	Proxied  bool
	ReadOnly bool // kept by another feature of the host; writing to it fails
	TTL      int  // seconds, or AutoTTL
	Comment  string
	Tags     []string // "name:value", in the host's order
	Feature  string   // of one that is ReadOnly which feature, such as "a Worker", where that is known; of a CNAME, where it leads to
}

func (r *Record) Key() Key { return Key{r.Name, r.Type} }

// Content returns what the record says, as the DNS host writes it.
func (r *Record) Content() string { return r.Data().String() }

// Data returns what the record says.
func (r *Record) Data() Data {
	if r.Type.IsAddress() && r.Addr.IsValid() {
		return Data{Addr: r.Addr}
	}
	return Data{Text: r.Text}
}

// WithData returns a copy of r with other data.
func (r Record) WithData(d Data) Record {
	r.Addr, r.Text = d.Addr, d.Text
	return r
}

// Data is what a record says (its RDATA): an address, or a text. Two say the same
// exactly when they are ==.
type Data struct {
	Addr netip.Addr // valid where it is an address
	Text string     // otherwise
}

// DataOfAddrs returns these addresses as data.
func DataOfAddrs(addrs []netip.Addr) []Data {
	all := make([]Data, len(addrs))
	for i, a := range addrs {
		all[i] = Data{Addr: a}
	}
	return all
}

func (d Data) String() string {
	if d.Addr.IsValid() {
		return d.Addr.String()
	}
	return d.Text
}

// Compare orders data: text, then addresses.
func (d Data) Compare(e Data) int { return cmp.Or(d.Addr.Compare(e.Addr), cmp.Compare(d.Text, e.Text)) }

// Equal reports whether every field is the same; the order of tags is not one.
func (r *Record) Equal(s *Record) bool {
	return r.ID == s.ID && r.Name == s.Name && r.Type == s.Type && r.Addr == s.Addr && r.Text == s.Text &&
		r.Proxied == s.Proxied && r.TTL == s.TTL && r.Comment == s.Comment && r.ReadOnly == s.ReadOnly && r.Feature == s.Feature && SameTags(r.Tags, s.Tags)
}

// SameRecord reports whether both are one record of the host's: by the id it gives, or,
// where it gives none, by what they say.
func (r *Record) SameRecord(s *Record) bool {
	if r.ID != "" || s.ID != "" {
		return r.ID == s.ID
	}
	return r.Key() == s.Key() && r.Addr == s.Addr && r.Text == s.Text
}

// Compare orders records by what they say. Their ids come last: a host may give
// none, and none of them means anything.
func (r *Record) Compare(s *Record) int {
	return cmp.Or(r.Key().Compare(s.Key()), r.Addr.Compare(s.Addr), cmp.Compare(r.Text, s.Text),
		compareBool(r.Proxied, s.Proxied), cmp.Compare(r.TTL, s.TTL), cmp.Compare(r.Comment, s.Comment),
		slices.Compare(slices.Sorted(slices.Values(r.Tags)), slices.Sorted(slices.Values(s.Tags))),
		compareBool(r.ReadOnly, s.ReadOnly), cmp.Compare(r.Feature, s.Feature), cmp.Compare(r.ID, s.ID))
}

// SortRecords puts records into the order of Compare.
func SortRecords(all []Record) []Record {
	sort.Slice(all, func(i, j int) bool { return all[i].Compare(&all[j]) < 0 })
	return all
}

// compareBool has what is not so come first.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// SameTags compares tags as sets. Case counts in the value of a tag but not in
// its name (Cloudflare's documentation, 2026).
func SameTags(a, b []string) bool {
	return slices.Equal(tagSet(a), tagSet(b))
}

func tagSet(tags []string) []string {
	set := make([]string, 0, len(tags))
	for _, t := range tags {
		name, value, ok := strings.Cut(t, ":")
		if ok {
			value = ":" + value
		}
		set = append(set, strings.ToLower(name)+value)
	}
	slices.Sort(set)
	return slices.Compact(set)
}
