package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

type eventJSON struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Family string    `json:"family,omitempty"`
	Site   string    `json:"site,omitempty"` // where it has a name
	Name   string    `json:"name,omitempty"`
	Type   string    `json:"type,omitempty"`
	List   string    `json:"list,omitempty"`
	Code   string    `json:"code,omitempty"`
	Count  int       `json:"count,omitempty"`
	From   string    `json:"from,omitempty"`
	To     string    `json:"to,omitempty"`
	Text   string    `json:"text,omitempty"`
	TookMS *int64    `json:"took_ms,omitempty"`

	TruthMS int64 `json:"truth_ms,omitempty"`
}

// How much history an answer may go back for, and hold.
const (
	historyLongest = 366 * 24 * time.Hour
	historyMost    = 10_000
)

// serveHistory answers with what happened since ?since=, a time or how long
// ago (24h), oldest first.
func (s *Server) serveHistory(w http.ResponseWriter, r *http.Request) {
	from, err := parseSince(r.URL.Query().Get("since"), time.Now())
	if err != nil {
		s.refuseWith(w, r, http.StatusBadRequest, "since is neither a time such as 2026-11-21T10:00:00Z nor a duration such as 24h")
		return
	}
	out := struct {
		Schema int          `json:"schema"`
		From   time.Time    `json:"from"`
		Cut    bool         `json:"cut"`
		Events []*eventJSON `json:"events"`
		Sites  []*eventJSON `json:"site_events,omitempty"` // of sites that have names
	}{Schema: schema, From: from.UTC(), Events: []*eventJSON{}}
	busy, cancel := context.WithCancel(r.Context())
	cancel() // nobody waits
	past, err := s.past(busy, s.history, from)
	if errors.Is(err, errArchiveBusy) {
		s.refuse(w, r, &refusal{status: http.StatusServiceUnavailable, detail: "The history is read by others; try again", retry: time.Second})
		return
	}
	if err != nil {
		s.refuseWith(w, r, http.StatusInternalServerError, "The history cannot be read: "+plain(err.Error()))
		return
	}
	for i := range past {
		if e := &past[i]; !e.At.Before(from) {
			if told := newEventsJSON(e); e.Of.Site == "" {
				out.Events = append(out.Events, told...)
			} else {
				out.Sites = append(out.Sites, told...)
			}
		}
	}
	for _, events := range []*[]*eventJSON{&out.Events, &out.Sites} {
		if n := len(*events) - historyMost; n > 0 {
			*events, out.Cut = (*events)[n:], true
		}
	}
	s.writeAPI(w, r, out)
}

// mostAlike is how many of the records that were changed alike are told one by one.
const mostAlike = 20

// newEventsJSON is e as scripts read it: one for each record that was changed,
// or for as many as anybody may want to read.
func newEventsJSON(e *status.Event) []*eventJSON {
	j := &eventJSON{At: e.At, Kind: string(e.Kind), List: e.List, Site: e.Of.Site, Code: string(e.Code), From: e.From, To: e.To, Text: e.Text}
	if e.Of.Family != 0 {
		j.Family = e.Of.Family.String()
	}
	switch e.Kind {
	case status.FamilyPublished:
		ms := e.Took.Milliseconds()
		j.TookMS, j.TruthMS = &ms, e.Truth.Milliseconds()
	case status.RecordChanged:
		return alikeJSON(e, j)
	case status.ConditionBegan, status.ConditionOver:
		j.Count = e.Count
		if e.Count == 1 && len(e.Keys) == 1 {
			j.Name, j.Type = e.Keys[0].Name.String(), string(e.Keys[0].Type)
		}
	}
	return []*eventJSON{j}
}

func alikeJSON(e *status.Event, j *eventJSON) (out []*eventJSON) {
	for _, k := range e.Keys[:min(len(e.Keys), mostAlike)] {
		of := *j
		of.Name, of.Type = k.Name.String(), string(k.Type)
		out = append(out, &of)
	}
	if more := e.Count - len(out); more > 0 {
		out = append(out, &eventJSON{At: e.At, Kind: "changed-more", Text: fmt.Sprintf("and %d more", more)})
	}
	return out
}

func parseSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return now.Add(-24 * time.Hour), nil
	}
	from, err := time.Parse(time.RFC3339, s)
	if d, bad := time.ParseDuration(s); bad == nil {
		from, err = now.Add(-d.Abs()), nil
	}
	if oldest := now.Add(-historyLongest); from.Before(oldest) {
		from = oldest
	}
	return from, err
}
