package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/status"
)

// view is all the page shows, as the template wants it. It is made from a
// Snapshot; texts of the network have been cleaned.
type view struct {
	Version, Records uint64
	now              time.Time // in the place whose times are shown
	Release          string
	Level            string
	Sentence         string
	Loading, Empty   bool
	LoggedIn         bool
	MayWrite         bool

	Checked, Next, Updated time.Time
	Families               []familyView
	Troubles, Remarks      []troubleView
	More                   int // troubles that are not listed
	Timeline               timeline
	Spans                  []spanView
	Zones                  []zoneView
	Unchanged              bool // the reader has the zones already
	Tally                  status.Tally
	Query                  string
	Searchable             bool
	Events                 []eventView
	Rounds                 []status.Brief
	Settings               []Setting
	Problems               int // settings with one
}

type spanView struct {
	Name, Title string
	Chosen      bool
}

type familyView struct {
	Family    string
	Known     bool
	Addresses []string
	Since     time.Time
	Lost      time.Time
	Why       string
	How       string // who agreed, in a sentence
	Dissent   bool
	Votes     []voteView
}

type voteView struct {
	Source, Way, Said string
	Verdict           string // agrees, disagrees or silent
	Level             string
	Took              string
}

// troubleView is conditions that say the same of several subjects.
type troubleView struct {
	Level      string
	Subjects   []string
	Others     int
	Text, Hint string
}

type zoneView struct {
	ID, Name, Account string
	Summary           string
	Level             string
	Open              bool
	Names             []nameView
}

type nameView struct {
	Name string
	Sets []setView
}

type setView struct {
	Type    string
	State   string
	Level   string
	Values  []string
	Missing bool
	Wanted  string // where it is not what stands
	How     string // proxied or not, and the TTL
	Changed time.Time
	Trouble string
}

type eventView struct {
	At         time.Time
	Level      string
	What, Text string
}

// Bounds on what one page lists.
const (
	mostTroubles = 12
	mostSubjects = 3
	mostEvents   = 30
	mostRounds   = 20
	openRRsets   = 60 // so many are shown without being asked for
	fewRRsets    = 12 // among so few nobody searches
)

func (s *Server) view(r *http.Request) view {
	now := s.cfg.Board.Now()
	at := time.Now().In(s.cfg.Location)
	q := r.URL.Query()
	verdict := s.verdict(now)
	v := view{Version: now.Version, Records: now.Records, now: at, Release: s.cfg.Version,
		Level: verdict.Level.String(), Sentence: verdict.Sentence,
		Loading: now.Round.Started.IsZero(), Empty: now.Empty(),
		LoggedIn: shown(r) == sessionShown, MayWrite: shown(r) != noCredential,
		Checked: lastCheck(now), Next: now.Round.Next, Updated: now.Updated,
		Tally: now.Tally(), Query: plain(q.Get("q"))}
	for _, f := range addr.Families() {
		if o, ok := now.Round.Seen[f]; ok {
			v.Families = append(v.Families, newFamilyView(f, o, now.Addrs[f]))
		}
	}
	v.Troubles, v.Remarks, v.More = troubles(now.Round.Conditions)
	v.setTimeline(s, q.Get("span"))
	v.Searchable = v.Tally.All()+v.Tally.OutOfScope > fewRRsets
	if have, err := strconv.ParseUint(q.Get("have"), 10, 64); err == nil && have == now.Records {
		v.Unchanged = true
	} else {
		v.Zones = zones(now.RRsets(), v.Query)
		if v.Loading {
			wait(v.Zones)
		}
	}
	for _, e := range now.Events[:min(len(now.Events), mostEvents)] {
		v.Events = append(v.Events, newEventView(e))
	}
	v.Rounds = now.Rounds[:min(len(now.Rounds), mostRounds)]
	v.setSettings(s.cfg.Settings)
	return v
}

func (v *view) setSettings(all func() []Setting) {
	if all == nil {
		return
	}
	for _, s := range all() {
		if s.Problem != "" {
			v.Problems++
		}
		v.Settings = append(v.Settings, Setting{plain(s.Name), plain(s.Value), plain(s.Origin), plain(s.Problem)})
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

func (v *view) setTimeline(s *Server, name string) {
	chosen := spanOf(name)
	titles := map[string]string{"24h": "24 hours", "7d": "7 days", "90d": "90 days"}
	for _, sp := range spans() {
		v.Spans = append(v.Spans, spanView{sp.name, titles[sp.name], sp.name == chosen.name})
	}
	events, err := s.past(v.now.Add(-chosen.length))
	v.Timeline = newTimeline(chosen, events, v.now, s.cfg.Location)
	if err != nil {
		v.Timeline.Summary = "The history cannot be read: " + plain(err.Error())
	}
}

func newFamilyView(f addr.Family, o addr.Observation, a status.Addresses) familyView {
	v := familyView{Family: f.String(), Known: o.Known(), Since: a.Since, Lost: a.Lost, Addresses: texts(a.Addrs), Why: plain(why(o))}
	agree, silent := 0, 0
	for _, vote := range o.Votes() {
		row := voteView{Source: plain(vote.Source), Way: plain(vote.Way), Said: strings.Join(texts(vote.Said.Addrs()), ", "),
			Verdict: "agrees", Level: "good", Took: exact(vote.Took)}
		switch {
		case !vote.Said.Known():
			row.Verdict, row.Level, row.Said = "silent", "idle", plain(why(vote.Said))
			silent++
		case o.Known() && !vote.Said.Same(o):
			row.Verdict, row.Level, v.Dissent = "disagrees", "bad", true
		case !o.Known():
			row.Verdict, row.Level, v.Dissent = "doubted", "doubtful", true
		default:
			agree++
		}
		v.Votes = append(v.Votes, row)
	}
	v.How = how(agree, silent, len(v.Votes))
	return v
}

func how(agree, silent, all int) string {
	switch {
	case all == 0:
		return ""
	case agree == 0 && silent == all:
		return "No source answers."
	case agree == 0:
		return "The sources contradict each other."
	case agree == all && all == 1:
		return "One source was asked."
	case agree == all:
		return fmt.Sprintf("All %d sources agree.", all)
	case agree+silent == all:
		return fmt.Sprintf("%d of %d sources agree; the others gave no answer.", agree, all)
	}
	return fmt.Sprintf("%d of %d sources agree; %s.", agree, all, count(all-agree-silent, "disagrees", "disagree"))
}

// subjects names what a trouble is about.
func (t troubleView) subjects() string {
	s := strings.Join(t.Subjects, ", ")
	if t.Others > 0 {
		s += " and " + count(t.Others, "other", "others")
	}
	return s
}

// troubles groups the conditions: failures first, the others apart.
func troubles(conditions []status.Condition) (bad, remarks []troubleView, more int) {
	type key struct {
		code       status.Code
		text, hint string
	}
	groups := make(map[key][]string)
	var order []key
	for _, c := range conditions {
		k := key{c.Code, c.Text, c.Hint}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], plain(c.Subject))
	}
	for _, k := range order {
		subjects := groups[k]
		t := troubleView{Level: levelOf(k.code), Subjects: subjects[:min(len(subjects), mostSubjects)], Others: max(0, len(subjects)-mostSubjects), Text: plain(k.text), Hint: plain(k.hint)}
		if k.code.Failure() {
			bad = append(bad, t)
		} else {
			remarks = append(remarks, t)
		}
	}
	if n := len(bad) - mostTroubles; n > 0 {
		bad, more = bad[:mostTroubles], n
	}
	return bad, remarks[:min(len(remarks), mostTroubles)], more
}

// levelOf tells what is wrong apart from what is only not known.
func levelOf(c status.Code) string {
	switch {
	case c == status.AddressUnknown || c == status.AddressDoubted:
		return "doubtful"
	case c.Failure():
		return "bad"
	}
	return "idle"
}

// zones groups RRsets, which come in order, by zone and name.
func zones(sets []status.RRset, query string) []zoneView {
	var out []zoneView
	worst := make(map[int]status.Tally)
	for _, set := range sets {
		if !matches(set, query) {
			continue
		}
		name := "not found in any zone yet"
		if !set.Zone.IsZero() {
			name = set.Zone.Describe()
		}
		if n := len(out); n == 0 || out[n-1].Name != name || out[n-1].Account != set.Account {
			out = append(out, zoneView{ID: "zone-" + strconv.Itoa(n), Name: name, Account: plain(set.Account)})
		}
		z := &out[len(out)-1]
		host := set.Key.Name.Describe()
		if n := len(z.Names); n == 0 || z.Names[n-1].Name != host {
			z.Names = append(z.Names, nameView{Name: host})
		}
		n := &z.Names[len(z.Names)-1]
		n.Sets = append(n.Sets, newSetView(set))
		worst[len(out)-1] = worst[len(out)-1].With(set.State)
	}
	for i := range out {
		out[i].sum(worst[i], len(sets) <= openRRsets || query != "")
	}
	return out
}

// wait is how names look before the first round: nothing is the matter yet.
func wait(zones []zoneView) {
	for i := range zones {
		z := &zones[i]
		z.Name, z.Level, z.Summary = "To be kept", "idle", count(len(z.Names), "name", "names")
		for _, n := range z.Names {
			for j := range n.Sets {
				n.Sets[j].State, n.Sets[j].Level = "waiting", "idle"
			}
		}
	}
}

// sum says in a few words how a zone stands.
func (z *zoneView) sum(t status.Tally, open bool) {
	z.Level, z.Open = "good", open
	var words []string
	add := func(n int, what string) {
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(t.Wrong, "not right")
	add(t.NotKnown, "not known")
	add(t.Right, "right")
	add(t.OutOfScope, "left alone")
	z.Summary = strings.Join(words, ", ")
	switch {
	case t.Wrong > 0:
		z.Level = "bad"
	case t.NotKnown > 0:
		z.Level = "doubtful"
	}
}

func matches(set status.RRset, query string) bool {
	query = strings.ToLower(strings.TrimSpace(query))
	return query == "" || strings.Contains(set.Key.Name.String(), query) || strings.Contains(set.Key.Name.Describe(), query) ||
		strings.EqualFold(set.State.String(), query) || strings.EqualFold(string(set.Key.Type), query) ||
		slices.ContainsFunc(set.Records, func(d dns.Record) bool { return strings.Contains(d.Content(), query) })
}

func newSetView(set status.RRset) setView {
	v := setView{Type: string(set.Key.Type), State: set.State.String(), Level: map[status.State]string{status.Right: "good", status.Wrong: "bad",
		status.NotKnown: "doubtful", status.OutOfScope: "idle"}[set.State], Changed: set.Changed, Missing: set.Read && len(set.Records) == 0}
	for _, d := range set.Records {
		v.Values = append(v.Values, plain(d.Content()))
	}
	if set.State == status.Wrong {
		v.Wanted = strings.Join(texts(set.Wanted), ", ")
	}
	if len(set.Records) > 0 {
		v.How = attributes(set.Records[0])
	}
	for _, c := range set.Conditions {
		v.Trouble = plain(cmp.Or(v.Trouble, c.Text))
	}
	return v
}

func attributes(d dns.Record) string {
	ttl := "TTL auto"
	if d.TTL != dns.AutoTTL {
		ttl = fmt.Sprintf("TTL %d s", d.TTL)
	}
	if d.Proxied {
		return "proxied, " + ttl
	}
	return ttl
}

func newEventView(e status.Event) eventView {
	v := eventView{At: e.At, Level: "idle", Text: plain(e.Text)}
	from, to := plain(e.From), plain(e.To)
	switch e.Kind {
	case status.HomingBegan:
		v.What = "homing began"
	case status.HomingEnded:
		v.What = "homing ended"
	case status.AddressFound:
		v.Level, v.What = "good", fmt.Sprintf("%s is %s", e.Family, to)
		if from != "" && from != to {
			v.What += ", was " + from
		}
	case status.AddressLost:
		v.Level, v.What = "doubtful", fmt.Sprintf("%s is not known", e.Family)
	case status.RecordChanged:
		v.Level, v.What = "good", strings.TrimSpace(fmt.Sprintf("%s %s", e.Key, arrow(from, to)))
	case status.RecordsChanged:
		v.Level, v.What, v.Text = "good", v.Text+" records changed", ""
	case status.FamilyPublished:
		v.Level, v.What = "good", fmt.Sprintf("%s published %s after it was first seen", e.Family, exact(e.Took))
	case status.ConditionBegan:
		v.Level, v.What, v.Text = "bad", v.Text, ""
		if !e.Failure {
			v.Level = "idle"
		}
	case status.ConditionOver:
		v.Level, v.What, v.Text = "good", "Over: "+v.Text, ""
	}
	return v
}

func arrow(from, to string) string {
	switch {
	case from == "":
		return "created: " + to
	case to == "":
		return "deleted: " + from
	case from == to:
		return "adapted: " + to
	}
	return from + " → " + to
}

func texts(addrs []netip.Addr) []string {
	out := make([]string, len(addrs))
	for i, a := range addrs {
		out[i] = a.String()
	}
	return out
}

func outcomeLevel(o status.Outcome) string {
	switch o {
	case status.Failed:
		return "bad"
	case status.Changed:
		return "good"
	}
	return "idle"
}

func (v view) long(t time.Time) string {
	return t.In(v.now.Location()).Format("Mon 2 Jan 2006, 15:04:05 MST")
}
func (v view) stamp(t time.Time) string { return stamp(t, v.now.Location()) }

func rfc(t time.Time) string                           { return t.UTC().Format(time.RFC3339) }
func num[N int | int64 | uint64 | float64](n N) string { return fmt.Sprint(n) }
func pct(f float64) string                             { return fmt.Sprint(f) + "%" }

// radius tells the families apart where they lie on each other.
func (d delay) radius() string {
	if d.Family == addr.IPv6.String() {
		return "6"
	}
	return "3.8"
}
