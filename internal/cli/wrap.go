package cli

import (
	"strings"
	"unicode/utf8"
)

// columns is how wide a text for people is: it fits a terminal side by side with
// another, and a paste into an issue.
const columns = 100

// wrapped is a text of words whose lines are at most columns wide, of which the
// first begins at column first (from 0) and the others at column next. A word
// that is wider stands by itself.
func wrapped(text string, first, next int) string {
	var b strings.Builder
	at := first
	for i, word := range strings.Split(text, " ") {
		width := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+width > columns:
			b.WriteString("\n" + strings.Repeat(" ", next))
			at = next
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += width
	}
	return b.String()
}

// beside is text behind a head of so many columns, or where it does not fit there
// in lines of its own.
func beside(head int, text string, indent int) string {
	if head+2+utf8.RuneCountInString(text) <= columns {
		return "  " + text
	}
	return "\n" + strings.Repeat(" ", indent) + wrapped(text, indent, indent)
}
