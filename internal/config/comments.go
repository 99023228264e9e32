package config

import (
	"fmt"
	"slices"
	"strings"
)

// Tidied is in whose variables are read as a shell or Compose would have read
// them: without the comment behind a value and without the quotes around it,
// which Docker's env files and Compose's lists keep. Texts in which "#" and
// quotes may stand, comments of records and commands above all, stay as they
// are; literal names further ones. What is left out is told in notices, each
// variable once.
func (in *Input) Tidied(notices *[]string, literal ...string) *Input {
	if in.Getenv == nil || in.tidied {
		return in
	}
	literal, secret, prose := append(literal, in.Catalogue.literals()...), in.Catalogue.secrets(), make(map[string]bool)
	for _, s := range in.Catalogue.rows() {
		prose[s.Env] = s.prose()
	}
	getenv, seen := in.Getenv, make(map[string]string)
	tidied := *in
	tidied.tidied = true
	tidied.Getenv = func(name string) string {
		if text, known := seen[name]; known {
			return text
		}
		text := strings.TrimSpace(getenv(name))
		if slices.Contains(literal, name) || strings.HasPrefix(text, "exec:") {
			if _, comment := cutComment(text); comment != "" && prose[name] {
				*notices = append(*notices, fmt.Sprintf("%s: %q is taken for a part of the text, not for a comment", name, brief(comment)))
			}
			return text
		}
		value, comment := cutComment(text)
		bare := value
		if !secret(name) {
			bare = withoutQuotes(value)
		}
		seen[name] = bare
		switch {
		case comment != "" && secret(name):
			*notices = append(*notices, name+": what stands behind \" #\" is taken for a comment and left out")
		case comment != "":
			*notices = append(*notices, fmt.Sprintf("%s: %q behind the value is taken for a comment and left out", name, brief(comment)))
		case bare != value:
			*notices = append(*notices, name+": the quotes around the value are left out")
		}
		return bare
	}
	return &tidied
}

// AsWritten is in whose variables hold neither comments nor quotes that do not
// belong to them, because they come from a file that was read by its own rules.
func (in *Input) AsWritten() *Input {
	out := *in
	out.tidied = true
	return &out
}

// secrets tells variables whose values no message shows.
func (c *Catalogue) secrets() func(name string) bool {
	var names []string
	for _, s := range c.rows() {
		if s.Secret {
			names = append(names, s.Env)
		}
	}
	return func(name string) bool {
		return slices.Contains(names, name) || strings.HasPrefix(name, "CF_DDNS_") || slices.ContainsFunc(strings.Split(name, "_"), func(word string) bool {
			return slices.Contains([]string{"TOKEN", "KEY", "SECRET", "PASSWORD"}, word)
		}) && !strings.HasSuffix(name, "_FILE")
	}
}

// literals are the variables that are taken as they are.
func (c *Catalogue) literals() (names []string) {
	for _, s := range c.rows() {
		if s.Literal {
			names = append(names, s.Env)
		}
	}
	return names
}

// prose reports whether s is a text that a person writes for others to read.
func (s *Setting) prose() bool { return s.Literal && s.Type == "text" }

// CutComment cuts a " # comment" off a text, and says which that was.
func CutComment(text string) (value, comment string) { return cutComment(text) }

// cutComment cuts off what stands behind a blank and "#" in a line of the text,
// and lines that begin with "#". comment is the first of these.
func cutComment(text string) (value, comment string) {
	if !strings.Contains(text, "#") {
		return text, ""
	}
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		at := commentIn(line)
		if at < 0 {
			kept = append(kept, line)
			continue
		}
		if comment == "" {
			comment = strings.TrimSpace(line[at:])
		}
		if rest := strings.TrimRight(line[:at], " \t"); rest != "" {
			kept = append(kept, rest)
		}
	}
	return strings.TrimSpace(strings.Join(kept, "\n")), comment
}

// commentIn is where the comment of a line begins; -1 when there is none. In
// quotes that the line begins with there is none.
func commentIn(line string) int {
	start := 0
	if q := openingQuote(strings.TrimSpace(line)); q != "" {
		open := strings.Index(line, q)
		if end := strings.Index(line[open+1:], q); end >= 0 {
			start = open + 1 + end
		}
	}
	for i := start; i < len(line); i++ {
		if line[i] == '#' && (strings.TrimSpace(line[:i]) == "" || line[i-1] == ' ' || line[i-1] == '\t') {
			return i
		}
	}
	return -1
}

// openingQuote is the quotation mark a text begins with; empty when there is none.
func openingQuote(text string) string {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		return text[:1]
	}
	return ""
}

// withoutQuotes is a text without the quotes around it, if these are all it has.
func withoutQuotes(text string) string {
	q := openingQuote(text)
	if inside, closed := strings.CutSuffix(text, q); q != "" && closed && len(text) > 1 && !strings.Contains(inside[1:], q) {
		return strings.TrimSpace(inside[1:])
	}
	return text
}
