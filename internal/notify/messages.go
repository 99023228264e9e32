package notify

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

const (
	maxNamesListed = 3       // of those that had the same happen to them; the others are counted
	maxLinesListed = 20      // of a text
	maxBody        = 8 << 10 // bytes of a text; services of their own accord take less or cut it up
)

// changedMessage is the message of what a round changed.
func changedMessage(r *status.Round, events []status.Event, now time.Time) (Message, bool) {
	m := Message{Kind: Changed, At: now}
	items := 0
	for i := range events {
		switch e := &events[i]; e.Kind {
		case status.RecordChanged:
			m.Changes = append(m.Changes, *e)
		case status.ItemChanged:
			items++
		}
	}
	switch {
	case len(m.Changes) > 0:
		m.Title = "homing: " + countNoun(m.changedRecords(), "record") + " changed"
	case items > 0:
		m.Title = "homing: " + countNoun(items, "list item") + " changed"
	default:
		return Message{}, false
	}
	m.IPv4, m.IPv6 = addressStrings(r)
	m.Body = joinBody(changeLines(events))
	return m, true
}

// changedRecords is how many records were.
func (m *Message) changedRecords() (n int) {
	for i := range m.Changes {
		n += m.Changes[i].Count
	}
	return n
}

// changeLines is a line for all changes that are alike: from what to what, and
// whose names; and one for each item of an IP list.
func changeLines(events []status.Event) []string {
	var g sentenceGroups
	for i := range events {
		e := &events[i]
		what := e.Step
		if e.Action.String() != "update" {
			what = e.Action.String() + "d " + what
		}
		switch e.Kind {
		case status.RecordChanged:
			for _, k := range e.Keys {
				g.add(what+": ", k.String(), "")
			}
		case status.ItemChanged:
			g.add(fmt.Sprintf("%sd %s in the list %s", e.Action, cmp.Or(e.To, e.From), e.List), "", "")
		}
	}
	return g.lines()
}

// failedMessage is the message of what has gone wrong.
func failedMessage(fresh []*problem, r *status.Round, now time.Time) Message {
	m := Message{Kind: Failed, At: now, Title: "homing: something is not right"}
	m.IPv4, m.IPv6 = addressStrings(r)
	for _, t := range fresh {
		m.Conditions = append(m.Conditions, t.Condition)
	}
	m.Body = joinBody(conditionLines(m.Conditions))
	return m
}

// conditionLines is a line for all conditions of one cause.
func conditionLines(cs []status.Condition) (lines []string) {
	groups := status.ByCause(cs)
	for i := range groups {
		lines = append(lines, groups[i].Describe())
	}
	return lines
}

// recoveredMessage is the message of what is right again; so many others are not.
func recoveredMessage(over []*problem, left int, r *status.Round, now time.Time) Message {
	m := Message{Kind: Recovered, At: now, Title: "homing: everything is right again"}
	if left > 0 {
		m.Title = "homing: right again in part, " + countNoun(left, "failure") + " left"
	}
	m.IPv4, m.IPv6 = addressStrings(r)
	var lines, order []string
	lasted := make(map[string][]status.Condition)
	for _, t := range over {
		m.Conditions = append(m.Conditions, t.Condition)
		d := formatDuration(now.Sub(t.since))
		if lasted[d] == nil {
			order = append(order, d)
		}
		lasted[d] = append(lasted[d], t.Condition)
	}
	for _, d := range order {
		groups := status.ByCause(lasted[d])
		for i := range groups {
			g := &groups[i]
			lines = append(lines, "right again after "+d+": "+g.About()+" (it was: "+g.Why()+")")
		}
	}
	m.Body = joinBody(lines)
	return m
}

// addressStrings is what a round knows of each family.
func addressStrings(r *status.Round) (four, six []string) {
	for f, o := range r.Seen {
		var as []string
		for _, a := range o.Addrs() {
			as = append(as, a.String())
		}
		if f.String() == "IPv4" {
			four = as
		} else {
			six = as
		}
	}
	return four, six
}

// sentenceGroups collects the subjects of sentences that are the same otherwise, in the
// order they came in.
type sentenceGroups struct {
	order    []sentence
	subjects map[sentence][]string
}

type sentence struct{ before, after string }

func (g *sentenceGroups) add(before, subject, after string) {
	if g.subjects == nil {
		g.subjects = make(map[sentence][]string)
	}
	s := sentence{before, after}
	if _, known := g.subjects[s]; !known {
		g.order = append(g.order, s)
	}
	g.subjects[s] = append(g.subjects[s], subject)
}

func (g *sentenceGroups) lines() []string {
	var out []string
	for _, s := range g.order {
		out = append(out, s.before+listNames(g.subjects[s])+s.after)
	}
	return out
}

// listNames is the first of these and the number of the others.
func listNames(names []string) string {
	shown := names[:min(len(names), maxNamesListed)]
	s := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// joinBody is the lines of a message, no more than a person reads.
func joinBody(lines []string) string {
	if more := len(lines) - maxLinesListed; more > 0 {
		lines = append(lines[:maxLinesListed:maxLinesListed], fmt.Sprintf("… and %d lines more", more))
	}
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(stripControl(l), "\n", " ")
	}
	return truncate(strings.Join(lines, "\n"), maxBody)
}

func countNoun(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// formatDuration is a duration as a person says it.
func formatDuration(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return countNoun(int(d/time.Second), "second")
	case d < 2*time.Hour:
		return countNoun(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return countNoun(int(d/time.Hour), "hour")
	}
	return countNoun(int(d/(24*time.Hour)), "day")
}
