package web

import (
	"context"
	"net/http"
	"sort"
	"strconv"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// view is all the page shows, as the template wants it. It is made from a
// Snapshot; texts of the network have been cleaned.
type view struct {
	frame
	Version, Records uint64
	Level            string
	Sentence         string
	Loading, Empty   bool
	NamesIn          string // the setting of the names

	Checked, Next, Updated time.Time
	ZonesRead              time.Time // that which was read longest ago
	Families               []*familyView
	MoreFamilies           int
	Troubles, Remarks      []*troubleView
	More                   int // troubles that are not listed
	Timeline               *timeline
	Listed                 recordsView
	Unchanged              bool // the reader has the records already
	Tally                  status.Tally
	Query                  string
	Searchable             bool
	Events                 []*eventView
	Rounds                 []status.Brief
	Settings               []Setting
	MoreSettings           int
	Problems               int // settings with one
}

// Bounds on what one page lists.
const (
	mostTroubles = 12
	mostSubjects = 3
	mostEvents   = 30
	mostRounds   = 20
	openRRsets   = 60 // so many are shown without being asked for
	fewRRsets    = 12 // among so few nobody searches
	mostFamilies = 24
	mostSettings = 150
)

func (s *Server) view(r *http.Request) *view {
	now := s.cfg.Board.Now()
	q := r.URL.Query()
	verdict := s.verdict(now)
	v := &view{frame: s.frame(r), Version: now.Version, Records: now.Records,
		Level: verdict.Level.String(), Sentence: verdict.Sentence,
		Loading: now.Round.Started.IsZero(), Empty: now.Empty(), NamesIn: text.Hint("{records}").In(s.cfg.Words),
		Checked: lastCheck(now), Next: now.Round.Next, Updated: now.Updated, ZonesRead: readLongestAgo(now.Held),
		Tally: now.Tally(), Query: plain(text.Cut(q.Get("q"), subjectMost))}
	v.setFamilies(now)
	v.Troubles, v.Remarks, v.More = troubles(now.Round.Conditions)
	v.setTimeline(r.Context(), s, q.Get("span"))
	v.Searchable = v.Tally.All()+v.Tally.OutOfScope > fewRRsets
	if have, err := strconv.ParseUint(q.Get("have"), 10, 64); err == nil && have == now.Records {
		v.Unchanged = true
	} else {
		v.Listed = recordsView{Query: v.Query, Span: spanAsked(q.Get("span")), Failing: q.Get("failing") != ""}
		v.Listed.list(now.RRsets(), func(pages int) int { return pageAsked(q, pages) })
		if v.Loading {
			v.Listed.wait()
		}
	}
	v.Events = eventViews(now.Events[:min(len(now.Events), mostEvents)])
	v.Rounds = now.Rounds[:min(len(now.Rounds), mostRounds)]
	if v.MayWrite { // settings are nothing for strangers, who may only read
		v.setSettings(s.cfg.Settings)
	}
	return v
}

// setFamilies takes those that are not known first, where there are very many.
func (v *view) setFamilies(now *status.Snapshot) {
	for _, o := range now.Round.Seen.Origins() {
		v.Families = append(v.Families, newFamilyView(o, now.Round.Seen[o], now.Addrs[o]))
	}
	if n := len(v.Families) - mostFamilies; n > 0 {
		sort.SliceStable(v.Families, func(i, j int) bool { return !v.Families[i].Known && v.Families[j].Known })
		v.Families, v.MoreFamilies = v.Families[:mostFamilies], n
	}
}

// readLongestAgo is when the zone was read whose records are the oldest.
func readLongestAgo(held []status.Held) (oldest time.Time) {
	for _, h := range held {
		if !h.Read.IsZero() && (oldest.IsZero() || h.Read.Before(oldest)) {
			oldest = h.Read
		}
	}
	return oldest
}

func (v *view) setSettings(all func() []Setting) {
	if all == nil {
		return
	}
	rows := all()
	v.MoreSettings = max(0, len(rows)-mostSettings)
	for _, s := range rows[:len(rows)-v.MoreSettings] {
		if s.Problem != "" {
			v.Problems++
		}
		v.Settings = append(v.Settings, Setting{plain(s.Name), plain(text.Cut(s.Value, textMost)), plain(s.Origin), text.Lines(s.Problem)})
	}
}

// verdict is the Board's, unless the loop itself stands still.
func (s *Server) verdict(now *status.Snapshot) status.Verdict {
	if s.progress(now) {
		return now.Verdict()
	}
	if now.Round.Started.IsZero() {
		return status.Verdict{Level: status.Bad, Sentence: "homing has not looked even once; the log says why."}
	}
	return status.Verdict{Level: status.Bad, Sentence: "homing has stopped looking: the next round is overdue."}
}

func (v *view) setTimeline(ctx context.Context, s *Server, name string) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	chosen := spanOf(name)
	events, err := s.past(ctx, s.plot, v.now.Add(-chosen.length))
	v.Timeline = newTimeline(chosen, events, v.now, s.cfg.Location)
	if err != nil {
		v.Timeline.Summary = "The history cannot be read: " + plain(err.Error())
	}
}
