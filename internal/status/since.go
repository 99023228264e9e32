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

// Standing is what is so after some rounds, as far as it tells what is new in
// the next one. Its zero value is before the first. It is never changed.
type Standing struct {
	Addrs      map[addr.Family]Addresses
	Conditions []Condition // of the latest round, and those it could not see the end of
	begun      bool        // there was a round
	sights     map[netip.Addr]time.Time
}

// Since is what began, ended or changed with a round, in order: addresses,
// changes, what is published, conditions; and what is so after it. A round that
// was only planned changes nothing.
func Since(before Standing, r Round) ([]Event, Standing) {
	if r.Dry || r.Started.IsZero() {
		return nil, before
	}
	after := Standing{Addrs: located(before.Addrs, r), begun: true, sights: sighted(before.sights, r)}
	var events []Event
	for _, f := range addr.Families() {
		if _, ok := r.Seen[f]; ok {
			events = append(events, moved(f, before, r)...)
		}
	}
	events = append(events, changes(r, after.sights)...)
	for _, f := range addr.Families() {
		if e, ok := published(f, r, after.sights); ok {
			events = append(events, e)
		}
	}
	turned, last := turned(before.Conditions, r)
	after.Conditions = last
	return append(events, turned...), after
}

// ended is when the round was over.
func (r Round) ended() time.Time { return r.Started.Add(r.Took) }

// moved is what became of the addresses of a family.
func moved(f addr.Family, before Standing, r Round) []Event {
	was, o := before.Addrs[f], r.Seen[f]
	switch {
	case o.Known() && !(was.Known && slices.Equal(was.Addrs, o.Addrs())):
		return []Event{{At: r.Started, Kind: AddressFound, Family: f, From: joined(was.Addrs), To: joined(o.Addrs()),
			Moved: was.Since.IsZero() || !slices.Equal(was.Addrs, o.Addrs())}}
	case !o.Known() && (was.Known || !before.begun):
		e := Event{At: r.Started, Kind: AddressLost, Family: f, From: joined(was.Addrs), Text: o.Why().Error()}
		for _, c := range r.Conditions {
			if c.Code.OfAddress() && c.Subject == f.String() {
				e.Code = c.Code
			}
		}
		return []Event{e}
	}
	return nil
}

// changes is the confirmed changes of r: those of records that are alike
// together, and one for each item of a list, of which there are few.
func changes(r Round, sights map[netip.Addr]time.Time) []Event {
	type alike struct{ action, kind, step, reason string }
	place := make(map[alike]int)
	var events []Event
	for _, z := range r.Zones {
		for _, d := range z.Done {
			if d.Err != nil {
				continue
			}
			k := alike{d.Action.String(), string(d.Key().Type), d.Step(), d.Reason}
			i, known := place[k]
			if !known {
				i = len(events)
				place[k] = i
				events = append(events, changed(d, r, sights))
			}
			events[i].Keys = append(events[i].Keys, d.Key())
			events[i].Count++
		}
	}
	for _, l := range r.Lists {
		for _, d := range l.Done {
			if d.Err != nil {
				continue
			}
			e := Event{At: r.ended(), Kind: ItemChanged, Action: d.Action, List: l.Name, Step: d.Step(), Text: d.Reason, Count: 1}
			if d.Action == plan.ToDelete {
				e.From = d.Item.Prefix.String()
			} else {
				e.To = d.Item.Prefix.String()
			}
			events = append(events, e)
		}
	}
	return events
}

// changed is the Event of changes that are like d.
func changed(d Done, r Round, sights map[netip.Addr]time.Time) Event {
	e := Event{At: r.ended(), Kind: RecordChanged, Action: d.Action, Step: d.Step(), Text: d.Reason}
	if d.Action != plan.ToCreate {
		e.From = d.Old.Content()
	}
	if d.Action != plan.ToDelete {
		e.To = d.New.Content()
	}
	if seen, ok := sights[d.New.Addr]; ok && e.From != e.To {
		e.Took = r.ended().Sub(seen)
	}
	return e
}

// published says whether the round brought the records of a family to its
// addresses, and how long after these were first seen.
func published(f addr.Family, r Round, sights map[netip.Addr]time.Time) (Event, bool) {
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
	e := Event{At: r.ended(), Kind: FamilyPublished, Family: f, To: joined(o.Addrs())}
	for _, a := range o.Addrs() {
		if first, ok := sights[a]; ok {
			e.Took = max(e.Took, r.ended().Sub(first))
		}
	}
	return e, true
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

func joined(addrs []netip.Addr) string { return strings.Join(texts(addrs), ", ") }

// parseAddrs reads what joined wrote.
func parseAddrs(s string) (addrs []netip.Addr, err error) {
	if s == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(s, ", ") {
		a, err := netip.ParseAddr(word)
		if err != nil {
			return nil, fmt.Errorf("read the addresses %q: %w", s, err)
		}
		addrs = append(addrs, a)
	}
	return addrs, nil
}

func texts[T fmt.Stringer](as []T) []string {
	var out []string
	for _, a := range as {
		out = append(out, a.String())
	}
	return out
}
