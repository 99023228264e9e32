// Package plan works out which changes make DNS true. Every function here is
// pure: it takes what is wanted, what was observed and what the DNS host
// holds, and returns values. Nothing here calls, logs, sleeps or reads a clock.
package plan

import (
	"regexp"
	"slices"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// Spec is what the records of one account should be.
type Spec struct {
	Records []Record
	Lists   []List
	Owned   *regexp.Regexp // searched in a record's comment; nil owns every record
	OwnerID string         // whose mark records bear that are ours; empty: marks are neither read nor written
	// OwnedItems is searched in the comment of a list's item; nil owns every item.
	OwnedItems *regexp.Regexp
}

// Record is one name that should point home. Names that want the same share
// their Options: of thousands of names few have any of their own.
type Record struct {
	Name dns.Name
	*Options
}

// Options are what is wanted of a name. Nobody changes them once a Record has them.
type Options struct {
	Types   []dns.Type // A, AAAA, TXT; at least one
	Sites   []string   // whose addresses it says, in order; none: those of this machine itself
	Pick    Pick       // of several sites
	Content Template   // of TXT: what it says
	Attrs   Attrs
	Enforce Fields // attributes that existing records are brought to as well
	Create  Create
	// Hosts are the host ids an AAAA record is made of, each behind every prefix
	// that was observed; none means the observed addresses themselves. One that
	// keeps stands alone.
	Hosts     []HostID
	Prefix    string // where the prefix of Hosts is learnt: FromRouter, or FromInterface and a name; empty: at the sites
	Leftovers Leftovers
}

// Pick says which of several sites count. Its zero value is All.
type Pick uint8

const (
	All   Pick = iota // each that is known, share by share
	First             // the first that has an address
)

// Leftovers says what becomes of records of ours that say none of the wanted
// addresses, once those are there. Its zero value is Remove.
type Leftovers uint8

const (
	Remove Leftovers = iota // an RRset is managed whole
	Keep                    // one record is changed and the others stay, as some predecessors have it
)

// Attrs are the attributes of a record beside its content.
type Attrs struct {
	Proxied bool
	TTL     int // seconds, or dns.AutoTTL
	Comment string
	Tags    []string
}

// Create reports whether a missing record may be made. Its zero value is Always.
type Create uint8

const (
	Always Create = iota
	Never
)

// Owns returns the ownership predicate: what fails it is never changed or deleted.
func (s Spec) Owns(r dns.Record) bool {
	return s.Owned == nil || s.Owned.MatchString(r.Comment)
}

// OwnsItem returns the ownership predicate of list items.
func (s Spec) OwnsItem(i ListItem) bool {
	return s.OwnedItems == nil || s.OwnedItems.MatchString(i.Comment)
}

// Names returns the names of the Spec, in its order, no two alike.
//
//go:noinline // many callers: see dependencies.md
func (s Spec) Names() []dns.Name {
	seen := make(map[dns.Name]bool, len(s.Records))
	names := make([]dns.Name, 0, len(s.Records))
	for _, r := range s.Records {
		if !seen[r.Name] {
			seen[r.Name] = true
			names = append(names, r.Name)
		}
	}
	return names
}

// Texts returns the names whose TXT records have to be known for what lies in this
// zone, no two alike: those of the Spec that have some, and those where marks
// of owners stand.
func (s Spec) Texts(zone dns.Name) []dns.Name {
	var texts []dns.Name
	seen := make(map[dns.Name]bool)
	add := func(names ...dns.Name) {
		for _, n := range names {
			if !seen[n] {
				seen[n] = true
				texts = append(texts, n)
			}
		}
	}
	for _, r := range s.Records {
		for _, t := range r.Types {
			if t == dns.TXT {
				add(r.Name)
			}
			if s.OwnerID != "" {
				add(markNames(dns.Key{Name: r.Name, Type: t}, zone)...)
			}
		}
	}
	return texts
}

// Only returns s with the records whose names keep says yes to, and without lists,
// which lie in no zone.
func (s Spec) Only(keep func(dns.Name) bool) Spec {
	out := s
	out.Records, out.Lists = nil, nil
	for _, r := range s.Records {
		if keep(r.Name) {
			out.Records = append(out.Records, r)
		}
	}
	out.Records = slices.Clone(out.Records) // they are kept, so they have no room to spare
	return out
}

// KeysKeepingOthers returns the RRsets at which others beside the wanted records are to stay.
func (s Spec) KeysKeepingOthers() []dns.Key {
	var kept []dns.Key
	for _, r := range s.Records {
		for _, t := range r.Types {
			if r.Leftovers == Keep {
				kept = append(kept, dns.Key{Name: r.Name, Type: t})
			}
		}
	}
	return kept
}

// Uses reports whether any record or list of the Spec needs this origin.
func (s Spec) Uses(o Origin) bool {
	return s.anyNeeds(func(needs []Origin) bool { return Involves(needs, o) })
}

// Needs reports whether any record or list of the Spec needs this origin itself, and
// not only perhaps as the first of several.
func (s Spec) Needs(o Origin) bool {
	return s.anyNeeds(func(needs []Origin) bool { return slices.Contains(needs, o) })
}

// FailoverOrigins returns the origins that are the first of several which has an address.
func (s Spec) FailoverOrigins() (firsts []Origin) {
	s.anyNeeds(func(needs []Origin) bool {
		for _, o := range needs {
			if len(o.Among()) > 0 && !slices.Contains(firsts, o) {
				firsts = append(firsts, o)
			}
		}
		return false
	})
	return firsts
}

// HasSharedTargets reports whether something holds the addresses of several origins at a time,
// so that one may be known and another not.
func (s Spec) HasSharedTargets() bool {
	for _, r := range s.Records {
		if slices.ContainsFunc(r.Types, func(t dns.Type) bool { return t.IsAddress() && len(r.Needs(t)) > 1 }) {
			return true
		}
	}
	return slices.ContainsFunc(s.Lists, func(l List) bool { return l.Pick == All && len(l.SiteNames()) > 1 })
}

// anyNeeds reports whether it is so of what some list, or some record of a type, needs.
func (s Spec) anyNeeds(so func(needs []Origin) bool) bool {
	for _, l := range s.Lists {
		if so(l.Needs()) {
			return true
		}
	}
	for _, r := range s.Records {
		for _, t := range r.Types {
			if so(r.Needs(t)) {
				return true
			}
		}
	}
	return false
}

// Needs returns the origins of what a record of this type says.
func (o *Options) Needs(t dns.Type) []Origin {
	families, sites := []addr.Family{FamilyOf(t)}, o.Sites
	if t == dns.TXT {
		families = o.Content.Families()
	}
	if len(sites) == 0 {
		sites = []string{""}
	}
	needs := make([]Origin, 0, len(sites)*len(families))
	for _, f := range families {
		if f != addr.IPv6 || o.Prefix == "" && o.needsPrefix() {
			needs = append(needs, originsOf(sites, o.Pick, f)...)
		}
	}
	if !slices.Contains(families, addr.IPv6) {
		return needs
	}
	if o.Prefix != "" {
		needs = append(needs, PrefixOf(o.Prefix))
	}
	for _, h := range o.Hosts {
		if _, ok := h.Neighbour(); ok {
			needs = append(needs, NeighbourOf(h))
		}
	}
	return needs
}

// needsPrefix reports whether some host of o stands behind the prefix of its sites.
func (o *Options) needsPrefix() bool {
	return len(o.Hosts) == 0 || slices.ContainsFunc(o.Hosts, func(h HostID) bool { _, ok := h.Neighbour(); return !ok })
}

// TypeOf returns the record type that holds addresses of f.
func TypeOf(f addr.Family) dns.Type {
	if f == addr.IPv6 {
		return dns.AAAA
	}
	return dns.A
}

// FamilyOf returns the family whose addresses a record of type t holds; zero where
// that is not told by the type.
func FamilyOf(t dns.Type) addr.Family {
	switch t {
	case dns.A:
		return addr.IPv4
	case dns.AAAA:
		return addr.IPv6
	}
	return 0
}
