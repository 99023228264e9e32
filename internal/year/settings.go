package year

import (
	"net/netip"
	"regexp"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// settings are what a person wants, and by what homing knows what is its own.
type settings struct {
	records []plan.Record
	ids     map[dns.Name]netip.Addr // host ids, as addresses; none: the address itself
	owned   bool                    // only what has the comment "ours" is homing's
	zones   []dns.Name
	lists   []plan.List
	first   []plan.Origin // those that are the first of several
}

const mark = "ours"

func name(s string) dns.Name {
	n, err := dns.ParseName(s)
	must(err)
	return n
}

func newSettings(w *world) settings {
	d := w.dice
	s := settings{owned: d.oneIn(2) && !w.updates, ids: map[dns.Name]netip.Addr{}}
	zones := []string{"example.org", "example.net", "lab.example.org"}
	for _, z := range zones[:1+d.IntN(3)] {
		s.zones = append(s.zones, name(z))
	}
	labels := []string{"home.", "nas.", "", "*.", "www.eu.", "cam."}
	if w.updates {
		labels[3] = "wild." // what is gone would be answered for by a wildcard
	}
	for _, z := range s.zones {
		for _, l := range labels[:1+d.IntN(len(labels))] {
			s.add(w, name(l+z.String()))
		}
	}
	if !slices.ContainsFunc(s.records, func(r plan.Record) bool { return follows(w, r) }) {
		r := &s.records[0] // or nothing would ever change in this year
		r.Types, r.Hosts, r.Create, r.Sites = []dns.Type{dns.A, dns.AAAA}, nil, plan.Always, nil
		delete(s.ids, r.Name)
	}
	return s
}

// follows says whether a name has a type whose addresses its place has, and may be made.
func follows(w *world, r plan.Record) bool {
	return r.Create != plan.Never && slices.ContainsFunc(r.Types, func(t dns.Type) bool { return len(w.among(r.Needs(t))) > 0 })
}

// add puts a name into the settings.
func (s *settings) add(w *world, n dns.Name) {
	d := w.dice
	r := plan.Record{Name: n, Options: &plan.Options{Types: [][]dns.Type{{dns.A}, {dns.AAAA}, {dns.A, dns.AAAA}, {dns.A, dns.AAAA}}[d.IntN(4)]}}
	r.Attrs = plan.Attrs{TTL: d.among(1, 1, 120, 300), Proxied: d.oneIn(5)}
	if s.owned {
		r.Attrs.Comment = mark
	}
	if d.oneIn(6) {
		r.Enforce = plan.TTL | plan.Proxied
	}
	if d.oneIn(8) {
		r.Create = plan.Never
	}
	if d.oneIn(6) {
		r.Leftovers = plan.Keep
	}
	if slices.Equal(r.Types, []dns.Type{dns.AAAA}) && d.oneIn(2) {
		id, err := plan.ParseHostID("::10")
		must(err)
		r.Hosts, s.ids[n] = []plan.HostID{id}, netip.MustParseAddr("::10")
	}
	r.Sites, r.Pick = s.pick(w)
	if w.updates { // one address of a family, and nothing beside it
		r.Attrs, r.Enforce, r.Leftovers = plan.Attrs{TTL: dns.AutoTTL}, 0, plan.Remove
		if r.Pick == plan.All && len(r.Sites) > 1 {
			r.Sites = r.Sites[:1]
		}
	}
	if len(r.Sites) > 1 && r.Pick == plan.All { // one record is not enough
		r.Create, r.Leftovers = plan.Always, plan.Remove
	}
	s.records = append(s.records, r)
}

// pick is whose addresses something says: this machine's, those of a site, or of
// several.
func (s *settings) pick(w *world) (sites []string, pick plan.Pick) {
	d := w.dice
	var all []string
	for _, p := range w.places {
		if !slices.Contains(all, p.of.Site) {
			all = append(all, p.of.Site)
		}
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	switch d.IntN(4) {
	case 0:
		return nil, plan.All
	case 1:
		return all[:1], plan.All
	}
	return all[:min(len(all), d.among(2, 3))], []plan.Pick{plan.All, plan.First}[d.IntN(2)]
}

// spec is the settings as homing has them.
func (s *settings) spec() plan.Spec {
	spec := plan.Spec{Records: slices.Clone(s.records), Lists: s.lists}
	if s.owned {
		spec.Owned = regexp.MustCompile("^" + mark + "$")
		spec.OwnedItems = spec.Owned
	}
	s.first = spec.FailoverOrigins()
	return spec
}

// managed is the settings of an RRset; nil where nobody keeps it.
func (s *settings) managed(k dns.Key) *plan.Record {
	i := slices.IndexFunc(s.records, func(r plan.Record) bool { return r.Name == k.Name && slices.Contains(r.Types, k.Type) })
	if i < 0 {
		return nil
	}
	return &s.records[i]
}

// kept says whether others beside homing's are to stay at a key: there it takes the
// only record that it is shown for its own.
func (s *settings) kept(k dns.Key) bool {
	rec := s.managed(k)
	return rec != nil && rec.Leftovers == plan.Keep
}

// keys are all RRsets that are kept.
func (s *settings) keys() (all []dns.Key) {
	for _, r := range s.records {
		for _, t := range r.Types {
			all = append(all, dns.Key{Name: r.Name, Type: t})
		}
	}
	return all
}

// mine says whether a record is homing's, at an RRset that it keeps.
func (s *settings) mine(r dns.Record) bool { return !s.owned || r.Comment == mark }

// says is what a name says where its place has this address.
func (s *settings) says(n dns.Name, t dns.Type, a netip.Addr) netip.Addr {
	id, ok := s.ids[n]
	if !ok || t != dns.AAAA {
		return a
	}
	whole, host := a.As16(), id.As16()
	copy(whole[8:], host[8:])
	return netip.AddrFrom16(whole)
}
