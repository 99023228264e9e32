package config

import (
	"strings"
	"unicode"
)

// source is a line of the file as a message may show it: without control
// characters, and without anything that might be a secret. Only what stands
// behind a key that is known, and whose value is no secret, is shown.
func (r *yamlReader) source(line int) string {
	if line < 1 || line > len(r.lines) {
		return ""
	}
	if shown, known := r.sources[line]; known {
		return shown
	}
	if r.sources == nil {
		r.sources = make(map[int]string)
	}
	r.sources[line] = r.shown(line) // once: a thousand records may stand in one line
	return r.sources[line]
}

func (r *yamlReader) shown(line int) string {
	text := r.lines[line-1]
	found := keysIn(text)
	head := text
	if len(found) > 0 {
		head = text[:found[0].start]
	}
	if strings.Trim(head, " \t-{[?\r") != "" && !r.harmless[line-1] {
		return brief(text[:len(text)-len(strings.TrimLeft(text, " "))] + "…")
	}
	for _, k := range found {
		if !r.table.harmless[text[k.start:k.colon]] {
			text = text[:k.colon+1] + " …"
			break
		}
	}
	return brief(redactURLs(text))
}

// goesOn says of each line whether what goes on in it from the lines above
// belongs to a key that is not secret. Above all keys nothing is sure: the file
// may be one that holds a token.
func (r *yamlReader) goesOn() []bool {
	harmless, out := false, make([]bool, len(r.lines))
	for i, text := range r.lines {
		out[i] = harmless
		if found := keysIn(text); len(found) > 0 {
			last := found[len(found)-1]
			harmless = r.table.harmless[text[last.start:last.colon]]
		}
	}
	return out
}

// keyIn is where a key stands in a line.
type keyIn struct{ start, colon int }

func keysIn(text string) (keys []keyIn) {
	for i := range len(text) {
		if text[i] == ':' && (i+1 == len(text) || strings.IndexByte(" \t\r", text[i+1]) >= 0) {
			start := strings.LastIndexFunc(text[:i], func(c rune) bool { return !isKeyRune(c) }) + 1
			keys = append(keys, keyIn{start, i})
		}
	}
	return keys
}

func isKeyRune(c rune) bool {
	return c == '_' || c == '-' || unicode.IsLetter(c) || unicode.IsDigit(c)
}

// brief is a clean text, cut where it is very long.
func brief(text string) string {
	text = clean(text)
	if r := []rune(text); len(r) > 120 {
		text = strings.TrimRight(string(r[:119])+"…", " ")
	}
	return text
}

// clean is a text without control characters.
func clean(text string) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case c == '\t':
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c):
			return -1
		}
		return c
	}, text)
	return strings.TrimRight(text, " ")
}
