package status

import (
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// conditionChanges is the conditions that began or ended with r, an Event a cause, and
// those that stand after it: those of r, and those it could not see the end of.
func conditionChanges(before []Condition, r *Round) (events []Event, after []Condition) {
	if len(before)+len(r.Conditions) == 0 {
		return nil, nil
	}
	was, is := indexConditions(before), indexConditions(r.Conditions)
	after = r.Conditions
	var over, begun []Condition
	for i := range before {
		switch c := &before[i]; {
		case is.has(c):
		case r.couldMiss(c):
			after = append(after[:len(after):len(after)], *c)
		default:
			over = append(over, *c)
		}
	}
	for i := range r.Conditions {
		c := &r.Conditions[i]
		anew := c.Code == AddressDamped && !c.isIn(before) // another address is held back
		if !was.has(c) || anew {
			begun = append(begun, *c)
		}
	}
	events = appendEvents(nil, begun, Event{At: r.Started, Kind: ConditionBegan, Lasting: codesOf(before)})
	return appendEvents(events, over, Event{At: r.Started, Kind: ConditionOver, Lasting: codesOf(after)}), after
}

// appendEvents adds an Event like e for each cause of these conditions.
func appendEvents(events []Event, cs []Condition, e Event) []Event {
	groups := ByCause(cs)
	for i := range groups {
		g := &groups[i]
		e.Code, e.Conditions, e.Count, e.Failure = g.Code, g.All, len(g.All), g.Code.Failure()
		e.Hint, e.Text = g.Hint, strings.TrimPrefix(g.About()+": "+g.Why(), ": ")
		e.Keys = nil
		for i := range g.All {
			if k := g.All[i].Key; !k.Name.IsZero() {
				e.Keys = append(e.Keys, k)
			}
		}
		events = append(events, e)
	}
	return events
}

// isIn reports whether the very same condition is there.
func (c *Condition) isIn(cs []Condition) bool {
	for i := range cs {
		if cs[i] == *c {
			return true
		}
	}
	return false
}

// conditions are those a round found. One without a subject stands for all of
// its Code: so much the history keeps of them.
type conditions struct {
	ids   map[string]bool
	codes map[Code]bool // of any subject
	bare  map[Code]bool // of none
}

//go:noinline // many callers: see dependencies.md
func indexConditions(cs []Condition) conditions {
	k := conditions{make(map[string]bool, len(cs)), make(map[Code]bool), make(map[Code]bool)}
	for i := range cs {
		c := &cs[i]
		k.ids[c.ID()], k.codes[c.Code] = true, true
		if c.Subject == "" {
			k.bare[c.Code] = true
		}
	}
	return k
}

func (k *conditions) has(c *Condition) bool {
	return k.ids[c.ID()] || k.bare[c.Code] || c.Subject == "" && k.codes[c.Code]
}

func codesOf(cs []Condition) map[Code]bool { return indexConditions(cs).codes }

// OfAddress reports whether the code is about what the addresses of a family are.
func (c Code) OfAddress() bool {
	return c == AddressUnknown || c == AddressDoubted || c == AddressDamped
}

// couldMiss reports whether r could not have found c, even if it still is so: it was
// cut short, or the zone was not read, or the address not known.
func (r *Round) couldMiss(c *Condition) bool {
	if c.Code == Stopped {
		return false
	}
	unread := false
	for i := range r.Conditions {
		d := &r.Conditions[i]
		if d.Code == Stopped {
			return true
		}
		unread = unread || d.Code == ZonesUnread || d.Code == ZoneFailed && strings.HasSuffix(c.Subject, d.Subject)
	}
	switch {
	case !c.Code.Failure() || c.Code.OfAddress():
		return false
	case c.Code == ZonesUnread:
		return r.learntNothing()
	case unread:
		return true
	case c.Key.Type == dns.A:
		return r.addressUnknown("IPv4")
	case c.Key.Type == dns.AAAA:
		return r.addressUnknown("IPv6")
	}
	return r.learntNothing()
}

// addressUnknown reports whether r looked for a family and did not learn its address.
func (r *Round) addressUnknown(family string) bool {
	for f, o := range r.Seen {
		if f.String() == family {
			return !o.Known()
		}
	}
	return false
}

// learntNothing reports whether r learnt no address at all, and so had nothing to do.
func (r *Round) learntNothing() bool {
	for _, o := range r.Seen {
		if o.Known() {
			return false
		}
	}
	return len(r.Seen) > 0
}
