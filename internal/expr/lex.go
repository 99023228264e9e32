package expr

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is read. A list of every name of a large account fits.
const (
	maxLength = 64 << 10 // octets
	maxDepth  = 100      // parentheses and negations around one another
)

// Error is an expression that cannot be read.
type Error struct {
	Column int    // from 1, in characters
	Reason string // what was expected there and what was found
}

func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Reason) }

// token is a symbol, a word between symbols and white space, or the end.
type token struct {
	text   string // empty at the end
	column int
	symbol bool
}

func (t token) is(symbol string) bool { return t.symbol && t.text == symbol }

func (t token) isWord() bool { return !t.symbol && t.text != "" }

// expected is the error that something else than t should stand at its place.
func (t token) expected(what string) error {
	found := "the end"
	if t.text != "" {
		found = fmt.Sprintf("%q", t.text)
	}
	return &Error{t.column, fmt.Sprintf("expected %s, found %s", what, found)}
}

// lex cuts s into tokens, the end among them. The single-letter symbols are
// those of singles; "&&" and "||" always are.
func lex(s, singles string) ([]token, error) {
	if len(s) > maxLength {
		return nil, &Error{maxLength + 1, fmt.Sprintf("the expression is longer than %d octets", maxLength)}
	}
	var tokens []token
	column := 1
	for s != "" {
		r, _ := utf8.DecodeRuneInString(s)
		if unicode.IsSpace(r) {
			s, column = s[utf8.RuneLen(r):], column+1
			continue
		}
		t := token{column: column}
		switch {
		case strings.ContainsRune(singles, r):
			t.text, t.symbol = s[:utf8.RuneLen(r)], true
		case r == '&', r == '|':
			t.text, t.symbol = s[:1], true
			if double := t.text + t.text; strings.HasPrefix(s, double) {
				t.text = double
				break
			}
			return nil, &Error{column, fmt.Sprintf("expected %q, found a single %q", t.text+t.text, t.text)}
		default:
			t.text = word(s, singles)
		}
		if !utf8.ValidString(t.text) {
			return nil, &Error{column, "expected UTF-8 text, found something else"}
		}
		tokens = append(tokens, t)
		s, column = s[len(t.text):], column+utf8.RuneCountInString(t.text)
	}
	return append(tokens, token{column: column}), nil
}

// word is the start of s up to the next symbol or white space.
func word(s, singles string) string {
	end := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '&' || r == '|' || strings.ContainsRune(singles, r)
	})
	if end < 0 {
		return s
	}
	return s[:end]
}
