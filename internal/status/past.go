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
	p := pastEvents{from: from, wanted: wanted, has: make(map[string]entry), open: make(map[outage]bool), place: make(map[plan.Origin]int)}
	_, err := h.read(time.Time{}, p.add)
	return p.out, err
}

type pastEvents struct {
	from   time.Time
	wanted func(Event) bool
	has    map[string]entry // the latest addresses of each family
	open   map[outage]bool  // what has begun of these and not ended
	out    []Event
	place  map[plan.Origin]int // in out, of the event that before keeps
}

func (p *pastEvents) add(e entry) {
	for _, v := range p.events(e) {
		if !p.wanted(v) {
			continue
		}
		if !e.At.Before(p.from) {
			p.out = append(p.out, v)
			p.trim()
		} else if v.Kind == AddressFound || v.Kind == AddressLost {
			p.before(v)
		}
	}
}

// trim leaves the newest, and what each family had before.
func (p *pastEvents) trim() {
	if len(p.out) < pastMost+pastMost/4 {
		return
	}
	kept := p.out[:0]
	for i, v := range p.out {
		if of, early := p.place[v.Of]; i >= len(p.out)-pastMost || early && of == i {
			if early && of == i {
				p.place[v.Of] = len(kept)
			}
			kept = append(kept, v)
		}
	}
	clear(p.out[len(kept):])
	p.out = kept
}

// before keeps only the latest event of a family from before the time that was
// asked for; it stands where the one before it stood.
func (p *pastEvents) before(v Event) {
	if i, known := p.place[v.Of]; known {
		p.out[i] = v
		return
	}
	p.place[v.Of] = len(p.out)
	p.out = append(p.out, v)
}

func (p *pastEvents) events(e entry) []Event {
	switch e.Kind {
	case entryAddress:
		v := Event{At: e.At, Kind: AddressFound, Of: e.origin(), Moved: true,
			From: strings.Join(p.has[e.origin().String()].Addresses, ", "), To: strings.Join(e.Addresses, ", ")}
		p.has[e.origin().String()] = e
		return []Event{v}
	case entryPublished:
		return publication(e)
	case entryBegan, entryEnded:
		return p.turned(e)
	case entryStart:
		return []Event{{At: e.At, Kind: HomingBegan}}
	case entryEdited:
		return []Event{{At: e.At, Kind: SettingsEdited, From: e.Old, To: e.New}}
	case entryStop:
		return []Event{{At: e.At, Kind: HomingEnded, Text: e.Text}}
	}
	return nil // of another release
}

// turned is a condition, or, where it is about a family's addresses, what
// became of these.
func (p *pastEvents) turned(e entry) []Event {
	now := strings.Join(p.has[e.Subject].Addresses, ", ")
	if p.open[outage{e.Code, e.Subject}] = true; e.Kind == entryEnded {
		delete(p.open, outage{e.Code, e.Subject})
	}
	switch of := originNamed(e.Subject); {
	case of.Family != 0 && e.Code.OfAddress() && e.Kind == entryEnded && (p.open[outage{AddressUnknown, e.Subject}] || p.open[outage{AddressDoubted, e.Subject}]):
		return nil // another trouble took its place
	case of.Family != 0 && e.Code.OfAddress() && e.Kind == entryBegan:
		return []Event{{At: e.At, Kind: AddressLost, Of: of, Code: e.Code, From: now, Text: e.Text}}
	case of.Family != 0 && e.Code.OfAddress():
		return []Event{{At: e.At, Kind: AddressFound, Of: of, From: now, To: now}}
	case e.Kind == entryBegan:
		return []Event{{At: e.At, Kind: ConditionBegan, Code: e.Code, Text: e.Text, Failure: true}}
	}
	return []Event{{At: e.At, Kind: ConditionOver, Code: e.Code, Text: string(e.Code)}}
}

// publication is the changes, and how long it took until an address was published.
func publication(e entry) []Event {
	if e.List != "" {
		return []Event{{At: e.At, Kind: ItemChanged, Action: action(e.Action), List: e.List, Count: 1, From: e.Old, To: e.New, Text: e.Text}}
	}
	v := Event{At: e.At, Kind: RecordChanged, Of: plan.Origin{Site: e.Site}, Action: action(e.Action), From: e.Old, To: e.New, Text: e.Text, Count: e.Count}
	for _, n := range e.Names[:min(len(e.Names), toldMost)] {
		if name, err := dns.ParseName(n); err == nil {
			v.Keys = append(v.Keys, dns.Key{Name: name, Type: dns.Type(e.Type)})
		} else {
			v.Count--
		}
	}
	var out []Event
	if len(v.Keys) > 0 {
		out = append(out, v)
	}
	if f := plan.FamilyOf(dns.Type(e.Type)); f != 0 && e.TookMS > 0 && e.Action != plan.ToDelete.String() {
		out = append(out, Event{At: e.At, Kind: FamilyPublished, Of: plan.Origin{Site: e.Site, Family: f}, To: e.New, Took: time.Duration(e.TookMS) * time.Millisecond,
			Truth: time.Duration(e.TruthMS) * time.Millisecond})
	}
	return out
}

// origin is what an Address entry is about.
func (e entry) origin() plan.Origin {
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
