package text

import (
	"strings"
	"unicode"
)

// Strip is s without the characters that Line makes blanks of: in the log and
// in a terminal, what came from the network is written so.
func Strip(s string) string { return strings.Map(stripped, s) }

// StripLines is Strip for a text of several lines, with indents.
func StripLines(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return stripped(r)
	}, s)
}

func stripped(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
		return -1
	}
	return r
}
