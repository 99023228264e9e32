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
	Addrs      map[plan.Origin]Addresses
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
	after := Standing{Addrs: addressesAfter(before.Addrs, &r), begun: true, sights: firstSeen(before.sights, &r)}
	var events []Event
	for _, o := range r.Seen.Origins() {
		if e, ok := addressChange(o, &before, &r); ok {
			events = append(events, e)
		}
	}
	events = append(events, recordChanges(&r, after.sights)...)
	for _, o := range r.Seen.Origins() {
		if e, ok := publicationEvent(o, &r, after.sights); ok {
			events = append(events, e)
		}
	}
	turned, last := conditionChanges(before.Conditions, &r)
	after.Conditions = last
	return append(events, turned...), after
}

// end is when the round was over.
func (r *Round) end() time.Time { return r.Started.Add(r.Took) }

// addressChange is what became of the addresses of an origin.
func addressChange(of plan.Origin, before *Standing, r *Round) (e Event, ok bool) {
	was, o := before.Addrs[of], r.Seen[of]
	e = Event{At: r.Started, Kind: AddressFound, Of: of, From: joinAddrs(was.Addrs)}
	switch alike := slices.Equal(was.Addrs, o.Addrs()); {
	case o.Known() && !(was.Known && alike):
		e.To, e.Moved = joinAddrs(o.Addrs()), was.Since.IsZero() || !alike
		return e, true
	case !o.Known() && (was.Known || !before.begun):
		e.Kind, e.Text = AddressLost, o.Why().Error()
		for i := range r.Conditions {
			if c := &r.Conditions[i]; c.Code.OfAddress() && c.Subject == of.String() {
				e.Code = c.Code
			}
		}
		return e, true
	}
	return e, false
}

// recordChanges is the confirmed changes of r: those of records that are alike
// together, and one for each item of a list, of which there are few.
func recordChanges(r *Round, sights map[netip.Addr]time.Time) []Event {
	type alike struct{ action, kind, step, reason, site string }
	place := make(map[alike]int)
	var events []Event
	for _, z := range r.Zones {
		for i := range z.Done {
			d := &z.Done[i]
			if d.Err != nil {
				continue
			}
			k := alike{d.Action.String(), string(d.Key().Type), d.Step(), d.Reason, d.origin().Site}
			i, known := place[k]
			if !known {
				i = len(events)
				place[k] = i
				events = append(events, changeEvent(d, r, sights))
			}
			events[i].Keys = append(events[i].Keys, d.Key())
			events[i].Count++
		}
	}
	for _, l := range r.Lists {
		for i := range l.Done {
			d := &l.Done[i]
			if d.Err != nil {
				continue
			}
			e := Event{At: r.end(), Kind: ItemChanged, Action: d.Action, List: l.Name, Step: d.Step(), Text: d.Reason, Count: 1}
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

// origin is the one site with a name that a change comes from; zero where there
// is none, or several.
func (d *Done) origin() plan.Origin {
	if len(d.Needs) != 1 || d.Needs[0].Site == "" {
		return plan.Origin{}
	}
	return d.Needs[0]
}

// changeEvent is the Event of changes that are like d.
func changeEvent(d *Done, r *Round, sights map[netip.Addr]time.Time) Event {
	e := Event{At: r.end(), Kind: RecordChanged, Of: d.origin(), Action: d.Action, Step: d.Step(), Text: d.Reason}
	if d.Action != plan.ToCreate {
		e.From = d.Old.Content()
	}
	if d.Action != plan.ToDelete {
		e.To = d.New.Content()
	}
	if seen, ok := sights[d.New.Addr]; ok && e.From != e.To {
		e.Took, e.Truth = r.end().Sub(seen), r.Truth
	}
	return e
}

// publicationEvent says whether the round brought the records of an origin to its
// addresses, and how long after these were first seen.
func publicationEvent(of plan.Origin, r *Round, sights map[netip.Addr]time.Time) (Event, bool) {
	o, wrote := r.Seen[of], false
	for _, z := range r.Zones {
		for i := range z.Done {
			if d := &z.Done[i]; slices.Contains(d.Needs, of) && d.Action != plan.ToDelete {
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
	e := Event{At: r.end(), Kind: FamilyPublished, Of: of, To: joinAddrs(o.Addrs()), Truth: r.Truth}
	for _, a := range o.Addrs() {
		if first, ok := sights[a]; ok {
			e.Took = max(e.Took, r.end().Sub(first))
		}
	}
	return e, true
}

// firstSeen is when each address that anybody named in r was first named, as
// long as it was named in every round since.
func firstSeen(before map[netip.Addr]time.Time, r *Round) map[netip.Addr]time.Time {
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

// addressesAfter is what is known of each origin after r.
func addressesAfter(before map[plan.Origin]Addresses, r *Round) map[plan.Origin]Addresses {
	now := make(map[plan.Origin]Addresses, len(r.Seen))
	for of, o := range r.Seen {
		a := before[of]
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
		now[of] = a
	}
	return now
}

func joinAddrs(addrs []netip.Addr) string { return strings.Join(texts(addrs), ", ") }

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
