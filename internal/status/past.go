package status

import (
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// pastMost is how many events of the past are told at least, if there are so
// many; it is more than anybody is shown.
const pastMost = 10_001

// Past is what the history says of the time from then on and is wanted, as a
// Board tells it, oldest first; the newest where it is very much. What each
// family had before is told too.
func (h *History) Past(from time.Time, wanted func(Event) bool) ([]Event, error) {
	p := pastEvents{from: from, wanted: wanted, has: make(map[plan.Origin][]string), open: make(map[outage]bool), place: make(map[plan.Origin]int)}
	_, err := h.read(time.Time{}, p.add)
	return p.out, err
}

type pastEvents struct {
	from   time.Time
	wanted func(Event) bool
	has    map[plan.Origin][]string // the latest addresses of each family
	open   map[outage]bool          // what has begun of these and not ended
	out    []Event
	place  map[plan.Origin]int // in out, of the event that before keeps
}

func (p *pastEvents) add(e *entry) {
	v := Event{At: e.At}
	switch e.Kind {
	case entryAddress:
		of := e.origin()
		v.Kind, v.Of, v.Moved = AddressFound, of, true
		v.From, v.To = strings.Join(p.has[of], ", "), strings.Join(e.Addresses, ", ")
		p.has[of] = e.Addresses
	case entryPublished:
		p.publication(e)
		return
	case entryBegan, entryEnded:
		if !p.conditionEvent(e, &v) {
			return
		}
	case entryStart:
		v.Kind = HomingBegan
	case entryEdited:
		v.Kind, v.From, v.To = SettingsEdited, e.Old, e.New
	case entryStop:
		v.Kind, v.Text = HomingEnded, e.Text
	default:
		return // of another release
	}
	p.tell(&v)
}

func (p *pastEvents) tell(v *Event) {
	if !p.wanted(*v) {
		return
	}
	if !v.At.Before(p.from) {
		p.out = append(p.out, *v)
		p.trim()
	} else if v.Kind == AddressFound || v.Kind == AddressLost {
		p.keepLatestBefore(v)
	}
}

// trim leaves the newest, and what each family had before.
func (p *pastEvents) trim() {
	if len(p.out) < pastMost+pastMost/4 {
		return
	}
	kept := p.out[:0]
	for i := range p.out {
		v := &p.out[i]
		if of, early := p.place[v.Of]; i >= len(p.out)-pastMost || early && of == i {
			if early && of == i {
				p.place[v.Of] = len(kept)
			}
			kept = append(kept, *v)
		}
	}
	clear(p.out[len(kept):])
	p.out = kept
}

// keepLatestBefore keeps only the latest event of a family from before the time that was
// asked for; it stands where the one before it stood.
func (p *pastEvents) keepLatestBefore(v *Event) {
	i, known := p.place[v.Of]
	if !known {
		i = len(p.out)
		p.place[v.Of] = i
		p.out = append(p.out, Event{})
	}
	p.out[i] = *v
}

// conditionEvent is a condition, or, where it is about a family's addresses, what
// became of these; false where another trouble took its place.
func (p *pastEvents) conditionEvent(e *entry, v *Event) bool {
	if p.open[outage{e.Code, e.Subject}] = true; e.Kind == entryEnded {
		delete(p.open, outage{e.Code, e.Subject})
	}
	of, began := originNamed(e.Subject), e.Kind == entryBegan
	if of.Family == 0 || !e.Code.OfAddress() {
		v.Kind, v.Code, v.Text, v.Failure = ConditionBegan, e.Code, e.Text, began
		if !began {
			v.Kind, v.Text = ConditionOver, string(e.Code)
		}
		return true
	}
	now := strings.Join(p.has[of], ", ")
	v.Of, v.From = of, now
	if began {
		v.Kind, v.Code, v.Text = AddressLost, e.Code, e.Text
		return true
	}
	v.Kind, v.To = AddressFound, now
	return !p.open[outage{AddressUnknown, e.Subject}] && !p.open[outage{AddressDoubted, e.Subject}]
}

// publication tells of the changes, and how long it took until an address was
// published.
func (p *pastEvents) publication(e *entry) {
	v := Event{At: e.At, Kind: ItemChanged, Action: action(e.Action), List: e.List, Count: 1, From: e.Old, To: e.New, Text: e.Text}
	if e.List != "" {
		p.tell(&v)
		return
	}
	v.Kind, v.Of.Site, v.Count = RecordChanged, e.Site, e.Count
	for _, n := range e.Names[:min(len(e.Names), toldMost)] {
		if name, err := dns.ParseName(n); err == nil {
			v.Keys = append(v.Keys, dns.Key{Name: name, Type: dns.Type(e.Type)})
		} else {
			v.Count--
		}
	}
	if len(v.Keys) > 0 {
		p.tell(&v)
	}
	if f := plan.FamilyOf(dns.Type(e.Type)); f != 0 && e.TookMS > 0 && e.Action != plan.ToDelete.String() {
		p.tell(&Event{At: e.At, Kind: FamilyPublished, Of: plan.Origin{Site: e.Site, Family: f}, To: e.New,
			Took: time.Duration(e.TookMS) * time.Millisecond, Truth: time.Duration(e.TruthMS) * time.Millisecond})
	}
}

// origin is what an Address entry is about.
func (e *entry) origin() plan.Origin {
	o := originNamed(e.Family)
	o.Site = e.Site
	return o
}

// originNamed is the origin that says s of itself; zero where none does.
func originNamed(s string) plan.Origin {
	family, site, _ := strings.Cut(s, " of ")
	for _, f := range addr.Families() {
		if f.String() == family {
			return plan.Origin{Site: site, Family: f}
		}
	}
	return plan.Origin{}
}
