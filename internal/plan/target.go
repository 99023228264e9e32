package plan

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sort"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// State is what is wanted of an RRset. Its zero value changes nothing.
type State uint8

const (
	NotKnown   State = iota // the addresses are not known: everything stays
	OutOfScope              // the person said none: everything stays, and that is no failure
	Values                  // exactly these values
	Clear                   // no record: the person said static.empty
)

func (s State) String() string {
	switch s {
	case OutOfScope:
		return "out of scope"
	case Values:
		return "values"
	case Clear:
		return "clear"
	}
	return "not known"
}

// Target is what one RRset should be.
type Target struct {
	Key     dns.Key
	Needs   []Origin // what the values come from, or did not
	State   State
	Values  []dns.Data     // in State Values: ascending, no two alike, at least one, unless Behind says more
	Behind  []netip.Prefix // of a name that keeps its hosts: what they are to stand behind; the values are told by what stands there
	Owner   string         // whose mark ours bear, where the host has room for one; empty: nobody's marks count
	Content Template       // of TXT: what homing's values say
	Attrs   Attrs
	Enforce Fields
	Create  Create

	Leftovers Leftovers
	Last      []dns.Data // what this name is known to have said for homing, newest first, of TXT the addresses; tells which record is changed
	Wrote     []dns.Data // what homing is known to have written here and not replaced; all that Clear deletes under Keep
	Unfit     error      // why the host ids of the name make no addresses; the State is NotKnown then

	// Partial says, in State Values, that not all of Needs are known. Then what
	// stands there is left alone, but for what is among Gone: what those that are
	// known had in this process, and none of the others did.
	Partial bool
	Gone    []dns.Data
	From    []Origin // those of Needs that the values come from
}

// Addrs returns the values that are addresses.
func (t Target) Addrs() []netip.Addr {
	var addrs []netip.Addr
	for _, d := range t.Values {
		if d.Addr.IsValid() {
			addrs = append(addrs, d.Addr)
		}
	}
	return addrs
}

// Targets works out the target of every RRset of the Spec, ordered by key.
// Where two records of the Spec name the same RRset the first one counts.
func Targets(spec Spec, seen Seen, memory Memory) []Target {
	shared := make(map[string]*knownShare)
	var targets []Target
	for _, r := range spec.Records {
		for _, t := range r.Types {
			needs := r.Needs(t)
			id := string(t) + "\x00" + r.Content.text
			for _, o := range needs {
				id += "\x00" + o.Site
			}
			if shared[id] == nil {
				shared[id] = newKnownShare(needs, t, seen, memory)
			}
			target := newTarget(r, t, shared[id], memory)
			target.Owner = spec.OwnerID
			targets = append(targets, target)
		}
	}
	sort.SliceStable(targets, func(i, j int) bool { return targets[i].Key.Compare(targets[j].Key) < 0 })
	return slices.CompactFunc(targets, func(a, b Target) bool { return a.Key == b.Key })
}

// knownShare is what all RRsets have in common that need the same origins. Nobody
// changes it.
type knownShare struct {
	needs    []Origin
	state    State
	prefixes []netip.Prefix // of all that is known
	beside   []netip.Addr   // of the neighbours
	values   []dns.Data     // the addresses of prefixes, ascending, no two alike
	last     []dns.Data     // what was published or seen right before, newest first

	from       []Origin       // those of needs that say something
	partial    bool           // not all of needs are known
	had, hides []netip.Prefix // where they are not: what those that are had, and what the others did
}

// newKnownShare puts together what is known of these origins. Where one that is in
// scope is not known, nothing is; but of several a set of addresses says those
// that are.
func newKnownShare(needs []Origin, t dns.Type, seen Seen, memory Memory) *knownShare {
	s := &knownShare{needs: needs, state: OutOfScope}
	inScope, shares := false, len(needs) > 1 && t.IsAddress()
	var known, unknown []Origin
	for _, o := range needs {
		at, in := seen[o]
		inScope = inScope || in
		switch {
		case !in:
		case shares && !at.Firm():
			unknown = append(unknown, o)
		default:
			known = append(known, o)
			if o.IsNeighbour() {
				s.beside = append(s.beside, at.Addrs()...)
			} else {
				s.prefixes = append(s.prefixes, at.Prefixes()...)
			}
		}
		for _, of := range expandFirsts([]Origin{o}) {
			for _, stay := range memory.Last[of] {
				s.last = append(s.last, dns.DataOfAddrs(stay.Seen.Addrs())...)
			}
		}
	}
	if s.partial = len(unknown) > 0; s.partial {
		s.had, s.hides = memory.observedPrefixes(known), memory.observedPrefixes(unknown)
	}
	s.from = known
	switch {
	case !inScope:
	case s.partial && len(s.prefixes)+len(s.beside) == 0, !s.partial && !seen.Knows(needs):
		s.state = NotKnown
	case len(s.prefixes)+len(s.beside) == 0:
		s.state = Clear
	default:
		s.state, s.values = Values, dns.DataOfAddrs(addr.Known(s.prefixes...).Addrs())
	}
	return s
}

func newTarget(r Record, t dns.Type, s *knownShare, memory Memory) Target {
	target := Target{Key: dns.Key{Name: r.Name, Type: t}, Needs: s.needs, State: s.state, Values: s.values, Last: s.last,
		Attrs: r.Attrs, Enforce: r.Enforce, Create: r.Create, Leftovers: r.Leftovers}
	target.Wrote = memory.Wrote[target.Key]
	if s.state == Values && s.partial {
		target.Partial, target.Gone, target.From = true, formerOnly(s, r), s.from
	}
	if t == dns.TXT {
		return target.withText(r, s, memory)
	}
	if t != dns.AAAA || len(r.Hosts) == 0 {
		return target
	}
	if target.Last = memory.formerHostAddrs(r, s.needs); s.state != Values {
		return target
	}
	if r.Hosts[0].Keeps() {
		target.Behind, target.Values = s.prefixes, nil
		return target
	}
	addrs, err := r.addrs(s.prefixes, s.beside)
	if target.Values = dns.DataOfAddrs(addrs); err != nil {
		target.State, target.Unfit = NotKnown, err
	}
	return target
}

// formerOnly returns what those that are known had, and none of the others did, behind the
// host ids where there are some.
func formerOnly(s *knownShare, r Record) []dns.Data {
	addrs := func(ps []netip.Prefix) (all []netip.Addr) {
		if len(r.Hosts) == 0 {
			for _, p := range ps {
				all = append(all, p.Addr())
			}
			return all
		}
		for _, p := range ps {
			if p.IsSingleIP() { // of a neighbour
				all = append(all, p.Addr())
				continue
			}
			made, _ := r.addrs([]netip.Prefix{p}, nil) // what had no address had no record either
			all = append(all, made...)
		}
		return all
	}
	others := addrs(s.hides)
	return dns.DataOfAddrs(slices.DeleteFunc(addrs(s.had), func(a netip.Addr) bool { return slices.Contains(others, a) }))
}

// withText returns the target of a TXT record: the template of r with the addresses, of
// IPv6 those of the host ids of the name where it has some.
func (t Target) withText(r Record, s *knownShare, memory Memory) Target {
	t.Content, t.Attrs.Proxied, t.Enforce = r.Content, false, t.Enforce&^Proxied
	if len(r.Hosts) > 0 {
		t.Last = append(slices.Clone(s.last), memory.formerHostAddrs(r, s.needs)...)
	}
	if s.state != Values {
		return t
	}
	var addrs []netip.Addr
	for _, d := range s.values {
		if len(r.Hosts) == 0 || !addr.IPv6.Holds(d.Addr) {
			addrs = append(addrs, d.Addr)
		}
	}
	var hosted []netip.Prefix
	for _, p := range s.prefixes {
		if addr.IPv6.Holds(p.Addr()) {
			hosted = append(hosted, p)
		}
	}
	behind, err := r.addrs(hosted, s.beside)
	if err != nil {
		t.State, t.Values, t.Unfit = NotKnown, nil, err
		return t
	}
	t.Values = r.Content.values(append(addrs, behind...))
	return t
}

// addrs returns every host of r behind every prefix, and the addresses of those
// beside this machine, ascending, no two alike. Where one has no address there
// is none at all: which of a name's addresses may be missing is not for homing
// to say.
func (r Record) addrs(prefixes []netip.Prefix, beside []netip.Addr) ([]netip.Addr, error) {
	addrs := slices.Clone(beside)
	for _, p := range prefixes {
		for _, h := range r.Hosts {
			if _, ok := h.Neighbour(); ok || h.Keeps() {
				continue
			}
			in := h.In
			if r.Prefix == FromRouter {
				in = h.inDelegated
			}
			a, err := in(p)
			if err != nil {
				return nil, err
			}
			if err := checkPublic(a, p); err != nil {
				return nil, fmt.Errorf("make an address of %s behind %s: %w", h, p.Masked(), err)
			}
			addrs = append(addrs, a)
		}
	}
	sort.Slice(addrs, func(i, j int) bool { return addrs[i].Less(addrs[j]) })
	return slices.Compact(addrs), nil
}

// checkPublic refuses an address that is not public though the one that was
// observed is: a short prefix may reach into a block that is nobody's home. No
// block within public space is longer than a /64.
func checkPublic(a netip.Addr, observed netip.Prefix) error {
	if observed.Bits() >= 64 || addr.Public(observed.Addr(), 0) != nil {
		return nil
	}
	if r, ok := errors.AsType[*addr.Refusal](addr.Public(a, 0)); ok {
		return fmt.Errorf("%s is %s", a, r.What)
	}
	return nil
}
