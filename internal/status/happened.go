package status

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

// happened is what the round of after brought, in order: addresses, changes,
// what is published, conditions.
func happened(before, after *Snapshot) []Event {
	var events []Event
	for _, f := range addr.Families() {
		if o, ok := after.Round.Seen[f]; ok {
			events = append(events, moved(f, before.Addrs[f], o, after)...)
		}
	}
	events = append(events, changes(after.Round, after.Finished)...)
	for _, f := range addr.Families() {
		if e, ok := published(f, after); ok {
			events = append(events, e)
		}
	}
	return append(events, turned(before.Round.Conditions, after.Round.Conditions, after.Finished)...)
}

// moved is what became of the addresses of a family.
func moved(f addr.Family, was Addresses, o addr.Observation, after *Snapshot) []Event {
	from := joined(was.Addrs)
	switch {
	case o.Known() && !(was.Known && slices.Equal(was.Addrs, o.Addrs())):
		return []Event{{At: after.Round.Started, Kind: AddressFound, Family: f, From: from, To: joined(o.Addrs())}}
	case !o.Known() && (was.Known || after.Round.Number == 1):
		e := Event{At: after.Round.Started, Kind: AddressLost, Family: f, From: from, Text: o.Why().Error()}
		for _, c := range after.Round.Conditions {
			if c.Code.ofAddress() && c.Subject == f.String() {
				e.Code = c.Code
			}
		}
		return []Event{e}
	}
	return nil
}

// changes is the confirmed changes of r, or as many as a person may read.
func changes(r Round, at time.Time) []Event {
	var events []Event
	done := 0
	for _, z := range r.Zones {
		for _, d := range z.Done {
			if d.Err != nil {
				continue
			}
			if done++; done <= toldChanges {
				e := Event{At: at, Kind: RecordChanged, Key: d.Key(), Text: d.Reason}
				if d.Action != plan.ToCreate {
					e.From = d.Old.Content()
				}
				if d.Action != plan.ToDelete {
					e.To = d.New.Content()
				}
				events = append(events, e)
			}
		}
	}
	if more := done - len(events); more > 0 {
		events = append(events, Event{At: at, Kind: RecordsChanged, Text: fmt.Sprintf("and %d more", more)})
	}
	for _, l := range r.Lists {
		for _, d := range l.Done {
			if d.Err == nil {
				from, to := ends(d.ListChange)
				events = append(events, Event{At: at, Kind: ItemChanged, List: l.Name, From: from, To: to, Text: d.Reason})
			}
		}
	}
	return events
}

// ends is what an item of a list was and is, of which a change has only one.
func ends(c plan.ListChange) (from, to string) {
	if c.Action == plan.ToDelete {
		return c.Item.Prefix.String(), ""
	}
	return "", c.Item.Prefix.String()
}

// published says whether the round brought the records of a family to its
// addresses, and how long after these were first seen.
func published(f addr.Family, after *Snapshot) (Event, bool) {
	r := after.Round
	o, wrote := r.Seen[f], false
	for _, z := range r.Zones {
		for _, d := range z.Done {
			if plan.FamilyOf(d.Key().Type) == f && d.Action != plan.ToDelete {
				if d.Err != nil {
					return Event{}, false
				}
				wrote = true
			}
		}
	}
	if !wrote || !o.Known() {
		return Event{}, false
	}
	e := Event{At: after.Finished, Kind: FamilyPublished, Family: f, To: joined(o.Addrs())}
	for _, a := range o.Addrs() {
		if first, ok := after.sights[a]; ok {
			e.Took = max(e.Took, after.Finished.Sub(first))
		}
	}
	return e, true
}

// turned is the conditions that began or ended. Those of addresses are told as
// such.
func turned(before, after []Condition, at time.Time) []Event {
	var events []Event
	add := func(kind EventKind, of, but []Condition) {
		for _, c := range of {
			if !c.Code.ofAddress() && !slices.ContainsFunc(but, func(d Condition) bool { return d.ID() == c.ID() }) {
				events = append(events, Event{At: at, Kind: kind, Code: c.Code, Key: c.Key, Text: c.Subject + ": " + c.Text, Failure: c.Code.Failure()})
			}
		}
	}
	add(ConditionOver, limited(before, toldChanges), after)
	add(ConditionBegan, limited(after, toldChanges), before)
	return events
}

func (c Code) ofAddress() bool {
	return c == AddressUnknown || c == AddressDoubted || c == AddressDamped
}

// sighted is when each address that anybody named in r was first named, as
// long as it was named in every round since.
func sighted(before map[netip.Addr]time.Time, r Round) map[netip.Addr]time.Time {
	now := make(map[netip.Addr]time.Time)
	see := func(o addr.Observation) {
		for _, a := range o.Addrs() {
			if first, ok := before[a]; ok {
				now[a] = first
			} else {
				now[a] = r.Started
			}
		}
	}
	for _, o := range r.Seen {
		see(o)
		for _, v := range o.Votes() {
			see(v.Said)
		}
	}
	return now
}

// located is what is known of each family after r.
func located(before map[addr.Family]Addresses, r Round) map[addr.Family]Addresses {
	now := make(map[addr.Family]Addresses, len(r.Seen))
	for f, o := range r.Seen {
		a := before[f]
		switch {
		case !o.Known():
			if a.Known || a.Lost.IsZero() {
				a.Known, a.Lost = false, r.Started
			}
		case a.Since.IsZero() || !slices.Equal(a.Addrs, o.Addrs()):
			a = Addresses{Addrs: o.Addrs(), Known: true, Since: r.Started}
		default:
			a.Known, a.Lost = true, time.Time{}
		}
		now[f] = a
	}
	return now
}

func joined(addrs []netip.Addr) string {
	words := make([]string, len(addrs))
	for i, a := range addrs {
		words[i] = a.String()
	}
	return strings.Join(words, ", ")
}

func parseAddrs(s string) ([]netip.Addr, error) {
	var addrs []netip.Addr
	for word := range strings.SplitSeq(s, ", ") {
		a, err := netip.ParseAddr(word)
		if err != nil {
			return nil, fmt.Errorf("read the addresses %q: %w", s, err)
		}
		addrs = append(addrs, a)
	}
	return addrs, nil
}
