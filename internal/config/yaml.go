package config

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxYAML  = 256 << 10 // octets of a homing.yaml: room for some thousand records
	maxDepth = 16        // of brackets in brackets, and of indents in indents
	maxKeys  = 2000      // in one mapping; who has more has given the wrong file
)

// readYAML adds what a homing.yaml says.
func (d *Draft) readYAML(in *Input, path string, b []byte) {
	d.yaml = true
	d.Files = append(d.Files, path)
	r := yamlReader{d: d, in: in, file: path, table: newTable(in.Catalogue)}
	text := string(b)
	r.lines = linesOf(strings.TrimPrefix(text, byteOrderMark))
	switch {
	case len(b) > maxYAML:
		r.lines = nil
		r.wrong("", 0, 0, "the file is larger than 256 KiB", "a configuration is not that long; is it the right file?")
		return
	case !utf8.ValidString(text):
		r.lines = nil
		r.wrong("", 0, 0, "the file is not valid UTF-8", "save it as UTF-8")
		return
	}
	r.harmless = r.goesOn()
	if !r.takes(text) {
		return
	}
	documents, err := parseYAML(text)
	if err != nil {
		r.noYAML(err)
		return
	}
	for _, n := range documents.refused {
		r.noReferences(n.line, n.column)
	}
	if top := documents.first; top != nil {
		r.section("", top)
	}
	if second := documents.second; second != nil {
		r.wrong("", second.line, second.column, "a second document begins here", "write everything into one, without a line of ---")
	}
}

// takes reports whether a text has nothing in it that is refused before it is
// parsed: control characters and directives.
func (r *yamlReader) takes(text string) bool {
	begun := false
	for i, line := range r.lines {
		if column := strings.IndexFunc(line, forbidden); column >= 0 {
			r.wrong("", i+1, utf8.RuneCountInString(line[:column])+1, "a control character stands here, which no YAML has",
				"take it out; in double quotes it can be written as an escape such as \\x1b")
			return false
		}
		if !begun && strings.HasPrefix(line, "%") {
			r.noReferences(i+1, 1)
			return false
		}
		content := strings.TrimLeft(line, " \t")
		begun = begun || content != "" && content[0] != '#'
	}
	return true
}

// forbidden are the characters that YAML has only as escapes.
func forbidden(c rune) bool {
	return unicode.IsControl(c) && c != '\t' && c != '\x7f' || c == '\ufffe' || c == '\uffff'
}

// noReferences refuses what names another place of the file, or a type. Of a
// text that begins like one, a wildcard for one, YAML takes it as well.
func (r *yamlReader) noReferences(line, column int) {
	r.wrong("", line, column, "anchors, aliases, tags and directives are not taken",
		"write it out in full; a text with signs such as * & ! @ in front needs quotes")
}

// noYAML says why a text could not be parsed.
func (r *yamlReader) noYAML(err *syntaxError) {
	line, column, message := err.line, err.column, err.message
	if err.within != nil && (r.beyond(line, column) || err.within.is("a simple key")) {
		line, column = err.within.line, err.within.column // where it began, for it does not end
	}
	sign := r.sign(line, column)
	switch {
	case message == tooDeep:
		r.wrong("", line, column, tooDeep, "is it the right file?")
		return
	case err.within != nil && (err.within.is("an alias") || err.within.is("an anchor") || err.within.is("a tag")):
		r.noReferences(err.within.line, err.within.column)
		return
	case err.within != nil && err.within.is("a quoted scalar") && r.beyond(err.line, err.column):
		message = "could not find the end of a text in quotes"
	case strings.HasPrefix(message, "found character that"):
		message = strings.Replace(message, "character", "character '"+sign+"'", 1)
	}
	hint := "look at indents, brackets and quotes; a text with signs such as * & ! @ in front needs quotes"
	if askew := r.askew(line); askew != "" {
		hint = askew
	}
	if r.tabbed(line) {
		hint = "indent with blanks; YAML takes no tabs there"
	}
	r.wrong("", line, column, "this is not YAML: "+unquoted(message), hint)
}

// beyond reports whether a place is behind the last character of the text.
func (r *yamlReader) beyond(line, column int) bool {
	last := len(r.lines)
	return line > last || line == last && column > utf8.RuneCountInString(r.lines[last-1])
}

// sign is the character at a place, and a word for a tab.
func (r *yamlReader) sign(line, column int) string {
	if line < 1 || r.beyond(line, column) {
		return ""
	}
	for i, c := range []rune(r.lines[line-1]) {
		if i+1 == column && c != '\t' {
			return string(c)
		}
	}
	return "tab"
}

// tabbed reports whether a tab stands in the indent of a line.
func (r *yamlReader) tabbed(line int) bool {
	return line > 0 && line <= len(r.lines) && strings.HasPrefix(strings.TrimLeft(r.lines[line-1], " "), "\t")
}

// unquoted is the first line of a message without what it quotes of the file,
// which may be a secret; signs may stay.
func unquoted(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	var b strings.Builder
	for {
		i := strings.IndexAny(message, "\"'`")
		if i < 0 {
			return brief(b.String() + message)
		}
		quote := message[i : i+1]
		inside, rest, closed := strings.Cut(message[i+1:], quote)
		if inside != "tab" && len(inside) > 2 || !closed {
			inside = "…"
		}
		b.WriteString(message[:i] + quote + inside + quote)
		message = rest
	}
}
