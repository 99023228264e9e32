package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// pastFilter is which events somebody wants to see.
type pastFilter struct {
	Name string // a part of a name or of a text
	Kind string // one of eventKinds
	Span string // one of pastSpans
	path string
}

// choice is a value of a form, and what it is called.
type choice struct{ Name, Title string }

// What can be chosen is never changed.
var (
	eventKinds = []choice{{"", "Everything"}, {"records", "Changed records"}, {"addresses", "Addresses"}, {"problems", "Problems"}, {"homing", "homing itself"}}
	pastSpans  = []choice{{"24h", "24 hours"}, {"7d", "7 days"}, {"90d", "90 days"}, {"1y", "a year"}}
)

// among reports whether a choice has this name.
func among(all []choice, name string) bool {
	return slices.ContainsFunc(all, func(c choice) bool { return c.Name == name })
}

func kindOfEvent(k status.EventKind) string {
	switch k {
	case status.RecordChanged, status.ItemChanged:
		return "records"
	case status.AddressFound, status.AddressLost, status.FamilyPublished:
		return "addresses"
	case status.ConditionBegan, status.ConditionOver:
		return "problems"
	}
	return "homing"
}

func filterOf(q url.Values, span string) pastFilter {
	f := pastFilter{Name: plain(text.Cut(q.Get("name"), subjectMost)), Kind: q.Get("kind"), Span: q.Get("span"), path: "events"}
	if !among(pastSpans, f.Span) {
		f.Span = span
	}
	if !among(eventKinds, f.Kind) {
		f.Kind = ""
	}
	return f
}

// length is how far back it is looked.
func (f *pastFilter) length() time.Duration {
	if f.Span == "1y" {
		return historyLongest
	}
	return spanOf(f.Span).length
}

// wants reports whether an event is of the kind, and about the name.
func (f *pastFilter) wants(e *status.Event) bool {
	if f.Kind != "" && kindOfEvent(e.Kind) != f.Kind {
		return false
	}
	name := strings.ToLower(strings.TrimSpace(f.Name))
	has := func(s string) bool { return strings.Contains(strings.ToLower(s), name) }
	if name == "" || has(e.Text) || has(e.From) || has(e.To) || has(e.List) {
		return true
	}
	return f.about(e, has)
}

// about reports whether one of the names of an event is wanted.
func (pastFilter) about(e *status.Event, wanted func(string) bool) bool {
	for _, k := range e.Keys {
		if wanted(k.Name.String()) || wanted(k.Name.Describe()) {
			return true
		}
	}
	for _, c := range e.Conditions {
		if wanted(c.Subject) || !c.Key.Name.IsZero() && wanted(c.Key.Name.String()) {
			return true
		}
	}
	return false
}

// pastView is a page of what happened, newest first.
type pastView struct {
	frame
	Title       string
	Filter      pastFilter
	Events      []*eventView
	Here, Pages int
	Problem     string // why it cannot be shown
}

// eventsEach is how many events a page lists.
const eventsEach = 50

func (v *pastView) pages() []pageLink {
	return pageLinks(v.Here, v.Pages, func(page int) string {
		n := ""
		if page > 1 {
			n = strconv.Itoa(page)
		}
		return query(v.Filter.path, "name", v.Filter.Name, "kind", v.Filter.Kind, "span", v.Filter.Span, "page", n)
	})
}

// export leads to all of the events that are shown page by page.
func (v *pastView) export(format string) string {
	return string(query(v.Filter.path, "name", v.Filter.Name, "kind", v.Filter.Kind, "span", v.Filter.Span, "format", format))
}

// pastOf is the events that are wanted, newest first.
func (s *Server) pastOf(ctx context.Context, length time.Duration, wants func(*status.Event) bool) ([]status.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	from := time.Now().Add(-length)
	events, err := s.past(ctx, s.history, from)
	if err != nil {
		return nil, err
	}
	var out []status.Event
	for i := len(events) - 1; i >= 0; i-- {
		if e := &events[i]; !e.At.Before(from) && wants(e) {
			out = append(out, *e)
		}
	}
	return out, nil
}

// servePast answers with a page of events, or exports them all. draw makes
// the page.
func (s *Server) servePast(w http.ResponseWriter, r *http.Request, v *pastView, wants func(*status.Event) bool, draw func(*bytes.Buffer, *pastView)) {
	events, err := s.pastOf(r.Context(), v.Filter.length(), wants)
	format := r.URL.Query().Get("format")
	switch {
	case err != nil && format != "":
		s.refuse(w, r, &refusal{status: http.StatusServiceUnavailable, detail: "The history cannot be read: " + plain(err.Error()), retry: time.Second})
		return
	case err != nil:
		v.Problem = "The history cannot be read: " + plain(err.Error())
	case format == "csv" || format == "json":
		s.export(w, r, format, events)
		return
	}
	v.Pages = pagesFor(len(events), eventsEach)
	v.Here = pageAsked(r.URL.Query(), v.Pages)
	from := (v.Here - 1) * eventsEach
	v.Events = eventViews(events[min(from, len(events)):min(from+eventsEach, len(events))])
	var page bytes.Buffer
	draw(&page, v)
	writePage(w, r, http.StatusOK, &page)
}

func (s *Server) serveEventsPage(w http.ResponseWriter, r *http.Request) {
	f := filterOf(r.URL.Query(), "7d")
	s.servePast(w, r, &pastView{frame: s.frame(r), Title: "Events", Filter: f}, f.wants, eventsOf)
}

// recordView is a name with what stands there and what happened to it.
type recordView struct {
	pastView
	Name     string
	Names    []*nameView
	Troubles []*troubleView
}

func (s *Server) serveRecord(w http.ResponseWriter, r *http.Request) {
	f := filterOf(r.URL.Query(), "90d")
	f.path, f.Kind = "record", ""
	name := strings.ToLower(strings.TrimSuffix(f.Name, "."))
	v := &recordView{pastView: pastView{frame: s.frame(r), Title: "What happened to it", Filter: f}, Name: name}
	var about []status.Condition
	for _, n := range byName(s.cfg.Board.Now().RRsets()) {
		if n.sets[0].Key.Name.String() == name {
			v.Name = n.sets[0].Key.Name.Describe()
			v.Names = append(v.Names, newNameView(n.sets))
			for _, set := range n.sets {
				about = append(about, set.Conditions...)
			}
		}
	}
	if name == "" {
		s.refuse(w, r, notFound())
		return
	}
	v.Troubles, _, _ = troubles(about)
	wants := func(e *status.Event) bool {
		return f.about(e, func(n string) bool { return strings.EqualFold(n, name) })
	}
	s.servePast(w, r, &v.pastView, wants, func(to *bytes.Buffer, _ *pastView) { recordOf(to, v) })
}
