package plan

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// Memory is what homing knows of its own writing. It says which of several
// records is changed, and which of them a cleanup may delete where others are
// kept; it never decides whether anything is changed. Its zero value knows nothing.
// It is never changed.
type Memory struct {
	Last  map[Origin][]addr.Stay // what was published or seen right of each origin, newest first
	Wrote map[dns.Key][]dns.Data // what was written and not replaced, where leftovers are kept
	// Had is what each origin was seen to have in this process, newest first, where
	// something says the addresses of several: which of them an address may be that
	// stands there while one is not known. Unlike the rest it decides whether something
	// may be removed, and no history has it.
	Had map[Origin][]addr.Stay
}

// lastKept is how many stays of an origin are remembered: a name whose
// change was refused still says one from before.
const lastKept = 8

// Published returns m once the addresses of an origin were published or seen right.
// One that was there before keeps its place as well: it came back.
func (m Memory) Published(of Origin, o addr.Observation, now time.Time) Memory {
	before := m.Last[of]
	if len(o.Prefixes()) == 0 || len(before) > 0 && before[0].Seen.Same(o) {
		return m
	}
	stay := addr.Stay{Seen: addr.Known(o.Prefixes()...), Since: now}
	m.Last = cloneMap(m.Last)
	m.Last[of] = slices.Insert(slices.Clone(before[:min(len(before), lastKept-1)]), 0, stay)
	return m
}

// Observed returns m once an origin was seen to have these addresses.
func (m Memory) Observed(of Origin, o addr.Observation) Memory {
	before := m.Had[of]
	if len(o.Prefixes()) == 0 || len(before) > 0 && before[0].Seen.Same(o) {
		return m
	}
	m.Had = cloneMap(m.Had)
	m.Had[of] = slices.Insert(slices.Clone(before[:min(len(before), lastKept-1)]), 0, addr.Stay{Seen: addr.Known(o.Prefixes()...)})
	return m
}

// observedPrefixes returns all that these origins were seen to have in this process.
func (m Memory) observedPrefixes(origins []Origin) (all []netip.Prefix) {
	for _, o := range origins {
		for _, stay := range m.Had[o] {
			all = append(all, stay.Seen.Prefixes()...)
		}
	}
	return all
}

// Written returns m once these changes were confirmed. An update that leaves the
// address as it was is no writing of homing's.
func (m Memory) Written(changes ...Change) Memory {
	if len(changes) > 0 {
		m.Wrote = cloneMap(m.Wrote)
	}
	for _, c := range changes {
		wrote := slices.Clone(m.Wrote[c.Key()])
		if c.Action == ToDelete || c.Fields().Has(Content) {
			wrote = remove(wrote, c.Old.Data())
		}
		if c.Action == ToCreate || c.Fields().Has(Content) {
			wrote = append(wrote, c.New.Data())
		}
		if m.Wrote[c.Key()] = wrote; len(wrote) == 0 {
			delete(m.Wrote, c.Key())
		}
	}
	return m
}

// Recall returns m with what past knows of origins and keys of which m knows nothing.
func (m Memory) Recall(past Memory) Memory {
	last, wrote := cloneMap(past.Last), cloneMap(past.Wrote)
	maps.Copy(last, m.Last)
	maps.Copy(wrote, m.Wrote)
	return Memory{Last: last, Wrote: wrote, Had: m.Had}
}

func cloneMap[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return make(map[K]V)
	}
	return maps.Clone(m)
}

// formerHostAddrs returns the addresses the hosts of r had behind what these origins had.
func (m Memory) formerHostAddrs(r Record, needs []Origin) []dns.Data {
	var all []dns.Data
	for _, o := range expandFirsts(needs) {
		for _, s := range m.Last[o] {
			prefixes, beside := s.Seen.Prefixes(), []netip.Addr(nil)
			if o.IsNeighbour() {
				prefixes, beside = nil, s.Seen.Addrs()
			}
			addrs, _ := r.addrs(prefixes, beside) // those that have no address had no record either
			all = append(all, dns.DataOfAddrs(addrs)...)
		}
	}
	return all
}
