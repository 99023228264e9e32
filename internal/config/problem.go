package config

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/homing-dns/homing/internal/text"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Origin        // where, as the person wrote it
	Value  string // what it says, unless it is a secret or not set
	Reason string // what is wrong with it
	Hint   string // what to do; may be empty

	path   string    // in the table of settings
	advice text.Hint // Hint, until it is known in whose words it is said
	open   bool      // something is missing here that may be there where the settings are used
	unset  bool      // a setting that the account cannot do without; others may be missing too
}

// Elsewhere are those problems that stay wherever the settings are used: a
// credential, or the file of one, may be missing on this machine alone.
func (ps Problems) Elsewhere() Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p *Problem) bool { return p.open })
}

// Problems is everything that is wrong: first what stands in files, in their
// order, and then in the order of the settings.
type Problems []*Problem

// Error is the whole message a person sees.
func (ps Problems) Error() string {
	var b strings.Builder
	if len(ps) == 1 {
		b.WriteString("one setting is wrong\n")
	} else {
		fmt.Fprintf(&b, "%d settings are wrong\n", len(ps))
	}
	for _, p := range ps {
		p.write(&b)
	}
	return strings.TrimRight(b.String(), "\n")
}

// Presentable is the value as others than its owner may see it, without quotes.
func (p *Problem) Presentable(c *Catalogue) string {
	if p.Value == "" {
		return ""
	}
	s, _ := newTable(c).setting(p.path)
	return presentable(s, strings.Trim(p.Value, `"`))
}

func (p *Problem) write(b *strings.Builder) {
	b.WriteString("\n  " + strings.Trim(p.place()+": "+p.Name, ": "))
	if p.Value != "" {
		b.WriteString("=" + p.Value)
	}
	b.WriteByte('\n')
	if p.Source != "" {
		fmt.Fprintf(b, "    %4d | %s\n", p.Line, p.Source)
	}
	fmt.Fprintf(b, "    %s\n", p.Reason)
	if p.Hint != "" {
		fmt.Fprintf(b, "    → %s\n", p.Hint)
	}
}

// sorted is ps in the order in which a person would mend them.
func (ps Problems) sorted(t *table) Problems {
	out := slices.Clone(ps)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		switch {
		case (a.Line > 0) != (b.Line > 0):
			return a.Line > 0
		case a.Line > 0 && a.File != b.File:
			return a.File < b.File
		case a.Line > 0:
			return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
		}
		return t.rank(a.path) < t.rank(b.path)
	})
	return out
}

// capped is ps without those that nobody reads. Whoever has so many has given the
// wrong file, or made one mistake in every line.
func (ps Problems) capped() Problems {
	if len(ps) <= maxProblems {
		return ps
	}
	more := &Problem{Origin: Origin{Name: fmt.Sprintf("and %d more", len(ps)-maxProblems+1)}, Reason: "they are listed once some of these are mended"}
	return append(slices.Clone(ps[:maxProblems-1]), more)
}

// shown is a value as a message quotes it: without what may be secret in the
// addresses in it, and cut where it is very long.
func shown(value string) string {
	const most = 60
	value = redactURLs(value)
	if r := []rune(value); len(r) > most {
		value = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", value)
}

// redactURLs takes user, password and query out of every URL in s.
func redactURLs(s string) string {
	var b strings.Builder
	for {
		head, rest, found := strings.Cut(s, "://")
		if !found {
			return b.String() + s
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
		if end < 0 {
			end = len(rest)
		}
		address := rest[:end]
		s = rest[end:]
		if i := strings.LastIndexByte(address, '@'); i >= 0 {
			address = "…" + address[i:]
		}
		if i := strings.IndexAny(address, "?#"); i >= 0 {
			address = address[:i+1] + "…"
		}
		b.WriteString(head + "://" + address)
	}
}
