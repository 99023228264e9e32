package status

import (
	"sort"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// State is how an RRset stands to what is wanted of it. Its zero value claims
// nothing.
type State uint8

const (
	NotKnown   State = iota // the addresses, or what the host holds, are not known
	Right                   // it is as it should be
	Wrong                   // it is not
	OutOfScope              // the settings leave its family alone
)

func (s State) String() string {
	switch s {
	case Right:
		return "right"
	case Wrong:
		return "wrong"
	case OutOfScope:
		return "out of scope"
	}
	return "not known"
}

// RRset is one managed name and type: what is wanted, what stands, and what
// happened to it.
type RRset struct {
	Account    string
	Zone       dns.Name // zero where that is not known
	Key        dns.Key
	State      State
	Wanted     []dns.Data
	Records    []dns.Record // of this name and type, ours or not
	Read       bool         // whether Records are known
	Changed    time.Time    // when homing changed it last; zero where it never did
	Conditions []Condition  // that are about it
}

// Tally is the number of RRsets in each State.
type Tally struct{ Right, Wrong, NotKnown, OutOfScope int }

// All is the number of RRsets that homing is to keep right.
func (t Tally) All() int { return t.Right + t.Wrong + t.NotKnown }

// Tally counts the RRsets. It is worked out once for a Snapshot.
func (s *Snapshot) Tally() Tally { return s.tally() }

func (s *Snapshot) countStates() Tally {
	var t Tally
	s.eachRRset(func(r *RRset) { t = t.With(r.State) })
	return t
}

// RRsets is every managed RRset, by account, zone and key. It is made anew by
// each call, so that a Snapshot nobody looks at costs nothing.
func (s *Snapshot) RRsets() []RRset {
	var sets []RRset
	s.eachRRset(func(r *RRset) { sets = append(sets, *r) })
	sort.SliceStable(sets, func(i, j int) bool {
		a, b := &sets[i], &sets[j]
		if a.Account != b.Account {
			return a.Account < b.Account
		}
		if a.Zone != b.Zone {
			return a.Zone.Compare(b.Zone) < 0
		}
		return a.Key.Compare(b.Key) < 0
	})
	return sets
}

// eachRRset tells of every managed RRset, in no order.
func (s *Snapshot) eachRRset(tell func(*RRset)) {
	about, lost := make(map[accountRRset][]Condition), make(map[string][]Condition)
	for i := range s.Round.Conditions {
		switch c := &s.Round.Conditions[i]; {
		case !c.Key.Name.IsZero():
			k := accountRRset{c.Account, c.Key}
			about[k] = append(about[k], *c)
		case c.Code == NameUnplaced:
			k := scopedName(c.Account, strings.TrimSuffix(c.Subject, " of "+c.Account))
			lost[k] = append(lost[k], *c)
		}
	}
	changed := s.changed.times()
	for _, w := range s.Wanted {
		zones := s.zonesOf(w.Account)
		for _, t := range plan.Targets(w.Spec, s.Round.all(), plan.Memory{}) {
			r := RRset{Account: w.Account, Key: t.Key, Wanted: t.Values, Changed: changed[t.Key], Conditions: about[accountRRset{w.Account, t.Key}]}
			if len(lost) > 0 {
				r.Conditions = append(r.Conditions[:len(r.Conditions):len(r.Conditions)], lost[scopedName(w.Account, t.Key.Name.Describe())]...)
			}
			r.setCurrent(zones)
			r.Wanted = t.KeepHosts(r.Records)
			r.State = r.stateIn(&t, &s.Round)
			tell(&r)
		}
	}
}

// accountRRset is an RRset of an account: what fails at one says nothing of others that
// have the same name.
type accountRRset struct {
	account string
	key     dns.Key
}

// scopedName is a name of an account.
func scopedName(account, what string) string { return account + "\n" + what }

// zoneRecords is a zone with its records by key.
type zoneRecords struct {
	name    dns.Name
	read    bool
	records map[dns.Key][]dns.Record
}

// zonesOf is the zones of an account that the round knew of, longest name first.
func (s *Snapshot) zonesOf(account string) []*zoneRecords {
	byName := make(map[dns.Name]*zoneRecords)
	for _, z := range s.Round.Zones {
		if z.Account == account && !z.Name.IsZero() {
			byName[z.Name] = &zoneRecords{name: z.Name}
		}
	}
	for _, h := range s.Held {
		if h.Account != account {
			continue
		}
		records := make(map[dns.Key][]dns.Record, len(h.Records))
		for i := range h.Records {
			if k := h.Records[i].Key(); records[k] == nil {
				records[k] = h.Records[i : i+1 : i+1] // most RRsets are one record, which then costs nothing
			} else {
				records[k] = append(records[k], h.Records[i])
			}
		}
		byName[h.Zone] = &zoneRecords{h.Zone, true, records}
	}
	zones := make([]*zoneRecords, 0, len(byName))
	for _, z := range byName {
		zones = append(zones, z)
	}
	sort.Slice(zones, func(i, j int) bool { return len(zones[i].name.String()) > len(zones[j].name.String()) })
	return zones
}

// setCurrent finds what stands at the RRset.
func (r *RRset) setCurrent(zones []*zoneRecords) {
	for _, z := range zones {
		if r.Key.Name.IsWithin(z.name) {
			r.Zone, r.Read, r.Records = z.name, z.read, z.records[r.Key]
			return
		}
	}
}

func (r *RRset) stateIn(t *plan.Target, round *Round) State {
	switch {
	case t.State == plan.OutOfScope && !round.Started.IsZero():
		return OutOfScope
	case failing(r.Conditions):
		return Wrong
	case t.State == plan.NotKnown || t.State == plan.OutOfScope || !r.Read:
		return NotKnown
	case t.State == plan.Values && !r.hasAll(r.Wanted):
		return Wrong
	case t.Partial:
		return NotKnown // what the sites say that are not known
	}
	return Right
}

// hasAll reports whether each of these is there, or one where the host has no
// room for more.
func (r *RRset) hasAll(all []dns.Data) bool {
	said := 0
	for _, d := range all {
		if r.hasData(d) {
			said++
		}
	}
	if has(r.Conditions, AddressLeftOut) {
		return said > 0
	}
	return said == len(all)
}

func (r *RRset) hasData(d dns.Data) bool {
	for i := range r.Records {
		if r.Records[i].Data() == d {
			return true
		}
	}
	return false
}

// With is t with one more RRset in this State.
func (t Tally) With(s State) Tally {
	switch s {
	case Right:
		t.Right++
	case Wrong:
		t.Wrong++
	case OutOfScope:
		t.OutOfScope++
	default:
		t.NotKnown++
	}
	return t
}
