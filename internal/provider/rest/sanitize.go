package rest

import (
	"strings"
	"unicode"
)

// MaxShownRunes bounds every text of a server that is shown, in runes.
const MaxShownRunes = 300

// Sanitize makes a text of the network fit to be shown, and redacts the secrets in
// it.
func (c *Client) Sanitize(s string) string {
	hidden := c.Secrets
	if p := c.lastCredential.Load(); p != nil {
		hidden = append(hidden[:len(hidden):len(hidden)], p.Secrets...)
	}
	for _, t := range hidden {
		if !t.IsZero() {
			s = strings.ReplaceAll(s, t.Reveal(), t.String())
		}
	}
	return Printable(s)
}

// Printable returns s in one line, without control characters, and not long.
func Printable(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(s); len(r) > MaxShownRunes {
		return string(r[:MaxShownRunes]) + "…"
	}
	return s
}
