package web

import (
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// since is when the first address of all was known.
func (t *timeline) since() (first time.Time) {
	for _, l := range t.Lanes {
		for _, s := range l.Segments {
			if first.IsZero() || s.From.Before(first) {
				first = s.From
			}
		}
	}
	return first
}

// firstDay is how long a chart without a change says nothing that a sentence does
// not say better.
const firstDay = 24*time.Hour - time.Minute

// How much of a plot a page has room for; what the table leaves out the API has.
const (
	mostLanes    = 16
	mostSegments = 120 // of a lane
	mostDelays   = 150
	mostRows     = 40 // of a table, of each lane
)

// bound leaves out what a page has no room for: lanes beyond the first, the
// oldest segments of one that flapped for days, and the quicker ones of very many
// delays.
func (t *timeline) bound() {
	t.Lanes = t.Lanes[:min(len(t.Lanes), mostLanes)]
	each := max(2, 2*mostSegments/max(1, len(t.Lanes)))
	for i := range t.Lanes {
		l := &t.Lanes[i]
		l.Segments = l.Segments[max(0, len(l.Segments)-min(mostSegments, each)):]
	}
	if len(t.Delays) > mostDelays {
		sort.SliceStable(t.Delays, func(i, j int) bool { return t.Delays[i].took > t.Delays[j].took })
		t.Delays = t.Delays[:mostDelays]
		sort.SliceStable(t.Delays, func(i, j int) bool { return t.Delays[i].At.Before(t.Delays[j].At) })
	}
}

// tabled is the newest segments, for the table.
func (l lane) tabled() []*segment { return l.Segments[max(0, len(l.Segments)-mostRows):] }

// tabled is the newest delays, for the table.
func (t *timeline) tabled() []*delay { return t.Delays[max(0, len(t.Delays)-mostRows):] }

// spanAsked is the name of a span, where it is not the first one anyway.
func spanAsked(name string) string {
	if s := spanOf(name); s != &spans[0] {
		return s.name
	}
	return ""
}

// radius tells the families apart where they lie on each other.
func (d *delay) radius() string {
	if d.Family == addr.IPv6.String() {
		return "6"
	}
	return "3.8"
}
