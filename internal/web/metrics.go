package web

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// Metrics counts what happens, for Prometheus. Names and labels are read by
// other people's dashboards: they are only added to. Its methods may be called
// by several goroutines at once.
type Metrics struct {
	set    *exposition
	board  *status.Board
	rounds *histogram
	truth  *histogram

	mu      sync.Mutex
	publish map[plan.Origin]*histogram
	labels  map[string]int // distinct values of each open label
}

// maxLabels bounds the values of a label that come from elsewhere; what comes
// later is counted as "other".
const maxLabels = 64

// NewMetrics makes the metrics of a Board, all of them at zero.
func NewMetrics(board *status.Board, version string) *Metrics {
	m := &Metrics{set: newExposition(), board: board, labels: make(map[string]int), publish: make(map[plan.Origin]*histogram)}
	m.set.gauge(series("homing_build_info", "version", version, "go", runtime.Version()), 1)
	m.rounds = newHistogram([]float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}, "homing_round_duration_seconds")
	m.truth = newHistogram([]float64{.25, .5, 1, 2.5, 5, 10, 30, 60}, "homing_time_to_truth_seconds")
	for _, o := range []status.Outcome{status.Unchanged, status.Changed, status.Failed} {
		m.set.add(series("homing_rounds_total", "outcome", o.String()), 0)
	}
	for _, f := range addr.Families() {
		m.ofOrigin(plan.Here(f))
	}
	return m
}

// histograms writes them, which come after the rest.
func (m *Metrics) histograms(b *bytes.Buffer, describe func(name, kind string)) {
	m.mu.Lock()
	all := []*histogram{m.rounds, m.truth}
	origins := slices.Collect(maps.Keys(m.publish))
	sort.Slice(origins, func(i, j int) bool { return origins[i].Compare(origins[j]) < 0 })
	for _, o := range origins {
		all = append(all, m.publish[o])
	}
	m.mu.Unlock()
	sort.SliceStable(all, func(i, j int) bool { return all[i].name < all[j].name })
	described := ""
	for _, h := range all {
		if h.name != described {
			describe(h.name, "histogram")
			described = h.name
		}
		h.write(b)
	}
}

// ofOrigin makes the metrics of an origin, where there are none yet.
func (m *Metrics) ofOrigin(o plan.Origin) {
	m.mu.Lock()
	_, known := m.publish[o]
	if !known {
		name, labels := of(o, "publish_duration_seconds")
		m.publish[o] = newHistogram([]float64{1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600}, name, labels...)
	}
	m.mu.Unlock()
	if known {
		return
	}
	m.set.add(seriesOf(o, "address_changes_total"), 0)
	m.set.add(seriesOf(o, "detection_disagreements_total"), 0)
}

// ofBoard takes over what the Board says now.
func (m *Metrics) ofBoard() {
	now := m.board.Now()
	t := now.Tally()
	m.set.gauge(series("homing_records", "state", "right"), float64(t.Right))
	m.set.gauge(series("homing_records", "state", "wrong"), float64(t.Wrong))
	m.set.gauge(series("homing_records", "state", "not_known"), float64(t.NotKnown))
	m.set.gauge("homing_start_timestamp_seconds", unix(now.Began))
	m.set.gauge("homing_last_round_timestamp_seconds", unix(lastCheck(now)))
	m.set.gauge("homing_last_update_timestamp_seconds", unix(now.Updated))
	m.set.gauge("homing_next_round_timestamp_seconds", unix(now.Round.Next))
	m.set.gauge("homing_settings_refused", flag(now.Has(status.SettingsRefused)))
	m.set.gauge("homing_conditions", float64(len(now.Round.Conditions)))
	m.mu.Lock()
	defer m.mu.Unlock()
	for o := range m.publish {
		a := now.Addrs[o]
		m.set.gauge(seriesOf(o, "address_known"), flag(a.Known))
		age := 0.0
		if !a.Since.IsZero() {
			age = time.Since(a.Since).Seconds()
		}
		m.set.gauge(seriesOf(o, "address_age_seconds"), age)
	}
}

// Round counts a round, and what status.Board.Done said that happened in it.
func (m *Metrics) Round(r status.Round, events []status.Event) {
	m.add("homing_rounds_total", "outcome", r.Outcome().String())
	m.rounds.update(r.Took.Seconds())
	if r.Truth > 0 {
		m.truth.update(r.Truth.Seconds())
	}
	for of, o := range r.Seen {
		m.ofOrigin(of)
		m.look(of, o)
	}
	for _, z := range r.Zones {
		for _, d := range z.Done {
			m.add("homing_record_changes_total", "action", d.Action.String(), "outcome", outcome(d.Err == nil))
		}
	}
	for _, l := range r.Lists {
		for _, d := range l.Done {
			m.add("homing_list_changes_total", "action", d.Action.String(), "outcome", outcome(d.Err == nil))
		}
	}
	for _, e := range events {
		switch e.Kind {
		case status.AddressFound:
			if e.From != "" && e.From != e.To {
				m.set.add(seriesOf(e.Of, "address_changes_total"), 1)
			}
		case status.FamilyPublished:
			m.ofOrigin(e.Of)
			m.mu.Lock()
			h := m.publish[e.Of]
			m.mu.Unlock()
			h.update(e.Took.Seconds())
		}
	}
}

// look counts what the sources of an origin said.
func (m *Metrics) look(from plan.Origin, o addr.Observation) {
	for _, v := range o.Votes() {
		name, labels := of(from, "detections_total", "source", m.bounded("source", v.Source))
		m.add(name, append(labels, "outcome", outcome(v.Said.Known()))...)
	}
	if disagree(o) {
		m.set.add(seriesOf(from, "detection_disagreements_total"), 1)
	}
}

// disagree says whether two that know anything know different things.
func disagree(o addr.Observation) bool {
	var first addr.Observation
	return slices.ContainsFunc(o.Votes(), func(v addr.Vote) bool {
		if v.Said.Known() && !first.Known() {
			first = v.Said
		}
		return v.Said.Known() && !v.Said.Same(first)
	})
}

// Call counts a call or a message to a DNS host. route is its pattern, never its URL;
// status is that of the answer, or "none".
func (m *Metrics) Call(route, status string) {
	m.add("homing_api_calls_total", "route", m.bounded("route", route), "status", m.bounded("status", status))
}

// Headroom tells how many calls an account has left before its host throttles it.
func (m *Metrics) Headroom(account string, calls int) {
	m.set.gauge(series("homing_api_calls_remaining", "account", m.bounded("account", account)), float64(calls))
}

// Notification counts a message that was sent by a sink, or was not.
func (m *Metrics) Notification(sink string, sent bool) {
	m.add("homing_notifications_total", "sink", m.bounded("sink", sink), "outcome", outcome(sent))
}

func (m *Metrics) add(name string, labels ...string) {
	m.set.add(series(name, labels...), 1)
}

// bounded is value, or "other" when the label has had too many.
func (m *Metrics) bounded(label, value string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := label + "=" + value
	if _, ok := m.labels[key]; ok {
		return value
	}
	if m.labels[label]++; m.labels[label] > maxLabels {
		m.labels[label]--
		return "other"
	}
	m.labels[key] = 0
	return value
}

func outcome(ok bool) string {
	if ok {
		return "ok"
	}
	return "failed"
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	meanings := meanings()
	describe := func(name, kind string) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, meanings[name], name, kind)
	}
	s.cfg.Metrics.ofBoard()
	s.cfg.Metrics.set.write(&b, describe)
	s.cfg.Metrics.histograms(&b, describe)
	writePacked(w, r, http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", b.Bytes())
}

// meanings says of each metric what it is; its name says the unit.
func meanings() map[string]string {
	return map[string]string{
		"homing_build_info":                    "Always 1; the labels say what runs.",
		"homing_start_timestamp_seconds":       "When this process started.",
		"homing_rounds_total":                  "Rounds, by outcome.",
		"homing_round_duration_seconds":        "How long rounds took.",
		"homing_last_round_timestamp_seconds":  "When the latest round ended; 0 before the first.",
		"homing_next_round_timestamp_seconds":  "When the next round is due; 0 when none is.",
		"homing_last_update_timestamp_seconds": "When a record was changed last; 0 when none ever was.",
		"homing_conditions":                    "What a person should know of now.",
		"homing_settings_refused":              "1 while newer settings are wrong and those of before stay in force.",
		"homing_records":                       "Names and types to keep, by how they stand.",
		"homing_record_changes_total":          "Changes of records that were tried, by outcome.",
		"homing_list_changes_total":            "Changes of items of IP lists that were tried, by outcome.",
		"homing_address_known":                 "1 while the addresses of a family are known.",
		"homing_address_age_seconds":           "Seconds since the addresses of a family last changed; 0 when none were ever known.",
		"homing_address_changes_total":         "How often the addresses of a family became others.",
		"homing_publish_duration_seconds":      "From when new addresses were first seen until every record said them.",
		"homing_time_to_truth_seconds":         "From the first sign of a change, heard from this machine or the router, until the records said it.",
		"homing_detections_total":              "Answers of sources, by outcome.",
		"homing_detection_disagreements_total": "Rounds in which sources contradicted each other.",
		"homing_api_calls_total":               "Calls to DNS hosts, by route and status.",
		"homing_api_calls_remaining":           "Calls that an account has left before its host throttles it.",
		"homing_notifications_total":           "Messages to people and heartbeats, by outcome.",
	}
}
