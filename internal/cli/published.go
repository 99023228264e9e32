package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/status"
)

// writePublished lists names with what is published there, a zone at a time; with
// failing only those that are not right.
func writePublished(b *strings.Builder, p paint, sets []*publishedSet, failing bool) {
	var shown []*publishedSet
	width := 0
	for _, s := range sets {
		if left := s.State == status.OutOfScope.String(); failing && (left || s.State == status.Right.String()) || left && len(s.Records) == 0 {
			continue
		}
		shown = append(shown, s)
		width = max(width, min(utf8.RuneCountInString(s.what()), 40))
	}
	for i, s := range shown {
		if i == 0 || s.Zone != shown[i-1].Zone || s.Account != shown[i-1].Account {
			b.WriteString("\n" + p.bold(plain(s.where())) + "\n")
		}
		text := s.holds()
		if want := s.wants(); want != "" {
			text += "; " + want
		}
		what := s.what()
		head := 4 + max(width, utf8.RuneCountInString(what))
		fmt.Fprintf(b, "  %s %-*s%s\n", s.mark(p), width, what, beside(head, plain(text), 8))
	}
	if failing && len(shown) == 0 && len(sets) > 0 {
		b.WriteString("no record is failing\n")
	}
}

func (s *publishedSet) what() string { return plain(s.Type + " " + s.Name) }

func (s *publishedSet) where() string {
	where := s.Zone
	if where == "" {
		where = "zone unknown"
	}
	return ofAccount(where, s.Account)
}

func (s *publishedSet) mark(p paint) string {
	switch s.State {
	case status.Right.String():
		return p.green("✓")
	case status.Wrong.String():
		return p.red("✗")
	case status.OutOfScope.String():
		return p.dim("-")
	}
	return p.yellow("?")
}

// holds is what the DNS host holds there.
func (s *publishedSet) holds() string {
	if !s.Read {
		return "published records unknown"
	}
	if len(s.Records) == 0 {
		return "no record"
	}
	contents := make([]string, len(s.Records))
	for i, r := range s.Records {
		contents[i] = r.Content
		if r.Proxied {
			contents[i] += " (proxied)"
		}
	}
	return strings.Join(contents, ", ")
}

// wants is what should be there where something else is.
func (s *publishedSet) wants() string {
	switch {
	case s.State == status.Right.String():
		return ""
	case s.State == status.OutOfScope.String():
		return "left alone"
	case len(s.Wanted) == 0 && s.State == status.NotKnown.String():
		return "the address is not known"
	case len(s.Wanted) == 0:
		return ""
	}
	return "should be " + strings.Join(s.Wanted, ", ")
}
