package plan

import (
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
	Addresses               // exactly these addresses
	Clear                   // no record: the person said static.empty
)

func (s State) String() string {
	switch s {
	case OutOfScope:
		return "out of scope"
	case Addresses:
		return "addresses"
	case Clear:
		return "clear"
	}
	return "not known"
}

// Target is what one RRset should be.
type Target struct {
	Key     dns.Key
	State   State
	Addrs   []netip.Addr // in State Addresses: ascending, no two alike, at least one
	Attrs   Attrs
	Enforce Fields
	Create  Create
}

// Seen is what a round knows of each family. A family that is absent is out of
// scope; one that is there and zero is not known.
type Seen map[addr.Family]addr.Observation

// Targets works out the target of every RRset of the Spec, ordered by key.
// Where two records of the Spec name the same RRset the first one counts.
func Targets(spec Spec, seen Seen) []Target {
	var targets []Target
	for _, r := range spec.Records {
		for _, t := range r.Types {
			target := Target{Key: dns.Key{Name: r.Name, Type: t}, Attrs: r.Attrs, Enforce: r.Enforce, Create: r.Create}
			o, inScope := seen[FamilyOf(t)]
			switch {
			case !inScope:
				target.State = OutOfScope
			case !o.Known():
				target.State = NotKnown
			case len(o.Prefixes()) == 0:
				target.State = Clear
			default:
				target.State, target.Addrs = Addresses, o.Addrs()
			}
			targets = append(targets, target)
		}
	}
	sort.SliceStable(targets, func(i, j int) bool { return targets[i].Key.Compare(targets[j].Key) < 0 })
	return slices.CompactFunc(targets, func(a, b Target) bool { return a.Key == b.Key })
}
