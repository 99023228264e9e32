package cloudflare

import (
	"strconv"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/provider/rest"
)

// cleanMessages cleans messages in place.
func (c *client) cleanMessages(all []message) {
	for i := range all {
		all[i].Message = c.rest.Sanitize(all[i].Message)
	}
}

// quoteIfUnprintable returns the content of a record that is no address: as it is, where that
// can be shown, else in quotes. So what differs from an address only in what
// nobody sees, a blank behind it say, does not pass for it.
func quoteIfUnprintable(content string) string {
	if clean := rest.Printable(content); clean != content {
		return strconv.Quote(string([]rune(content)[:min(utf8.RuneCountInString(content), rest.MaxShownRunes)]))
	}
	return content
}
