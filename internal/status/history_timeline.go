package status

import (
	"cmp"
	"sort"
	"time"
)

// Timeline is what the history says of a span of time.
type Timeline struct {
	Addresses []Span  // what a family had, by family and time
	Outages   []Span  // what was wrong
	Off       []Span  // when homing did not run; a kill leaves no trace
	Changes   []Entry // what was published, oldest first
	Damaged   int     // lines that could not be read
}

// Span is something that was so from one time to another, which lie within the
// span that was asked for.
type Span struct {
	From, To time.Time
	Entry    // with which it began
}

// Timeline reads what was between two times. What began before and still was so
// is in it.
func (h *History) Timeline(from, to time.Time) (Timeline, error) {
	b := timelineBuilder{from: from, to: to, open: make(map[outage]Entry), address: make(map[string]Entry)}
	damaged, err := h.Read(time.Time{}, b.add)
	b.t.Damaged = damaged
	return b.end(), err
}

type timelineBuilder struct {
	from, to time.Time
	t        Timeline
	address  map[string]Entry // what each family has
	open     map[outage]Entry
	off      Entry // the end of the run before; zero while homing runs
}

func (b *timelineBuilder) add(e Entry) {
	if e.At.After(b.to) {
		return
	}
	k := outage{e.Code, e.Subject}
	switch e.Kind {
	case Address:
		b.span(&b.t.Addresses, b.address[e.Family], e.At)
		b.address[e.Family] = e
	case Published:
		if !e.At.Before(b.from) {
			b.t.Changes = append(b.t.Changes, e)
		}
	case Began:
		if _, known := b.open[k]; !known {
			b.open[k] = e
		}
	case Ended:
		b.span(&b.t.Outages, b.open[k], e.At)
		delete(b.open, k)
	case End:
		b.off = e
	case Begin:
		b.span(&b.t.Off, b.off, e.At)
		b.off = Entry{}
	}
}

// span adds what began with e and was over at the time at, as far as it lies in
// the time that was asked for.
func (b *timelineBuilder) span(spans *[]Span, e Entry, at time.Time) {
	if e.At.IsZero() || !at.After(b.from) {
		return
	}
	from := e.At
	if from.Before(b.from) {
		from = b.from
	}
	*spans = append(*spans, Span{from, at, e})
}

// end is the Timeline, in which what is not over lasts to its end.
func (b *timelineBuilder) end() Timeline {
	for _, e := range b.address {
		b.span(&b.t.Addresses, e, b.to)
	}
	for _, e := range b.open {
		b.span(&b.t.Outages, e, b.to)
	}
	b.span(&b.t.Off, b.off, b.to)
	for _, spans := range [][]Span{b.t.Addresses, b.t.Outages, b.t.Off} {
		sort.Slice(spans, func(i, j int) bool { return spans[i].before(spans[j]) })
	}
	return b.t
}

func (s Span) before(t Span) bool {
	return cmp.Or(cmp.Compare(s.Family, t.Family), s.From.Compare(t.From), cmp.Compare(s.Code, t.Code), cmp.Compare(s.Subject, t.Subject)) < 0
}
