package web

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// troubleView is conditions that say the same of several subjects.
type troubleView struct {
	ID         string
	Level      string
	Subjects   []subjectView // the first few
	Others     int
	All        []subjectView // of more than a few: so many that a page has room for them
	Rest       int           // that are not in All
	Text, Hint string
	Docs       string // where more is written
}

// subjectView is what something is about, and where that is shown.
type subjectView struct{ Text, Href string }

type eventView struct {
	At         time.Time
	Level      string
	What, Text string
}

// newSubject leads to the record, the zone or the part of the page that a
// condition is about.
func newSubject(c *status.Condition) subjectView {
	s := subjectView{Text: plain(text.Cut(c.Subject, subjectMost))}
	switch {
	case !c.Key.Name.IsZero():
		s.Href = query("record", "name", c.Key.Name.String())
	case c.Code.OfAddress() || slices.Contains(aboutAddresses, c.Code):
		s.Href = "#addresses"
	case c.Code == status.SettingsRefused:
		s.Href = "#settings"
	case c.Code == status.NameUnplaced || c.Code == status.ZoneFailed || c.Code == status.ZoneWarning:
		name, _, _ := strings.Cut(c.Subject, " of ")
		s.Href = query("./", "q", plain(text.Cut(name, subjectMost))) + "#records"
	}
	return s
}

// aboutAddresses are shown where the addresses are. They are never changed.
var aboutAddresses = []status.Code{status.FamilyAbsent, status.SiteDown, status.TwoLines, status.BehindCGNAT, status.BehindTunnel, status.AddressFleeting, status.NeighbourAway}

// docs is where more is written about a condition: the page of the repository, to
// which a browser goes only when somebody asks for it.
const docs = "https://github.com/homing-dns/homing/blob/main/docs/"

func docsOf(c status.Code) string {
	for _, d := range docPages {
		if slices.Contains(d.of, c) {
			return docs + d.page
		}
	}
	return ""
}

// docPages are never changed.
var docPages = []struct {
	page string
	of   []status.Code
}{
	{"troubleshooting.md#the-address", []status.Code{status.AddressUnknown, status.AddressDoubted, status.FamilyAbsent, status.SiteDown, status.TwoLines, status.AddressDamped, status.BehindCGNAT, status.BehindTunnel, status.AddressFleeting, status.HostIDUnfit}},
	{"troubleshooting.md#zones-and-records", []status.Code{status.ZonesUnread, status.ZoneFailed, status.ZoneWarning, status.NameUnplaced, status.ChangeFailed, status.Rival, status.ListFailed, status.NameBlocked, status.AccountAdvice}},
	{"records.md#other-machines-behind-the-same-ipv6-prefix", []status.Code{status.NeighbourAway}},
	{"records.md", []status.Code{status.RecordMissing, status.RecordAmbiguous, status.RecordUntouched, status.SettingAdapted, status.AddressLeftOut, status.LeftBehind}},
	{"settings.md", []status.Code{status.SettingsRefused}},
	{"troubleshooting.md#the-page-health-and-messages", []status.Code{status.TellingFailed}},
}

// How much of what is wrong a page has room for.
const (
	subjectMost = 300  // characters of what something is about
	textMost    = 1000 // of what is said of it
	namesMost   = 60   // names behind one card
)

// newTrouble is what a group of conditions says, as the nth card.
func newTrouble(g *status.Group, nth int) *troubleView {
	t := &troubleView{ID: "names-" + strconv.Itoa(nth), Level: levelOf(g.Code), Others: max(0, len(g.Subjects)-mostSubjects),
		Text: plain(text.Cut(g.Why(), textMost)), Hint: plain(text.Cut(g.Hint.String(), textMost)), Docs: docsOf(g.Code)}
	for i := range g.All[:min(len(g.All), namesMost)] {
		s := newSubject(&g.All[i])
		if i < mostSubjects {
			t.Subjects = append(t.Subjects, s)
		}
		t.All = append(t.All, s)
	}
	t.Rest = len(g.All) - len(t.All)
	return t
}

// troubles groups the conditions: failures first, of these what is wrong before
// what is only not known; the others apart.
func troubles(conditions []status.Condition) (bad, remarks []*troubleView, more int) {
	for i, g := range status.ByCause(conditions) {
		if t := newTrouble(&g, i); g.Code.Failure() || g.Code == status.SettingsRefused {
			bad = append(bad, t)
		} else {
			remarks = append(remarks, t)
		}
	}
	sort.SliceStable(bad, func(i, j int) bool { return bad[i].Level == "bad" && bad[j].Level != "bad" })
	if n := len(bad) - mostTroubles; n > 0 {
		bad, more = bad[:mostTroubles], n
	}
	return bad, remarks[:min(len(remarks), mostTroubles)], more
}

// levelOf tells what is wrong apart from what is only not known.
func levelOf(c status.Code) string {
	switch {
	case c == status.AddressUnknown || c == status.AddressDoubted || c == status.SettingsRefused:
		return "doubtful"
	case c.Failure():
		return "bad"
	}
	return "idle"
}

func eventViews(events []status.Event) []*eventView {
	views := make([]*eventView, len(events))
	for i := range events {
		views[i] = newEventView(&events[i])
	}
	return views
}

func newEventView(e *status.Event) *eventView {
	v := &eventView{At: e.At, Level: "idle", Text: plain(text.Cut(e.Text, textMost))}
	from, to := plain(text.Cut(e.From, subjectMost)), plain(text.Cut(e.To, subjectMost))
	switch e.Kind {
	case status.HomingBegan:
		v.What = "homing started"
	case status.HomingEnded:
		v.What = "homing stopped"
	case status.SettingsEdited:
		v.What, v.Text = "settings changed: "+to, "by "+from
	case status.AddressFound:
		v.Level, v.What = "good", fmt.Sprintf("%s is %s", e.Of, to)
		if from != "" && from != to {
			v.What += ", was " + from
		}
	case status.AddressLost:
		v.Level, v.What = "doubtful", fmt.Sprintf("%s is not known", e.Of)
	case status.RecordChanged:
		v.Level, v.What = "good", strings.TrimSpace(e.About()+" "+arrow(from, to))
	case status.ItemChanged:
		v.Level, v.What = "good", fmt.Sprintf("list %s %s", plain(e.List), arrow(from, to))
	case status.FamilyPublished:
		v.Level, v.What = "good", fmt.Sprintf("%s published %s after it was first seen", e.Of, exact(e.Took))
		if e.Truth > 0 {
			v.What = fmt.Sprintf("%s published %s after the first sign of it", e.Of, exact(e.Truth))
		}
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

func outcomeLevel(o status.Outcome) string {
	switch o {
	case status.Failed:
		return "bad"
	case status.Changed:
		return "good"
	}
	return "idle"
}
