package bridge

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// segment is how many octets of a TXT record stand in one pair of quotes.
const segment = 255

// Quote is the text of a TXT record as a zone file has it.
func Quote(text string) string {
	var b strings.Builder
	for i := 0; i < len(text) || i == 0; i += segment {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte('"')
		for _, c := range []byte(text[i:min(i+segment, len(text))]) {
			switch {
			case c == '"' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < ' ' || c > '~':
				fmt.Fprintf(&b, "\\%03d", c)
			default:
				b.WriteByte(c)
			}
		}
		b.WriteByte('"')
	}
	return b.String()
}

var errNoText = errors.New("that is no TXT record in quotes")

// Unquote is the text of a TXT record, of what a zone file has. One that is cut in
// another way than Quote would cut it cannot be kept: libdns has it as one text.
func Unquote(s string) (string, error) {
	var b strings.Builder
	pieces := 0
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeft(s, " ") {
		if s[0] != '"' {
			return "", errNoText
		}
		i := 1
		for ; i < len(s) && s[i] != '"'; i++ {
			c := s[i]
			if c == '\\' {
				octet, n := escaped(s[i+1:])
				if n == 0 {
					return "", errNoText
				}
				c, i = octet, i+n
			}
			b.WriteByte(c)
		}
		if i >= len(s) {
			return "", errNoText
		}
		s = s[i+1:]
		pieces++
	}
	if fit := max(1, (b.Len()+segment-1)/segment); pieces != fit {
		return "", fmt.Errorf("a text of %d octets cannot be kept in %d pieces", b.Len(), pieces)
	}
	return b.String(), nil
}

// escaped is the octet that stands behind a backslash, and how many it takes up.
func escaped(s string) (octet byte, n int) {
	switch {
	case s == "":
		return 0, 0
	case s[0] < '0' || s[0] > '9':
		return s[0], 1
	case len(s) < 3:
		return 0, 0
	}
	sum := 0
	for _, d := range []byte(s[:3]) {
		if d < '0' || d > '9' {
			return 0, 0
		}
		sum = 10*sum + int(d-'0')
	}
	if sum > 255 {
		return 0, 0
	}
	return byte(sum), 3
}

// longest is how much of a failure is told.
const longest = 400

// clean makes a text of a library one line that may be shown: without what is secret,
// in any form in which it may stand in an address, and without what an address asks.
func (h *Host) clean(s string) string {
	words := strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s))
	for i, w := range words {
		if _, rest, ok := strings.Cut(w, "://"); ok {
			if at := strings.IndexByte(rest, '?'); at >= 0 {
				words[i] = w[:len(w)-len(rest)+at] + "?…"
			}
		}
	}
	s = strings.Join(words, " ")
	for _, v := range h.Hide {
		if len(v) < 4 {
			continue
		}
		for _, form := range []string{v, url.QueryEscape(v), url.PathEscape(v)} {
			s = strings.ReplaceAll(s, form, "••••••")
		}
	}
	if runes := []rune(s); len(runes) > longest {
		s = string(runes[:longest]) + "…"
	}
	return strings.ToValidUTF8(s, "")
}
