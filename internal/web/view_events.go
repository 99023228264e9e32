package web

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// troubleView is conditions that say the same of several subjects.
type troubleView struct {
	Level      string
	Subjects   []string
	Others     int
	Text, Hint string
}

type eventView struct {
	At         time.Time
	Level      string
	What, Text string
}

// subjects names what a trouble is about.
func (t troubleView) subjects() string {
	s := strings.Join(t.Subjects, ", ")
	if t.Others > 0 {
		s += " and " + count(t.Others, "other", "others")
	}
	return s
}

// troubles groups the conditions: failures first, of these what is wrong before
// what is only not known; the others apart.
func troubles(conditions []status.Condition) (bad, remarks []troubleView, more int) {
	for _, g := range status.ByCause(conditions) {
		t := troubleView{Level: levelOf(g.Code), Others: max(0, len(g.Subjects)-mostSubjects), Text: plain(g.Why()), Hint: plain(g.Hint.String())}
		for _, s := range g.Subjects[:len(g.Subjects)-t.Others] {
			t.Subjects = append(t.Subjects, plain(s))
		}
		if g.Code.Failure() || g.Code == status.SettingsRefused {
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

func newEventView(e status.Event) eventView {
	v := eventView{At: e.At, Level: "idle", Text: plain(e.Text)}
	from, to := plain(e.From), plain(e.To)
	switch e.Kind {
	case status.HomingBegan:
		v.What = "homing began"
	case status.HomingEnded:
		v.What = "homing ended"
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
