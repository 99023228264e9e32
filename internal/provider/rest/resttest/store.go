package resttest

import (
	"maps"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
)

// Store is zones of a host that holds whole RRsets.
type Store struct {
	mu    sync.Mutex
	zones map[string]map[Key]Set
}

// Key names an RRset, by its whole name in lower case.
type Key struct{ Name, Type string }

// Set is an RRset. A TTL of 0 is that of the zone.
type Set struct {
	TTL       int
	Values    []Value
	Protected bool
}

// Value is one of a set, as zone files write it.
type Value struct{ Content, Note string }

// NewStore has these zones, with the NS records of each.
func NewStore(zones ...string) *Store {
	s := &Store{zones: map[string]map[Key]Set{}}
	for _, z := range zones {
		s.zones[z] = map[Key]Set{{z, "NS"}: {TTL: 3600, Values: []Value{{Content: "ns1.example.net."}}}}
	}
	return s
}

// Zones are the names of all, in order.
func (s *Store) Zones() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.zones))
}

// Has says whether there is a zone.
func (s *Store) Has(zone string) bool { return slices.Contains(s.Zones(), zone) }

// Keys are those of the sets of a zone, in order.
func (s *Store) Keys(zone string) []Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := slices.Collect(maps.Keys(s.zones[zone]))
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].Name < keys[j].Name || keys[i].Name == keys[j].Name && keys[i].Type < keys[j].Type
	})
	return keys
}

// Set is one, and whether it is there.
func (s *Store) Set(zone string, k Key) (Set, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set, ok := s.zones[zone][k]
	set.Values = slices.Clone(set.Values)
	return set, ok
}

// Put stores a set; one without values goes.
func (s *Store) Put(zone string, k Key, set Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.zones[zone][k] = set; len(set.Values) == 0 {
		delete(s.zones[zone], k)
	}
}

// Snapshot is what it holds, for Front.
func (s *Store) Snapshot() (restore func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make(map[string]map[Key]Set, len(s.zones))
	for z, sets := range s.zones {
		kept[z] = maps.Clone(sets)
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.zones = kept
	}
}

// Beside is the types that stand at a name where no set of this one may: a CNAME
// stands alone.
func (s *Store) Beside(zone string, k Key) (others []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range types() {
		if _, there := s.zones[zone][Key{k.Name, t}]; there && t != k.Type && (t == "CNAME" || k.Type == "CNAME") {
			others = append(others, t)
		}
	}
	return others
}

// types are those of records that tests are about.
func types() []string { return []string{"A", "AAAA", "CNAME", "NS", "TXT"} }

// Unfit is why values are none of a set of this type; empty where they are.
func Unfit(kind string, values []Value) string {
	var seen []string
	for _, v := range values {
		a, err := netip.ParseAddr(v.Content)
		switch {
		case kind == "A" && (err != nil || !a.Is4()), kind == "AAAA" && (err != nil || !a.Is6() || a.Is4In6()):
			return v.Content + " is no address of an " + kind + " record"
		case kind == "TXT" && !quoted(v.Content):
			return "the text is not in quotes"
		case (kind == "CNAME" || kind == "NS") && !strings.HasSuffix(v.Content, "."):
			return v.Content + " does not end with a dot"
		case kind == "CNAME" && len(values) > 1:
			return "there is more than one CNAME"
		case slices.Contains(seen, v.Content):
			return v.Content + " is there twice"
		}
		seen = append(seen, v.Content)
	}
	return ""
}

// quoted says whether a text is strings in quotes of at most 255 octets each.
func quoted(s string) bool {
	strs := dns.ParseTXT(s).Strings()
	return strings.HasPrefix(s, `"`) && strings.HasSuffix(s, `"`) && len(s) > 1 && !slices.ContainsFunc(strs, func(p string) bool { return len(p) > 255 })
}

// zoneOf is the zone that a name lies in.
func (s *Store) zoneOf(name string) string {
	longest := ""
	for _, z := range s.Zones() {
		if (name == z || strings.HasSuffix(name, "."+z)) && len(z) > len(longest) {
			longest = z
		}
	}
	return longest
}

// Seed adds records to what stands there, as somebody else would; auto is the TTL
// that is stored for an automatic one.
func (s *Store) Seed(t *testing.T, auto int, records ...dns.Record) {
	t.Helper()
	for _, r := range records {
		k := Key{r.Name.String(), string(r.Type)}
		zone := s.zoneOf(k.Name)
		if zone == "" {
			t.Fatalf("%s lies in no zone", r.Name)
		}
		set, _ := s.Set(zone, k)
		v := Value{Content: r.Content(), Note: r.Comment}
		if r.Type == dns.CNAME || r.Type == dns.NS {
			v.Content += "."
		}
		if set.TTL = r.TTL; r.TTL == dns.AutoTTL {
			set.TTL = auto
		}
		set.Values = append(set.Values, v)
		s.Put(zone, k, set)
	}
}

// Stored is what stands at a name; a TTL of 0 is an automatic one.
func (s *Store) Stored(n dns.Name) (all []dns.Record) {
	zone := s.zoneOf(n.String())
	for _, t := range types() {
		set, _ := s.Set(zone, Key{n.String(), t})
		all = append(all, Records(n, t, set)...)
	}
	dns.SortRecords(all)
	return all
}

// Records is a set as homing has it.
func Records(n dns.Name, kind string, set Set) (all []dns.Record) {
	for _, v := range set.Values {
		r := dns.Record{Name: n, Type: dns.Type(kind), TTL: max(set.TTL, dns.AutoTTL), Comment: v.Note}
		switch a, err := netip.ParseAddr(v.Content); {
		case r.Type == dns.TXT:
			r.Text = dns.ParseTXT(v.Content).Text
		case err == nil:
			r.Addr = a
		default:
			r.Text = strings.TrimSuffix(v.Content, ".")
		}
		all = append(all, r)
	}
	return all
}
