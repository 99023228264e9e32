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
	State   State
	Values  []dns.Data // in State Values: ascending, no two alike, at least one
	Attrs   Attrs
	Enforce Fields
	Create  Create

	Leftovers Leftovers
	Last      []dns.Data // what this name is known to have said for homing, newest first; tells which record is changed
	Wrote     []dns.Data // what homing is known to have written here and not replaced; all that Clear deletes under Keep
	Unfit     error      // why the host ids of the name make no addresses; the State is NotKnown then
}

// Addrs are the values that are addresses.
func (t Target) Addrs() []netip.Addr {
	var addrs []netip.Addr
	for _, d := range t.Values {
		if d.Addr.IsValid() {
			addrs = append(addrs, d.Addr)
		}
	}
	return addrs
}

// Seen is what a round knows of each family. A family that is absent is out of
// scope; one that is there and zero is not known.
type Seen map[addr.Family]addr.Observation

// Emptied is the Seen of a cleanup: each of these families is to have nothing.
func Emptied(families ...addr.Family) Seen {
	seen := make(Seen, len(families))
	for _, f := range families {
		seen[f] = addr.None()
	}
	return seen
}

// Targets works out the target of every RRset of the Spec, ordered by key.
// Where two records of the Spec name the same RRset the first one counts.
func Targets(spec Spec, seen Seen, memory Memory) []Target {
	last := make(map[addr.Family][]dns.Data) // shared by all names that say the addresses themselves
	for f := range memory.Last {
		last[f] = memory.last(f)
	}
	var targets []Target
	for _, r := range spec.Records {
		for _, t := range r.Types {
			target := newTarget(r, t, seen)
			if target.Last = last[FamilyOf(t)]; t == dns.AAAA && len(r.Hosts) > 0 {
				target.Last = memory.behind(r, addr.IPv6)
			}
			target.Wrote = memory.Wrote[target.Key]
			targets = append(targets, target)
		}
	}
	sort.SliceStable(targets, func(i, j int) bool { return targets[i].Key.Compare(targets[j].Key) < 0 })
	return slices.CompactFunc(targets, func(a, b Target) bool { return a.Key == b.Key })
}

func newTarget(r Record, t dns.Type, seen Seen) Target {
	target := Target{Key: dns.Key{Name: r.Name, Type: t}, Attrs: r.Attrs, Enforce: r.Enforce, Create: r.Create, Leftovers: r.Leftovers}
	o, inScope := seen[FamilyOf(t)]
	switch {
	case !inScope:
		target.State = OutOfScope
	case !o.Known():
		target.State = NotKnown
	case len(o.Prefixes()) == 0:
		target.State = Clear
	default:
		target.State, target.Values = Values, dns.OfAddrs(o.Addrs())
	}
	if t == dns.AAAA && len(r.Hosts) > 0 && target.State == Values {
		var addrs []netip.Addr
		addrs, target.Unfit = hostAddrs(o.Prefixes(), r.Hosts)
		target.Values = dns.OfAddrs(addrs)
	}
	if target.Unfit != nil {
		target.State = NotKnown
	}
	return target
}

// hostAddrs is every host behind every prefix, ascending, no two alike. Where
// one has no address there is none at all: which of a name's addresses may be
// missing is not for homing to say.
func hostAddrs(prefixes []netip.Prefix, hosts []HostID) ([]netip.Addr, error) {
	var addrs []netip.Addr
	for _, p := range prefixes {
		for _, h := range hosts {
			a, err := h.In(p)
			if err != nil {
				return nil, err
			}
			if err := asPublic(a, p); err != nil {
				return nil, fmt.Errorf("make an address of %s behind %s: %w", h, p.Masked(), err)
			}
			addrs = append(addrs, a)
		}
	}
	sort.Slice(addrs, func(i, j int) bool { return addrs[i].Less(addrs[j]) })
	return slices.Compact(addrs), nil
}

// asPublic refuses an address that is not public though the one that was
// observed is: a short prefix may reach into a block that is nobody's home. No
// block within public space is longer than a /64.
func asPublic(a netip.Addr, observed netip.Prefix) error {
	if observed.Bits() >= 64 || addr.Public(observed.Addr(), 0) != nil {
		return nil
	}
	if r, ok := errors.AsType[*addr.Refusal](addr.Public(a, 0)); ok {
		return fmt.Errorf("%s is %s", a, r.What)
	}
	return nil
}
