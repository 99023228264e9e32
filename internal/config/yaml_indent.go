package config

import (
	"fmt"
	"strings"
)

// askew is what a person can do about the indent of a line at which a text stops
// being YAML; empty where the indent is no reason.
func (r *yamlReader) askew(line int) string {
	if line < 2 || line > len(r.lines) {
		return ""
	}
	mine := indentOf(r.lines[line-1])
	above := r.above(line)
	switch before := r.lines[above-1]; {
	case mine > indentOf(before) && !strings.HasSuffix(strings.TrimSpace(before), ":"):
		return fmt.Sprintf("line %d is indented by %d and line %d above it by %d: indent it like that one", line, mine, above, indentOf(before))
	case mine < indentOf(before) && !r.fits(line, mine):
		return fmt.Sprintf("line %d is indented by %d, as no line above it is: indent it like the one it belongs beside", line, mine)
	}
	return ""
}

// above is the line before one that says something; 1 where none does.
func (r *yamlReader) above(line int) int {
	for line--; line > 1 && isQuiet(r.lines[line-1]); line-- {
	}
	return line
}

// fits reports whether a line above one begins where that does, or has what
// stands behind its dash there.
func (r *yamlReader) fits(line, indent int) bool {
	for line--; line > 0; line-- {
		l := r.lines[line-1]
		in := indentOf(l)
		dash := strings.HasPrefix(l[in:], "- ") && in+2 == indent
		if !isQuiet(l) && (in == indent || dash) {
			return true
		}
	}
	return false
}

// swallowed is the line of an item of a list that the text before it has taken
// in, because it is indented further; 0 where none is.
func (r *yamlReader) swallowed(path string, n *node) int {
	if !strings.HasSuffix(strings.TrimSuffix(path, ".name"), "]") || !n.plain || n.line < 1 || n.line >= len(r.lines) || !strings.Contains(n.text, " - ") {
		return 0
	}
	if next := r.lines[n.line]; strings.HasPrefix(strings.TrimLeft(next, " "), "- ") {
		return n.line + 1
	}
	return 0
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// isQuiet reports whether nothing stands in a line but a comment.
func isQuiet(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}
