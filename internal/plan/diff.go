package plan

import (
	"slices"
	"sort"

	"github.com/homing-dns/homing/internal/dns"
)

// Zone is what Diff must know of a zone.
type Zone struct {
	Name   dns.Name
	Limits Limits
	// ProxiedOnly says that DNS-only records are stored and nobody is answered
	// with them.
	ProxiedOnly bool
}

// Diff works out the changes that bring one zone to its targets.
//
// current holds every A, AAAA, CNAME and NS record at the names of the
// targets, every TXT record where one is wanted, owned or not, and the NS records between them and the zone. The result does not depend on the order of current or
// targets; carrying it out and asking again yields no change.
//
// Where records bear the mark of an owner in a TXT record beside them, that is a
// set of its own, before theirs or after it.
//
// Within an RRset the order is: update in place, create, delete what is left
// over, so that a name never stands without a record in between; where leftovers
// are kept they stay, unless the RRset is to be cleared. RRsets are
// ordered by key.
func Diff(zone Zone, targets []Target, current []dns.Record, owns func(dns.Record) bool) Plan {
	byName := sortedByName(current)
	// sort.Slice here and elsewhere: it is there once, where slices.SortFunc makes
	// ten functions for each type it sorts, 20 KB of the binary.
	sorted := slices.Clone(targets)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Key.Compare(sorted[j].Key) < 0 })

	var p Plan
	for _, t := range sorted {
		switch {
		case t.Unfit != nil:
			p.Notes = append(p.Notes, noteUnfit(t))
		case !zone.Limits.stores(t.Key.Type):
			p.Notes = append(p.Notes, noteNoType(t))
		case t.State == Clear || t.State == Values && len(t.Values)+len(t.Behind) > 0: // no addresses is not Clear
			s := newRRset(t, zone, slices.Concat(delegation(byName, t.Key.Name, zone.Name), byName[t.Key.Name]), owns)
			if s.Owner != "" {
				s.claim = newClaim(t, zone.Name, byName)
			}
			s.sort(zone)
			if len(t.Behind) == 0 || s.State != Values || s.keepHosts() {
				s.diff()
			}
			p.Sets = append(p.Sets, s.changeSets()...)
			p.Notes = append(p.Notes, s.notes...)
			setNeeds(p.Notes[len(p.Notes)-len(s.notes):], t.Needs)
			p.Kept += s.kept
		}
	}
	return p
}

// setNeeds says what had to be known to give these notes.
func setNeeds(notes []Note, needs []Origin) {
	for i := range notes {
		notes[i].Of = needs
	}
}

// rrset is the work on one RRset: what is wanted, the records at its name by
// what may be done with them, and what comes of it.
type rrset struct {
	Target
	limits      Limits
	proxiedOnly bool
	owns        func(dns.Record) bool

	mine    []dns.Record // ours to change
	foreign []dns.Record // of the same type, but not ours, or read-only
	blocker dns.Record   // a CNAME, an NS record or one of another feature that leaves no room for ours
	keeper  dns.Record   // a record of either family that another feature keeps
	stays   []dns.Record // of this name and type, which stand afterwards as they stood

	here  []dns.Record // all of the above, in order
	claim claim

	changes []Change
	notes   []Note
	kept    int
	shut    bool // nothing may be done here
}

func newRRset(t Target, zone Zone, here []dns.Record, owns func(dns.Record) bool) *rrset {
	s := &rrset{Target: t, limits: zone.Limits, proxiedOnly: zone.ProxiedOnly, owns: owns}
	s.here = slices.Clone(here)
	sort.Slice(s.here, func(i, j int) bool { return less(s.here[i], s.here[j]) })
	if zone.Limits.NoTXT && !s.marksInComment() {
		s.Owner = "" // nobody's mark can stand here
	}
	return s
}

// sort parts what stands at the name by what may be done with it.
func (s *rrset) sort(zone Zone) {
	t := s.Target
	for _, r := range s.here {
		if r.ReadOnly && r.Type.IsAddress() && t.Key.Type.IsAddress() {
			s.keeper = r
		}
		switch {
		case r.Type == dns.CNAME && t.Key.Type == dns.TXT && r.Name == zone.Name: // some hosts answer with what it leads to, and TXT stands beside it
		case r.Type == dns.CNAME, r.Type == dns.NS && r.Name != zone.Name: // the apex has NS records by nature
			s.blocker = r
		case r.Type != t.Key.Type:
		case r.ReadOnly || !s.owns(r) || !s.matchesContent(r) || !s.belongs(r):
			s.foreign = append(s.foreign, r)
		default:
			s.mine = append(s.mine, r)
		}
	}
}

// matchesContent reports whether r says what homing would, with whatever addresses.
func (s *rrset) matchesContent(r dns.Record) bool { return s.Key.Type != dns.TXT || s.Content.owns(r) }

// allRecords returns the records of this name and type, whoever's they are.
func (s *rrset) allRecords() []dns.Record {
	all := slices.Concat(s.mine, s.foreign)
	sort.Slice(all, func(i, j int) bool { return less(all[i], all[j]) })
	return all
}

func (s *rrset) diff() {
	wanted := slices.Clone(s.Values)
	for _, r := range s.foreign { // an identical record of somebody else satisfies, and a second one would be refused
		wanted = remove(wanted, r.Data())
	}
	if s.blocker.Type == "" && len(wanted) > 0 {
		s.blocker = s.keeper
	}
	if s.shut = s.blocked() || s.noteOtherOwner(wanted) || s.noteForeignSPF(wanted); s.shut {
		return
	}
	s.kept += len(s.Values) - len(wanted)
	spared := s.keptForUnknownSites()
	if s.Leftovers != Keep {
		wanted = s.fitWithinLimit(wanted, len(s.foreign)+len(spared))
	}
	keep, stale := s.choose(wanted)
	survivors, rest := s.splitStale(stale, len(wanted)-len(keep))
	s.stays = append(s.unchangedRecords(rest), spared...)
	for _, r := range keep {
		s.enforceOn(r)
		wanted = remove(wanted, r.Data())
	}
	wanted = s.pairWithHosts(survivors, wanted)
	s.updateInPlace(survivors, wanted)
	s.createMissing(wanted[len(survivors):], rest)
	s.deleteOrKeep(rest, s.staysProxied(slices.Concat(keep, survivors, spared)))
	s.noteSharedAttrs()
	s.noteForeign()
	s.noteEnforced()
	s.noteUnserved(keep)
}
