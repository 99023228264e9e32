package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/text"
)

// In returns p with its advice in these words.
func (p Plan) In(w text.Words) Plan {
	p.Notes = slices.Clone(p.Notes)
	for i := range p.Notes {
		p.Notes[i].Hint = p.Notes[i].Hint.Fixed(w)
	}
	return p
}

// In returns p with its advice in these words.
func (p ListPlan) In(w text.Words) ListPlan {
	p.Notes = slices.Clone(p.Notes)
	for i := range p.Notes {
		p.Notes[i].Hint = p.Notes[i].Hint.Fixed(w)
	}
	return p
}

// Words returns the plan for a person: a line a change with its reason, then a line
// a note. It ends without a line break; an empty plan is an empty string.
func (p Plan) Words() string {
	var lines []string
	for _, c := range p.Changes() {
		lines = append(lines, c.Words())
	}
	for _, n := range p.Notes {
		lines = append(lines, n.Words())
	}
	return strings.Join(lines, "\n")
}

// Words returns one change: a sign, what, from what to what, and why.
func (c *Change) Words() string {
	return fmt.Sprintf("%s %s %s  (%s)", c.Sign(), c.Key(), c.Step(), c.Reason)
}

// Sign returns + for create, ~ for update, - for delete.
func (c *Change) Sign() string { return c.Action.Sign() }

// Sign returns + for create, ~ for update, - for delete.
func (a Action) Sign() string {
	switch a {
	case ToCreate:
		return "+"
	case ToUpdate:
		return "~"
	case ToDelete:
		return "-"
	}
	return "?"
}

// Step returns what becomes of the record: "198.51.100.1 → 203.0.113.7, proxied off → on".
func (c *Change) Step() string {
	switch c.Action {
	case ToCreate:
		return strings.Join(append([]string{c.New.Content()}, describeNew(c.New)...), ", ")
	case ToUpdate:
		return strings.Join(describeChange(c.Old, c.New), ", ")
	}
	return c.Old.Content()
}

// describeNew returns the attributes of a new record that are worth a word.
func describeNew(r dns.Record) []string {
	var words []string
	if r.Proxied {
		words = append(words, "proxied")
	}
	if r.TTL != dns.AutoTTL && !r.Proxied {
		words = append(words, fmt.Sprintf("TTL %d s", r.TTL))
	}
	if r.Comment != "" {
		words = append(words, fmt.Sprintf("comment %q", r.Comment))
	}
	if len(r.Tags) > 0 {
		words = append(words, "tags "+strings.Join(r.Tags, " "))
	}
	return words
}

// describeChange returns what is different between two states of a record.
func describeChange(from, to dns.Record) []string {
	var words []string
	f := Differ(&from, &to)
	if f.Has(Content) {
		words = append(words, from.Content()+" → "+to.Content())
	} else {
		words = append(words, to.Content())
	}
	if f.Has(Proxied) {
		words = append(words, fmt.Sprintf("proxied %s → %s", onOff(from.Proxied), onOff(to.Proxied)))
	}
	if f.Has(TTL) {
		words = append(words, fmt.Sprintf("TTL %s → %s", describeTTL(from.TTL), describeTTL(to.TTL)))
	}
	if f.Has(Comment) {
		words = append(words, fmt.Sprintf("comment %q → %q", from.Comment, to.Comment))
	}
	if f.Has(Tags) {
		words = append(words, fmt.Sprintf("tags %q → %q", from.Tags, to.Tags))
	}
	return words
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

func describeTTL(seconds int) string {
	if seconds == dns.AutoTTL {
		return "auto"
	}
	return fmt.Sprintf("%d s", seconds)
}

// Words returns one note: a sign, what it is about, what is so and what to do.
func (n Note) Words() string { return noteLine(n.Key.String(), n.Text, n.Hint.String()) }

func noteLine(subject, text, hint string) string {
	s := fmt.Sprintf("! %s  %s", subject, text)
	if hint != "" {
		s += "; " + hint
	}
	return s
}

// Words returns the plan for a person, as that of a zone is.
func (p ListPlan) Words() string {
	var lines []string
	for _, c := range p.Changes {
		lines = append(lines, fmt.Sprintf("%s list %s %s  (%s)", c.Action.Sign(), p.List.Name, c.Step(), c.Reason))
	}
	for _, n := range p.Notes {
		lines = append(lines, noteLine("list "+p.List.Name, n.Text, n.Hint.String()))
	}
	return strings.Join(lines, "\n")
}

// Step returns what becomes of the item: its prefix and, where it is made, its comment.
func (c ListChange) Step() string {
	if c.Action == ToCreate && c.Item.Comment != "" {
		return fmt.Sprintf("%s, comment %q", c.Item.Prefix, c.Item.Comment)
	}
	return c.Item.Prefix.String()
}
