package status

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/text"
)

// Group is the conditions that come of one cause. It is one message, however
// many subjects it has.
type Group struct {
	Condition             // the first of them
	All       []Condition // in order
	Subjects  []string    // theirs
	reasons   int         // how many different ones they have
}

// How much of a Group is written out.
const (
	subjectsNamed = 3 // the others are counted
	reasonsApart  = 3 // so many reasons of one cause are told one by one; more are told by the first
)

// ByCause groups conditions, in their order. Those of one cause, reason and
// advice are told together. So are those of one cause and advice whose reasons
// are many, as where each holds an address of its own.
func ByCause(cs []Condition) []Group {
	type cause struct {
		word    string
		hint    text.Hint
		failure bool
	}
	causeOf := func(c *Condition) cause { return cause{c.cause(), c.Hint, c.Code.Failure()} }
	reasons := make(map[cause][]string)
	for i := range cs {
		c := &cs[i]
		k := causeOf(c)
		if len(reasons[k]) <= reasonsApart && !slices.Contains(reasons[k], c.reason()) {
			reasons[k] = append(reasons[k], c.reason())
		}
	}
	type message struct {
		cause
		reason string
	}
	var groups []Group
	place := make(map[message]int)
	for i := range cs {
		c := &cs[i]
		m := message{cause: causeOf(c)}
		if len(reasons[m.cause]) <= reasonsApart {
			m.reason = c.reason()
		}
		at, known := place[m]
		if !known {
			at = len(groups)
			place[m] = at
			groups = append(groups, Group{Condition: *c, reasons: 1})
		}
		g := &groups[at]
		if c.reason() != g.reason() {
			g.reasons++
		}
		g.All, g.Subjects = append(g.All, *c), append(g.Subjects, c.Subject)
	}
	return groups
}

// reason is the Text that conditions of one cause share.
func (c *Condition) reason() string {
	if c.Reason == "" {
		return c.Text
	}
	return c.Reason
}

// About names the first subjects and counts the others.
func (g *Group) About() string { return named(g.Subjects, len(g.Subjects)) }

// Why is what is so, of one subject or of all of them.
//
//go:noinline // many callers: see dependencies.md
func (g *Group) Why() string {
	switch {
	case len(g.Subjects) == 1:
		return g.Text
	case g.reasons > 1:
		return g.reason() + " (the first of them; the others are similar)"
	}
	return g.reason()
}

// Describe is the Group in one line.
func (g *Group) Describe() string {
	c := g.Condition
	c.Subject, c.Text = g.About(), g.Why()
	return c.Describe()
}

// named is the first of these and the number of the others, of so many in all.
func named(subjects []string, all int) string {
	shown := subjects[:min(len(subjects), subjectsNamed)]
	s := strings.Join(shown, ", ")
	if more := all - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}
