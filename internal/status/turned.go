package status

import (
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// turned is the conditions that began or ended with r, an Event a cause, and
// those that stand after it: those of r, and those it could not see the end of.
func turned(before []Condition, r *Round) (events []Event, after []Condition) {
	if len(before)+len(r.Conditions) == 0 {
		return nil, nil
	}
	was, is := known(before), known(r.Conditions)
	after = r.Conditions
	var over, begun []Condition
	for _, c := range before {
		switch {
		case is.has(c):
		case r.blind(c):
			after = append(after[:len(after):len(after)], c)
		default:
			over = append(over, c)
		}
	}
	for _, c := range r.Conditions {
		anew := c.Code == AddressDamped && !slices.Contains(before, c) // another address is held back
		if !was.has(c) || anew {
			begun = append(begun, c)
		}
	}
	still, had := codesOf(after), codesOf(before)
	for _, g := range ByCause(begun) {
		events = append(events, g.event(ConditionBegan, r, had))
	}
	for _, g := range ByCause(over) {
		events = append(events, g.event(ConditionOver, r, still))
	}
	return events, after
}

func (g *Group) event(kind EventKind, r *Round, lasting map[Code]bool) Event {
	e := Event{At: r.Started, Kind: kind, Code: g.Code, Conditions: g.All, Count: len(g.All), Failure: g.Code.Failure(),
		Hint: g.Hint, Text: strings.TrimPrefix(g.About()+": "+g.Why(), ": "), Lasting: lasting}
	for _, c := range g.All {
		if !c.Key.Name.IsZero() {
			e.Keys = append(e.Keys, c.Key)
		}
	}
	return e
}

// conditions are those a round found. One without a subject stands for all of
// its Code: so much the history keeps of them.
type conditions struct {
	ids   map[string]bool
	codes map[Code]bool // of any subject
	bare  map[Code]bool // of none
}

//go:noinline // many callers: see dependencies.md
func known(cs []Condition) conditions {
	k := conditions{make(map[string]bool, len(cs)), make(map[Code]bool), make(map[Code]bool)}
	for _, c := range cs {
		k.ids[c.ID()], k.codes[c.Code] = true, true
		if c.Subject == "" {
			k.bare[c.Code] = true
		}
	}
	return k
}

func (k conditions) has(c Condition) bool {
	return k.ids[c.ID()] || k.bare[c.Code] || c.Subject == "" && k.codes[c.Code]
}

func codesOf(cs []Condition) map[Code]bool { return known(cs).codes }

// OfAddress reports whether the code is about what the addresses of a family are.
func (c Code) OfAddress() bool {
	return c == AddressUnknown || c == AddressDoubted || c == AddressDamped
}

// blind reports whether r could not have found c, even if it still is so: it was
// cut short, or the zone was not read, or the address not known.
func (r *Round) blind(c Condition) bool {
	if c.Code == Stopped {
		return false
	}
	unread := false
	for _, d := range r.Conditions {
		if d.Code == Stopped {
			return true
		}
		unread = unread || d.Code == ZonesUnread || d.Code == ZoneFailed && strings.HasSuffix(c.Subject, d.Subject)
	}
	switch {
	case !c.Code.Failure() || c.Code.OfAddress():
		return false
	case c.Code == ZonesUnread:
		return r.lost()
	case unread:
		return true
	case c.Key.Type == dns.A:
		return r.unknown("IPv4")
	case c.Key.Type == dns.AAAA:
		return r.unknown("IPv6")
	}
	return r.lost()
}

// unknown reports whether r looked for a family and did not learn its address.
func (r *Round) unknown(family string) bool {
	for f, o := range r.Seen {
		if f.String() == family {
			return !o.Known()
		}
	}
	return false
}

// lost reports whether r learnt no address at all, and so had nothing to do.
func (r *Round) lost() bool {
	for _, o := range r.Seen {
		if o.Known() {
			return false
		}
	}
	return len(r.Seen) > 0
}
