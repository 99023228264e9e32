package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/status"
)

// schema is the number of the JSON forms of the API. Fields are added under
// the same number; openapi.json describes them.
const schema = 1

type statusJSON struct {
	Schema     int             `json:"schema"`
	Version    string          `json:"version"`
	Level      string          `json:"level"`
	Sentence   string          `json:"sentence"`
	Healthy    bool            `json:"healthy"`
	Ready      bool            `json:"ready"`
	Began      time.Time       `json:"began"`
	LastCheck  *time.Time      `json:"last_check"`
	LastUpdate *time.Time      `json:"last_update"`
	Next       *time.Time      `json:"next"`
	Tally      tallyJSON       `json:"records"`
	Families   []familyJSON    `json:"families"`
	RRsets     []rrsetJSON     `json:"rrsets"`
	Conditions []conditionJSON `json:"conditions"`
	Rounds     []briefJSON     `json:"rounds"`
}

type tallyJSON struct {
	Right      int `json:"right"`
	Wrong      int `json:"wrong"`
	NotKnown   int `json:"not_known"`
	OutOfScope int `json:"out_of_scope"`
}

type familyJSON struct {
	Family    string       `json:"family"`
	Known     bool         `json:"known"`
	Addresses []netip.Addr `json:"addresses"` // the latest that were known
	Since     *time.Time   `json:"since"`
	LostAt    *time.Time   `json:"lost_at"`
	Why       string       `json:"why,omitempty"`
	Votes     []voteJSON   `json:"votes"`
}

type voteJSON struct {
	Source    string       `json:"source"`
	Operator  string       `json:"operator"`
	Way       string       `json:"way"`
	Known     bool         `json:"known"`
	Agrees    bool         `json:"agrees"`
	Addresses []netip.Addr `json:"addresses"`
	Why       string       `json:"why,omitempty"`
	TookMS    int64        `json:"took_ms"`
}

type rrsetJSON struct {
	Account string       `json:"account,omitempty"`
	Zone    string       `json:"zone,omitempty"`
	Name    string       `json:"name"`
	Type    string       `json:"type"`
	State   string       `json:"state"`
	Wanted  []netip.Addr `json:"wanted"`
	Read    bool         `json:"read"`
	Records []recordJSON `json:"records"`
	Changed *time.Time   `json:"changed"`
}

type recordJSON struct {
	Content string `json:"content"`
	Proxied bool   `json:"proxied"`
	TTL     int    `json:"ttl"`
	Comment string `json:"comment,omitempty"`
}

type conditionJSON struct {
	Code    string `json:"code"`
	Failure bool   `json:"failure"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Hint    string `json:"hint,omitempty"`
}

type briefJSON struct {
	Round   int       `json:"round"`
	Started time.Time `json:"started"`
	TookMS  int64     `json:"took_ms"`
	Outcome string    `json:"outcome"`
	Done    int       `json:"done"`
	Failed  int       `json:"failed"`
	Calls   int64     `json:"calls"`
}

func (s *Server) serveStatus(w http.ResponseWriter, r *http.Request) {
	now := s.cfg.Board.Now()
	verdict, t := s.verdict(now), now.Tally()
	out := statusJSON{Schema: schema, Version: s.cfg.Version, Level: verdict.Level.String(), Sentence: verdict.Sentence,
		Healthy: s.healthy(now), Ready: !now.Round.Started.IsZero(), Began: now.Began,
		LastCheck: timeOrNull(lastCheck(now)), LastUpdate: timeOrNull(now.Updated), Next: timeOrNull(now.Round.Next),
		Tally:    tallyJSON{t.Right, t.Wrong, t.NotKnown, t.OutOfScope},
		Families: []familyJSON{}, RRsets: []rrsetJSON{}, Conditions: []conditionJSON{}, Rounds: []briefJSON{}}
	for _, f := range addr.Families() {
		if o, ok := now.Round.Seen[f]; ok {
			out.Families = append(out.Families, newFamilyJSON(f, o, now.Addrs[f]))
		}
	}
	for _, set := range now.RRsets() {
		out.RRsets = append(out.RRsets, newRRsetJSON(set))
	}
	for _, c := range now.Round.Conditions {
		out.Conditions = append(out.Conditions, conditionJSON{string(c.Code), c.Code.Failure(), c.Subject, c.Text, c.Hint})
	}
	for _, b := range now.Rounds {
		out.Rounds = append(out.Rounds, briefJSON{b.Number, b.Started, b.Took.Milliseconds(), b.Outcome.String(), b.Done, b.Failed, b.Calls})
	}
	s.writeAPI(w, r, out)
}

func newFamilyJSON(f addr.Family, o addr.Observation, a status.Addresses) familyJSON {
	j := familyJSON{Family: f.String(), Known: o.Known(), Addresses: orEmpty(a.Addrs), Since: timeOrNull(a.Since),
		LostAt: timeOrNull(a.Lost), Why: why(o), Votes: []voteJSON{}}
	for _, v := range o.Votes() {
		j.Votes = append(j.Votes, voteJSON{v.Source, v.Operator, v.Way, v.Said.Known(), v.Said.Same(o), v.Said.Addrs(), why(v.Said), v.Took.Milliseconds()})
	}
	return j
}

func newRRsetJSON(set status.RRset) rrsetJSON {
	j := rrsetJSON{Account: set.Account, Zone: set.Zone.String(), Name: set.Key.Name.String(), Type: string(set.Key.Type),
		State: set.State.String(), Wanted: orEmpty(set.Wanted), Read: set.Read, Records: []recordJSON{}, Changed: timeOrNull(set.Changed)}
	for _, d := range set.Records {
		j.Records = append(j.Records, recordJSON{d.Content(), d.Proxied, d.TTL, d.Comment})
	}
	return j
}

// writeAPI answers a script.
func (s *Server) writeAPI(w http.ResponseWriter, r *http.Request, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.refuse(w, r, refusal{status: http.StatusInternalServerError, detail: "The answer could not be written"})
		return
	}
	writePacked(w, r, http.StatusOK, "application/json", b)
}

type eventJSON struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Family string    `json:"family,omitempty"`
	Name   string    `json:"name,omitempty"`
	Type   string    `json:"type,omitempty"`
	Code   string    `json:"code,omitempty"`
	From   string    `json:"from,omitempty"`
	To     string    `json:"to,omitempty"`
	Text   string    `json:"text,omitempty"`
	TookMS *int64    `json:"took_ms,omitempty"`
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
		s.refuse(w, r, refusal{status: http.StatusBadRequest, detail: "since is neither a time such as 2026-11-21T10:00:00Z nor a duration such as 24h"})
		return
	}
	out := struct {
		Schema int         `json:"schema"`
		From   time.Time   `json:"from"`
		Cut    bool        `json:"cut"`
		Events []eventJSON `json:"events"`
	}{Schema: schema, From: from.UTC(), Events: []eventJSON{}}
	past, err := s.past(from)
	if err != nil {
		s.refuse(w, r, refusal{status: http.StatusInternalServerError, detail: "The history cannot be read: " + plain(err.Error())})
		return
	}
	for _, e := range past {
		if !e.At.Before(from) {
			out.Events = append(out.Events, newEventJSON(e))
		}
	}
	if n := len(out.Events) - historyMost; n > 0 {
		out.Events, out.Cut = out.Events[n:], true
	}
	s.writeAPI(w, r, out)
}

func newEventJSON(e status.Event) eventJSON {
	j := eventJSON{At: e.At, Kind: string(e.Kind), Code: string(e.Code), From: e.From, To: e.To, Text: e.Text}
	if e.Family != 0 {
		j.Family = e.Family.String()
	}
	if !e.Key.Name.IsZero() {
		j.Name, j.Type = e.Key.Name.String(), string(e.Key.Type)
	}
	if e.Kind == status.FamilyPublished {
		ms := e.Took.Milliseconds()
		j.TookMS = &ms
	}
	return j
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

// planTimeout bounds a plan that was asked for over HTTP.
const planTimeout = time.Minute

func (s *Server) servePlan(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), planTimeout)
	defer cancel()
	s.patient(w, planTimeout)
	round, err := s.cfg.PlanNow(ctx)
	if err != nil {
		s.refuse(w, r, refusal{status: http.StatusServiceUnavailable, detail: "No plan could be made: " + plain(err.Error())})
		return
	}
	s.writeAPI(w, r, round)
}

// patient lets an answer take this long, and a moment to be sent.
func (s *Server) patient(w http.ResponseWriter, d time.Duration) {
	c := http.NewResponseController(w) // a recorder in a test has no deadlines
	_ = c.SetReadDeadline(time.Time{})
	_ = c.SetWriteDeadline(time.Now().Add(d + writeTimeout))
}

// syncTimeout bounds the wait for a round: two of them, each with its looks
// and its writes.
const syncTimeout = 2 * time.Minute

// serveSync asks for a round; with wait it answers with that round.
func (s *Server) serveSync(w http.ResponseWriter, r *http.Request) {
	wait, no := wantsToWait(r)
	if no != nil {
		s.refuse(w, r, *no)
		return
	}
	asked := time.Now()
	s.cfg.Trigger()
	if !wait {
		writeJSON(w, http.StatusAccepted, struct {
			Status string `json:"status"`
		}{"asked"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), syncTimeout)
	defer cancel()
	s.patient(w, syncTimeout)
	round, err := s.cfg.Board.Await(ctx, asked)
	if err != nil {
		s.refuse(w, r, refusal{status: http.StatusServiceUnavailable, detail: "The round did not end in time; it goes on"})
		return
	}
	s.writeAPI(w, r, round)
}

// wantsToWait reads ?wait=true, or {"wait": true} in the body.
func wantsToWait(r *http.Request) (bool, *refusal) {
	wait, err := strconv.ParseBool(r.URL.Query().Get("wait"))
	if err != nil && r.URL.Query().Has("wait") {
		return false, &refusal{status: http.StatusBadRequest, detail: "wait is neither true nor false"}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if tooLong, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return false, &refusal{status: http.StatusRequestEntityTooLarge, detail: tooLong.Error()}
		}
		return false, &refusal{status: http.StatusBadRequest, detail: "The request cannot be read"}
	}
	if len(body) == 0 {
		return wait, nil
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return false, &refusal{status: http.StatusUnsupportedMediaType, detail: "The body is not of the type application/json"}
	}
	var in struct {
		Wait bool `json:"wait"`
	}
	in.Wait = wait
	if err := json.Unmarshal(body, &in); err != nil {
		return false, &refusal{status: http.StatusBadRequest, detail: "The body is not JSON of the form {\"wait\": true}"}
	}
	return in.Wait, nil
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func why(o addr.Observation) string {
	if o.Known() {
		return ""
	}
	return o.Why().Error()
}

// orEmpty keeps a missing list from becoming null.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
