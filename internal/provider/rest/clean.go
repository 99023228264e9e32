package rest

import (
	"strings"
	"unicode"
)

// MaxShown bounds every text of a server that is shown, in runes.
const MaxShown = 300

// Clean makes a text of the network fit to be shown, and takes the secrets out
// of it.
func (c *Client) Clean(s string) string {
	hidden := c.Secrets
	if p := c.handed.Load(); p != nil {
		hidden = append(hidden[:len(hidden):len(hidden)], p.Secrets...)
	}
	for _, t := range hidden {
		if !t.IsZero() {
			s = strings.ReplaceAll(s, t.Reveal(), t.String())
		}
	}
	return Printable(s)
}

// Printable is s in one line, without control characters, and not long.
func Printable(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(s); len(r) > MaxShown {
		return string(r[:MaxShown]) + "…"
	}
	return s
}
