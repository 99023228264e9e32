package config

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// byteOrderMark may stand before a text, and is no character of it.
const byteOrderMark = "\ufeff"

// span is where something stands in a file: from the octet start to the one
// before end. What is not written, such as the value of "key:", has a place and
// no length.
type span struct{ start, end int }

// nowhere is the place of what could not be found.
var nowhere = span{-1, -1}

func (s span) known() bool { return s.start >= 0 }

// begin goes on to a line and a column, which are counted in characters. It
// never goes back, so that the way through a file is as long as the file.
func (t *tree) begin(line, column int) span {
	if line < t.line || line == t.line && column < t.column {
		return nowhere
	}
	for t.at < len(t.text) && (t.line < line || t.line == line && t.column < column) {
		if size := breakAt(t.text[t.at:]); size > 0 {
			t.at, t.line, t.column = t.at+size, t.line+1, 1
			continue
		}
		_, size := utf8.DecodeRuneInString(t.text[t.at:])
		t.at, t.column = t.at+size, t.column+1
	}
	return span{t.at, t.at}
}

// scalar is the place of a scalar that begins at s.
func (t *tree) scalar(s span, n *yaml.Node) span {
	if !s.known() || n.Value == "" && n.Style == 0 {
		return s
	}
	rest, length := t.text[s.start:], -1
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		length = quoted(rest)
	case n.Style&yaml.SingleQuotedStyle != 0:
		length = apostrophised(rest)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		length = blockText(rest, n.Value)
	default:
		length = wordsOf(rest, n.Value)
	}
	if length < 0 {
		return nowhere
	}
	return span{s.start, s.start + length}
}

// collection is the place of a list or a mapping whose parts are placed. One
// in brackets begins before its parts; a single pair in a list needs none.
func (t *tree) collection(s span, parts []*node, flow bool) span {
	switch {
	case !s.known():
		return nowhere
	case len(parts) == 0:
		return t.closed(span{s.start, s.start + 1})
	}
	first, last := parts[0].place, parts[len(parts)-1].place
	switch {
	case !first.known() || !last.known():
		return nowhere
	case flow && first.start > s.start && t.text[s.start] != '?':
		return t.closed(span{s.start, last.end})
	}
	return span{s.start, last.end}
}

// closed is s up to the bracket that closes it, before which only a comma may
// stand.
func (t *tree) closed(s span) span {
	i := t.skip(s.end)
	if strings.HasPrefix(t.text[i:], ",") {
		i = t.skip(i + 1)
	}
	if i == len(t.text) || t.text[i] != ']' && t.text[i] != '}' {
		return nowhere
	}
	return span{s.start, i + 1}
}

// unwritten places a value that is not written: behind the colon of its key,
// or behind the key where that has no colon either.
func (t *tree) unwritten(key, value *node) {
	if value.kind != nullNode || value.place.start < value.place.end || !key.place.known() {
		return
	}
	at := key.place.end
	if i := t.skip(at); strings.HasPrefix(t.text[i:], ":") {
		at = i + 1
	}
	value.place = span{at, at}
}

// skip goes over blanks, line breaks and comments from i on.
func (t *tree) skip(i int) int {
	for i < len(t.text) {
		size := breakAt(t.text[i:])
		switch c := t.text[i]; {
		case size > 0:
			i += size
		case c == ' ' || c == '\t':
			i++
		case c == '#':
			i = lineEnd(t.text, i)
		default:
			return i
		}
	}
	return i
}

// quoted is how long the text in double quotes is that stands first in s.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// apostrophised is how long the text in single quotes is that stands first in
// s; two of them are one that belongs to it.
func apostrophised(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i++; i == len(s) || s[i] != '\'' {
			return i
		}
	}
	return -1
}

// wordsOf is how long the part of s is in which the words of value stand. YAML
// folds lines and takes indents away, but what is no blank is left as it is.
func wordsOf(s, value string) int {
	i := 0
	for _, want := range value {
		if isBlank(want) {
			continue
		}
		got, size := ' ', 0
		for isBlank(got) && i < len(s) {
			got, size = utf8.DecodeRuneInString(s[i:])
			i += size
		}
		if got != want {
			return -1
		}
	}
	return i
}

// blockText is how long the text is that | or > begins at the start of s: up to
// the end of its last line, and with the empty lines that belong to its value.
func blockText(s, value string) int {
	end := lineEnd(s, 0)
	words := strings.TrimRightFunc(value, isBlank)
	more := strings.Count(value[len(words):], "\n")
	if words != "" {
		start := end
		length := wordsOf(s[start:], words)
		if length < 0 {
			return -1
		}
		end = lineEnd(s, start+length)
		more--
	}
	for ; more > 0 && end < len(s); more-- {
		end = lineEnd(s, end+breakAt(s[end:]))
	}
	return end
}

// lineEnd is where the line of s ends in which i is.
func lineEnd(s string, i int) int {
	for i < len(s) && breakAt(s[i:]) == 0 {
		i++
	}
	return i
}

// breakAt is how many octets the line break has with which s begins; 0 where
// it begins with none. YAML 1.1 knows three more than people do.
func breakAt(s string) int {
	switch {
	case s == "":
		return 0
	case strings.HasPrefix(s, "\r\n") || strings.HasPrefix(s, "\u0085"):
		return 2
	case s[0] == '\n' || s[0] == '\r':
		return 1
	case strings.HasPrefix(s, "\u2028") || strings.HasPrefix(s, "\u2029"):
		return 3
	}
	return 0
}

func isBlank(c rune) bool {
	return c == ' ' || c == '\t' || breakAt(string(c)) > 0
}

// linesOf are the lines of a text, as YAML counts them.
func linesOf(s string) (lines []string) {
	for {
		end := lineEnd(s, 0)
		lines = append(lines, s[:end])
		if end == len(s) {
			return lines
		}
		s = s[end+breakAt(s[end:]):]
	}
}
