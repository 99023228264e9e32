package google

import (
	"slices"
	"sync"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// change is what goes out in one call: all of it is done or nothing.
type change struct {
	Additions []set `json:"additions,omitempty"`
	Deletions []set `json:"deletions,omitempty"`

	octets        int
	comparedMarks map[dns.Key]bool // marks that are in it only to be compared
}

// validateSet returns why a set cannot be sent: it was planned from what is not so, or
// says what cannot be kept.
func validateSet(s *plan.Set) *provider.Error {
	if slices.ContainsFunc(s.Records, func(r dns.Record) bool { return r.ReadOnly }) {
		return rest.NewError(provider.Rejected, "", "take the routing policy away at Google, or the name out of the settings", "%s is answered by %s, which is left alone", s.Key, routingFeature)
	}
	after := s.After()
	for i := range after {
		r := &after[i]
		switch {
		case !r.Type.IsAddress() && r.Type != dns.TXT, r.Type.IsAddress() && !r.Addr.IsValid():
			return rest.NewError(provider.Rejected, "", "", "no %s is written here", r.Type)
		case r.Comment != "" || r.Proxied || len(r.Tags) > 0:
			return rest.NewError(provider.Rejected, "", "", "Google keeps no comments and tags, and proxies nothing")
		case r.TTL != after[0].TTL:
			return rest.NewError(provider.Rejected, "", "", "the records of %s share their TTL", s.Key)
		case slices.ContainsFunc(after[:i], func(o dns.Record) bool { return o.Data() == r.Data() }):
			return rest.NewError(provider.Stale, "", "", "%s is there already: %s", s.Key, r.Content())
		}
	}
	return nil
}

// withSet returns the change with a set added, and its mark, which is written as
// it was read: where that is somebody else's by then nothing is done.
func (c change) withSet(s *plan.Set, forms func(dns.Key, []dns.Record) []string) change {
	put := func(k dns.Key, before, after []dns.Record) {
		if len(before) > 0 {
			d := newSet(k, before, forms(k, before))
			c.Deletions, c.octets = append(c.Deletions, d), c.octets+d.countOctets()
		}
		if len(after) > 0 {
			a := newSet(k, after, zoneFileValues(after))
			c.Additions, c.octets = append(c.Additions, a), c.octets+a.countOctets()
		}
	}
	put(s.Key, s.Records, s.After())
	if len(s.Marks) > 0 && !c.comparedMarks[s.Mark] {
		guards := map[dns.Key]bool{s.Mark: true}
		for k := range c.comparedMarks {
			guards[k] = true
		}
		c.comparedMarks = guards
		put(s.Mark, s.Marks, s.Marks)
	}
	return c
}

func (c change) fitsIn(q quota) bool {
	return len(c.Additions) <= q.Additions && len(c.Deletions) <= q.Deletions && c.octets <= q.Octets
}

func newSet(k dns.Key, records []dns.Record, data []string) set {
	return set{Name: k.Name.String() + ".", Type: k.Type, TTL: records[0].TTL, Data: data}
}

// zoneFileValues returns records as zone files write their data, which is what the API takes.
func zoneFileValues(records []dns.Record) []string {
	data := make([]string, len(records))
	for i := range records {
		r := &records[i]
		data[i] = r.Content()
	}
	return data
}

func (s set) countOctets() (n int) {
	for _, v := range s.Data {
		n += len(v)
	}
	return n
}

func (s set) parseKey() (dns.Key, bool) {
	n, err := dns.ParseName(s.Name)
	return dns.Key{Name: n, Type: s.Type}, err == nil
}

// originalValues are values that the API writes otherwise than homing would: what is deleted
// has to be said exactly as it stands there. There are none as a rule.
type originalValues struct {
	mu     sync.Mutex
	byZone map[string]map[dns.Key][]string // by the id of the zone
}

// maxOriginalValues bounds what is remembered of a zone.
const maxOriginalValues = 10_000

// remember notes how the values of a set are written.
func (f *originalValues) remember(zone string, k dns.Key, s *listedSet) {
	same := slices.Equal(slices.Sorted(slices.Values(s.Data)), slices.Sorted(slices.Values(zoneFileValues(s.toRecords(k))))) || s.Routing != nil
	f.mu.Lock()
	defer f.mu.Unlock()
	if same {
		delete(f.byZone[zone], k)
		return
	}
	if f.byZone == nil {
		f.byZone = map[string]map[dns.Key][]string{}
	}
	if f.byZone[zone] == nil {
		f.byZone[zone] = map[dns.Key][]string{}
	}
	if len(f.byZone[zone]) < maxOriginalValues {
		f.byZone[zone][k] = s.Data
	}
}

// valuesOf returns the values of a set as they stand there.
func (f *originalValues) valuesOf(zone string, k dns.Key, records []dns.Record) []string {
	f.mu.Lock()
	odd := f.byZone[zone][k]
	f.mu.Unlock()
	s := listedSet{TTL: records[0].TTL, Data: odd}
	if len(odd) > 0 && slices.EqualFunc(s.toRecords(k), records, func(a, b dns.Record) bool { return a.Data() == b.Data() }) {
		return odd
	}
	return zoneFileValues(records)
}
