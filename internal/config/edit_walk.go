package config

import (
	"strconv"
	"strings"
)

// step leads one level into a file: to the value of a key, or to an item.
type step struct {
	key   string
	index int // of an item, where there is no key
}

// stepsOf is the way to a path.
func stepsOf(path string) (steps []step, ok bool) {
	for key := range strings.SplitSeq(path, ".") {
		key, index, indexed := strings.Cut(key, "[")
		if key == "" {
			return nil, false
		}
		steps = append(steps, step{key: key})
		if !indexed {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
		if err != nil || n < 0 || n >= 2*maxKeys || !strings.HasSuffix(index, "]") {
			return nil, false
		}
		steps = append(steps, step{index: n})
	}
	return steps, true
}

// walk is the way through a file to what is edited.
type walk struct {
	*editor
	form Form // of the setting
	path string

	at     *node // how far it is
	parent *node // in what at stands
	nth    int   // which part of it
	flow   bool  // at stands in brackets
}

// go on as far as the file has what the steps lead to. The rest is not there.
func (w *walk) follow(steps []step) (rest []step) {
	for i, s := range steps {
		n := w.at
		next := -1
		switch {
		case s.key != "" && n.kind == mapNode:
			for k := 0; k+1 < len(n.parts); k += 2 {
				if n.parts[k].kind == textNode && n.parts[k].text == s.key {
					next = k + 1
					break
				}
			}
		case s.key == "" && n.kind == listNode && s.index < len(n.parts):
			next = s.index
		case s.key == "" && s.index == 0 && (n.kind == textNode || n.kind == mapNode):
			continue // one thing is a list of it
		case s.key == "name" && n.kind == textNode && i == len(steps)-1:
			continue // a record may be its name alone
		}
		if next < 0 {
			return steps[i:]
		}
		w.flow = w.flow || w.bracketed(n)
		w.parent, w.nth, w.at = n, next, n.parts[next]
	}
	return nil
}

// bracketed reports whether a list or a mapping is written in brackets.
func (w *walk) bracketed(n *node) bool {
	if n.kind != listNode && n.kind != mapNode || !n.place.known() || n.place.start >= len(w.text) {
		return false
	}
	c := w.text[n.place.start]
	if len(n.parts) > 0 && n.parts[0].place.start == n.place.start {
		return false
	}
	return c == '[' || c == '{'
}

// eol is how lines end in this file.
func (e *editor) eol() string {
	switch i := strings.IndexAny(e.text, "\r\n"); {
	case i >= 0 && strings.HasPrefix(e.text[i:], "\r\n"):
		return "\r\n"
	case i >= 0:
		return e.text[i : i+1]
	}
	return "\n"
}

// lineStart is where the line begins in which i is.
func (e *editor) lineStart(i int) int {
	for i > 0 && e.text[i-1] != '\n' && e.text[i-1] != '\r' {
		i--
	}
	return i
}

// blankBefore reports whether nothing but blanks stands before i in its line,
// and no byte order mark.
func (e *editor) blankBefore(i int) bool {
	return strings.Trim(e.text[e.lineStart(i):i], " ") == ""
}

// lines is what is to stand below one another, indented by so many blanks, each
// with a line break before it.
func (e *editor) lines(indent int, lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(e.eol() + strings.Repeat(" ", indent) + line)
	}
	return b.String()
}

// skip goes over blanks, line breaks and comments from i on.
func (e *editor) skip(i int) int { return (&tree{text: e.text}).skip(i) }
