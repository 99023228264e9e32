package config

import (
	"fmt"
	"strings"
)

// Unfilled is a variable in a text that nothing filled in: ${NAME} anywhere,
// or $NAME, $(command), %NAME% and {{ … }} as the whole text. Empty when there
// is none.
func Unfilled(text string) string {
	text = strings.TrimSpace(text)
	if head, rest, found := strings.Cut(text, "${"); found && !strings.HasSuffix(head, "$") {
		if name, _, closed := strings.Cut(rest, "}"); closed && isVariable(variableIn(name)) {
			return "${" + name + "}"
		}
	}
	whole := func(open, end string) bool {
		return len(text) > len(open)+len(end) && strings.HasPrefix(text, open) && strings.HasSuffix(text, end)
	}
	switch {
	case whole("$", "") && isVariable(text[1:]), whole("$(", ")"), whole("{{", "}}"), whole("%", "%") && isVariable(strings.Trim(text, "%")):
		return text
	}
	return ""
}

// variableIn is the name in what stands between the braces of ${NAME:-default}.
func variableIn(inside string) string {
	if i := strings.IndexAny(inside, ":-?+"); i >= 0 {
		return inside[:i]
	}
	return inside
}

// unfilled is the problem that text holds a variable nothing filled in; nil
// when it holds none.
func unfilled(text string) error {
	ref := Unfilled(text)
	if ref == "" {
		return nil
	}
	return hinted(fmt.Sprintf("%.60s was not filled in", ref), "write the value itself: a shell and Compose fill variables in, while env files, units of systemd and manifests of Kubernetes keep them as they are")
}

// tellUnfilled tells of variables in texts that are good all the same, but for
// commands and expressions, in which they may stand.
func (l *loader) tellUnfilled(s *Setting, v *value) {
	e := v.entries[0]
	if e.Origin.File != "" || e.written != "" || s.Secret || s.Literal && !s.prose() || strings.HasPrefix(e.Text, "exec:") {
		return
	}
	if err := unfilled(e.Text); err != nil {
		l.notice(e.Origin.Name + ": " + err.Error() + "; " + hintOf(err).In(l.words))
	}
}
