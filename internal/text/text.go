// Package text makes words for people: clean, short, counted and listed, and
// advice that refers to settings by value.
package text

import (
	"fmt"
	"strings"
	"unicode"
)

// Line is s as one line that is safe on a terminal, in a log and on a page:
// what could move the cursor, break the line or turn the direction of writing
// is a blank, and bytes that are not UTF-8 are U+FFFD.
func Line(s string) string { return strings.Map(visible, s) }

// Lines is s made safe as Line does it, its line breaks kept.
func Lines(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return visible(r)
	}, s)
}

// visible is r, or a blank in its place. strings.Map has already turned what is
// not UTF-8 into unicode.ReplacementChar.
func visible(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
		return ' '
	}
	return r
}

// Cut is the first characters of s, at most this many, the last of them "…"
// where something is left out. It reads no more of s than it keeps.
func Cut(s string, most int) string {
	n, end := 0, 0 // characters read, and where the last one that may stay ends
	for i := range s {
		if n == most-1 {
			end = i
		}
		if n++; n > most {
			return s[:end] + "…"
		}
	}
	return s
}

// Count is n and the noun, in the plural where it is not one: "1 record",
// "2 records", "3 entries".
func Count(n int, noun string) string {
	switch stem, y := strings.CutSuffix(noun, "y"); {
	case n == 1:
	case y && !strings.ContainsAny(stem[max(0, len(stem)-1):], "aeiou"):
		noun = stem + "ies"
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// List is the words as a sentence has them, at most this many by name: "a",
// "a and b", "a, b and 3 more". Zero names all.
func List(words []string, most int) string {
	if most > 0 && len(words) > most {
		words = append(words[:most:most], fmt.Sprintf("%d more", len(words)-most))
	}
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
