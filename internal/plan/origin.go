package plan

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/text"
)

// Origin is where addresses come from: one family of one site, or of the first of
// several that has one.
type Origin struct {
	Site   string // empty: this machine itself, which is a site without a name; see FirstOf
	Family addr.Family
}

// firstSign stands between the sites of FirstOf: no name has it.
const firstSign = ">"

// FirstOf returns the family at the first of these sites that has an address.
func FirstOf(sites []string, f addr.Family) Origin {
	return Origin{Site: strings.Join(sites, firstSign), Family: f}
}

// Among returns the origins of which o is the first that has an address; none where it
// is an origin by itself.
func (o Origin) Among() []Origin {
	if !strings.Contains(o.Site, firstSign) {
		return nil
	}
	var among []Origin
	for site := range strings.SplitSeq(o.Site, firstSign) {
		among = append(among, Origin{site, o.Family})
	}
	return among
}

// Involves reports whether one of these origins is o, or may be.
func Involves(needs []Origin, o Origin) bool {
	return slices.ContainsFunc(needs, func(n Origin) bool { return n == o || slices.Contains(n.Among(), o) })
}

// expandFirsts returns these origins, and those of which one is the first.
func expandFirsts(needs []Origin) (all []Origin) {
	for _, o := range needs {
		all = append(append(all, o), o.Among()...)
	}
	return all
}

// originsOf returns what says the addresses of a family at these sites.
func originsOf(sites []string, pick Pick, f addr.Family) []Origin {
	if pick == First && len(sites) > 1 {
		return []Origin{FirstOf(sites, f)}
	}
	origins := make([]Origin, 0, len(sites))
	for _, site := range sites {
		origins = append(origins, Origin{site, f})
	}
	return origins
}

// Here returns a family of this machine itself.
func Here(f addr.Family) Origin { return Origin{Family: f} }

// PrefixOf returns the network of a record with ipv6_prefix: a site of which only the
// prefix is learnt, "router" or "iface:br0".
func PrefixOf(from string) Origin {
	return Origin{Site: lanWord + strings.TrimPrefix(from, FromInterface), Family: addr.IPv6}
}

// NeighbourOf returns a machine beside this one, by the host id that names it.
func NeighbourOf(h HostID) Origin {
	return Origin{Site: neighbourWord + h.macString(), Family: addr.IPv6}
}

// What the sites are called that are no sites of the settings; a blank is in no
// name of those.
const (
	lanWord       = "LAN "
	neighbourWord = "neighbour "
)

// Where the prefix of a network may be learnt.
const (
	FromRouter    = "router"
	FromInterface = "iface:"
)

// IsNeighbour reports whether o is a machine beside this one, whose addresses are
// learnt whole.
func (o Origin) IsNeighbour() bool { return strings.HasPrefix(o.Site, neighbourWord) }

// IsLAN reports whether o is one of both, and so no site of the settings.
func (o Origin) IsLAN() bool { return o.IsPrefix() || o.IsNeighbour() }

// IsPrefix reports whether o is a network of which only the prefix is learnt.
func (o Origin) IsPrefix() bool { return strings.HasPrefix(o.Site, lanWord) }

// String returns the family, and the site where it has a name: "IPv4 of cable".
//
//go:noinline // many callers: see dependencies.md
func (o Origin) String() string {
	switch among := o.Among(); {
	case len(among) > 0:
		names := make([]string, len(among))
		for i, m := range among {
			names[i] = cmp.Or(m.Site, "this machine")
		}
		return o.Family.String() + " of " + strings.Join(names, ", else ")
	case o.Site == "":
		return o.Family.String()
	}
	return o.Family.String() + " of " + o.Site
}

// Setting refers to a setting of how the addresses are learnt: "sources".
func (o Origin) Setting(leaf string) text.Setting {
	if among := o.Among(); len(among) > 0 {
		o = among[0]
	}
	under := "detect."
	if o.Site != "" {
		under = "sites." + o.Site + "."
	}
	return text.Setting{Path: under + strings.ToLower(o.Family.String()) + "." + leaf}
}

// Compare orders origins: this machine itself, then sites by name.
func (o Origin) Compare(p Origin) int {
	return cmp.Or(cmp.Compare(o.Site, p.Site), cmp.Compare(o.Family, p.Family))
}

// Seen is what a round knows of each origin. One that is absent is out of scope;
// one that is there and zero is not known.
type Seen map[Origin]addr.Observation

// NoAddresses returns the Seen of a cleanup: each of these origins is to have nothing.
func NoAddresses(origins ...Origin) Seen {
	seen := make(Seen, len(origins))
	for _, o := range origins {
		seen[o] = addr.None()
	}
	return seen
}

// Origins returns those of s, in order.
func (s Seen) Origins() []Origin {
	origins := make([]Origin, 0, len(s))
	for o := range s {
		origins = append(origins, o)
	}
	sort.Slice(origins, func(i, j int) bool { return origins[i].Compare(origins[j]) < 0 })
	return origins
}

// Knows reports whether something is known of every one of these that is in scope,
// and of one at least.
func (s Seen) Knows(needs []Origin) bool {
	known := false
	for _, o := range needs {
		if seen, in := s[o]; in && !seen.Known() {
			return false
		} else if in {
			known = true
		}
	}
	return known
}

// Determines reports whether it shows what an RRset of this type is to say, of which these
// are the origins: all of it, or, as a set of addresses has shares, some.
func (s Seen) Determines(t dns.Type, needs []Origin) bool {
	if len(needs) < 2 || !t.IsAddress() {
		return s.Knows(needs)
	}
	return s.Knows(needs) || slices.ContainsFunc(needs, func(o Origin) bool { return s[o].Firm() && len(s[o].Prefixes()) > 0 })
}

// Only returns s without all others than these.
func (s Seen) Only(needs []Origin) Seen {
	only := make(Seen, len(needs))
	for _, o := range needs {
		if seen, in := s[o]; in {
			only[o] = seen
		}
	}
	return only
}

// Same reports whether two observations of the same origins plan the same: why one
// is not known makes no difference.
func (s Seen) Same(t Seen) bool {
	for o, seen := range s {
		other, in := t[o]
		if !in || seen.Firm() != other.Firm() || !seen.Same(other) && (seen.Known() || other.Known()) {
			return false
		}
	}
	return len(s) == len(t)
}
