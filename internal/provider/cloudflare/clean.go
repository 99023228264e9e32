package cloudflare

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown bounds every text of a server that is shown, in runes.
const maxShown = 300

// clean makes a text of the network fit to be shown, and takes the credential
// out of it.
func (c Credential) clean(s string) string { return printable(c.redact(s)) }

// printable is s in one line, without control characters, and not long.
func printable(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}

// cleanAll cleans messages in place.
func (c Credential) cleanAll(all []message) {
	for i := range all {
		all[i].Message = c.clean(all[i].Message)
	}
}

// asStored is the content of a record that is no address: as it is, where that
// can be shown, else in quotes. So what differs from an address only in what
// nobody sees, a blank behind it say, does not pass for it.
func asStored(content string) string {
	if clean := printable(content); clean != content {
		return strconv.Quote(string([]rune(content)[:min(utf8.RuneCountInString(content), maxShown)]))
	}
	return content
}
