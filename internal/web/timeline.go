package web

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// A timeline is the plot of what the addresses were: where everything lies is
// worked out here, in hundredths of the width, and the template draws it.
type timeline struct {
	Span    string
	Ticks   []tick
	Lanes   []lane
	Delays  []*delay
	Grid    []gridline
	Changes int
	Summary string
	Empty   bool
}

type tick struct {
	X     float64
	Label string
	Minor bool // left out where there is little room
}

// lane is the addresses of one family.
type lane struct {
	Family   string
	Segments []*segment
}

// segment is a time in which nothing changed.
type segment struct {
	X, Width   float64
	Kind       string // even or odd, so that neighbours differ; lost
	Label      string // empty where there is no room
	Title      string
	From, To   time.Time
	Addresses  string
	unfinished bool
}

// delay is how long it took to publish an address, on a logarithmic scale.
type delay struct {
	X, Y   float64
	Family string
	Title  string
	At     time.Time
	Took   string
	To     string
	took   time.Duration
}

type gridline struct {
	Y     float64
	Label string
}

type span struct {
	name, title string
	length      time.Duration
	step        time.Duration
	layout      string
}

const day = 24 * time.Hour

// spans are never changed.
var spans = []span{
	{"24h", "24 hours", day, 3 * time.Hour, "15:04"},
	{"7d", "7 days", 7 * day, day, "Mon 2"},
	{"90d", "90 days", 90 * day, 15 * day, "2 Jan"},
}

// spanOf is the span of that name, or the first.
func spanOf(name string) *span {
	for i := range spans {
		if s := &spans[i]; s.name == name {
			return s
		}
	}
	return &spans[0]
}

// Of the plot: what is narrower is drawn into its neighbour, and what is
// narrower than a label is not labelled.
const (
	thinnest  = 0.15 // percent of the width
	labelRoom = 14   // percent
	plotFloor = 92.0 // y of the quickest
	plotTop   = 8.0
	delayLow  = 0.1 // seconds
	delayHigh = 3600.0
)

func newTimeline(sp *span, events []status.Event, now time.Time, place *time.Location) *timeline {
	from := now.Add(-sp.length)
	x := func(t time.Time) float64 {
		return round2(100 * min(max(t.Sub(from).Seconds()/sp.length.Seconds(), 0), 1))
	}
	t := &timeline{Span: sp.name, Ticks: ticks(sp, from, now, place, x), Grid: grid()}
	var lost time.Duration
	for _, o := range originsOf(events) {
		segments, out := lay(o, events, from, now, place, x)
		if len(segments) > 0 {
			t.Lanes = append(t.Lanes, lane{o.String(), segments})
			lost += out
		}
	}
	for i := range events {
		e := &events[i]
		if e.At.Before(from) {
			continue
		}
		switch {
		case e.Kind == status.AddressFound && e.From != "" && e.From != e.To:
			t.Changes++
		case e.Kind == status.FamilyPublished:
			t.Delays = append(t.Delays, newDelay(e, x(e.At), place))
		}
	}
	t.Empty = len(t.Lanes) == 0
	t.Summary = summary(t, lost)
	if since := t.since(); !t.Empty && t.Changes == 0 && lost == 0 && now.Sub(since) < firstDay {
		t.Empty = true
		t.Summary = "homing has watched since " + stamp(since, place) + ", and nothing has changed. The chart comes with the first change, or after a day."
	}
	t.bound()
	return t
}

// originsOf is the origins that events are about, in order.
func originsOf(events []status.Event) []plan.Origin {
	seen := make(plan.Seen)
	for i := range events {
		e := &events[i]
		if plots(e.Kind) && e.Of.Family != 0 {
			seen[e.Of] = addr.Observation{}
		}
	}
	return seen.Origins()
}

// plotted reports whether the plot is made of such events.
func plotted(e status.Event) bool { return plots(e.Kind) }

func plots(k status.EventKind) bool {
	switch k {
	case status.AddressFound, status.AddressLost, status.FamilyPublished, status.HomingEnded:
		return true
	}
	return false
}

// lay cuts the time into segments. Before the first event nothing is known, and
// nothing is drawn.
func lay(of plan.Origin, events []status.Event, from, now time.Time, place *time.Location, x func(time.Time) float64) (out []*segment, lost time.Duration) {
	kind, next := "even", "odd"
	finish := func(at time.Time) {
		if n := len(out); n > 0 && out[n-1].unfinished {
			out[n-1].To, out[n-1].unfinished = at, false
		}
	}
	for i := range events {
		e := &events[i]
		found := e.Of == of && e.Kind == status.AddressFound
		switch {
		case found && len(out) > 0 && out[len(out)-1].unfinished && out[len(out)-1].Addresses == plain(e.To):
			continue // a restart
		case found:
			finish(e.At)
			if e.From != e.To {
				kind, next = next, kind
			}
			out = append(out, &segment{From: e.At, Kind: kind, Addresses: plain(e.To), unfinished: true})
		case e.Of == of && e.Kind == status.AddressLost:
			finish(e.At)
			out = append(out, &segment{From: e.At, Kind: "lost", Addresses: "not known", unfinished: true})
		case e.Kind == status.HomingEnded:
			finish(e.At)
		}
	}
	finish(now)
	out = slices.DeleteFunc(out, func(s *segment) bool { return s.To.Before(from) })
	for _, s := range out {
		s.From = later(s.From, from)
		if s.Kind == "lost" {
			lost += s.To.Sub(s.From)
		}
		s.X = x(s.From)
		s.Width = round2(max(x(s.To)-s.X, thinnest))
		if s.Width >= labelRoom {
			s.Label = s.Addresses
		}
		s.Title = fmt.Sprintf("%s %s, %s to %s (%s)", of, s.Addresses, stamp(s.From, place), stamp(s.To, place), rough(s.To.Sub(s.From)))
	}
	return thin(out), lost
}

// thin leaves out what would be drawn on top of its neighbour, so that years of
// flapping are no longer than a screen is wide.
func thin(segments []*segment) []*segment {
	var out []*segment
	for i, s := range segments {
		last := i == len(segments)-1
		if n := len(out); n > 0 && !last && s.X-out[n-1].X < thinnest && s.Kind != "lost" {
			continue
		}
		out = append(out, s)
	}
	return out
}

func newDelay(e *status.Event, x float64, place *time.Location) *delay {
	since, of := e.Took, ""
	if e.Truth > 0 {
		since, of = e.Truth, " from its first sign"
	}
	took := exact(since)
	return &delay{X: x, Y: delayY(since), Family: e.Of.Family.String(), At: e.At, Took: took, To: plain(e.To), took: since,
		Title: fmt.Sprintf("%s %s published after %s%s, %s", e.Of, plain(e.To), took, of, stamp(e.At, place))}
}

func delayY(d time.Duration) float64 {
	s := min(max(d.Seconds(), delayLow), delayHigh)
	return round2(plotFloor - (plotFloor-plotTop)*math.Log(s/delayLow)/math.Log(delayHigh/delayLow))
}

func grid() []gridline {
	var lines []gridline
	for _, g := range []struct {
		d     time.Duration
		label string
	}{{time.Second / 10, "0.1 s"}, {time.Second, "1 s"}, {10 * time.Second, "10 s"}, {time.Minute, "1 min"}, {10 * time.Minute, "10 min"}, {time.Hour, "1 h"}} {
		lines = append(lines, gridline{delayY(g.d), g.label})
	}
	return lines
}

// ticks lie on whole hours and days of the place.
func ticks(sp *span, from, now time.Time, place *time.Location, x func(time.Time) float64) []tick {
	local := from.In(place)
	at := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, place)
	var out []tick
	for i := 0; at.Before(now); i++ {
		if p := x(at); at.After(from) && p > 3 && p < 97 {
			out = append(out, tick{X: p, Label: at.Format(sp.layout), Minor: len(out)%2 == 1})
		}
		if sp.step < 24*time.Hour {
			at = at.Add(sp.step)
		} else {
			at = at.AddDate(0, 0, int(sp.step.Hours()/24))
		}
	}
	return out
}

func summary(t *timeline, lost time.Duration) string {
	if t.Empty {
		return "Nothing has been recorded in this time yet."
	}
	s := "No change"
	if t.Changes > 0 {
		s = count(t.Changes, "change", "changes")
	}
	if lost >= time.Second {
		s += ", " + rough(lost) + " without a known address"
	}
	if len(t.Delays) == 0 {
		return s + "."
	}
	took := make([]time.Duration, len(t.Delays))
	for i, d := range t.Delays {
		took[i] = d.took
	}
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	if len(took) == 1 {
		return s + "; published after " + exact(took[0]) + "."
	}
	return fmt.Sprintf("%s; usually published within %s, at most %s.", s, exact(took[len(took)/2]), exact(took[len(took)-1]))
}

func stamp(t time.Time, place *time.Location) string { return t.In(place).Format("2 Jan 15:04") }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func round2(f float64) float64 { return math.Round(f*100) / 100 }
