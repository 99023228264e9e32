package plan

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
)

// Limits is what a zone's plan allows. A zero field means that the limit is
// not known, so that the host decides.
type Limits struct {
	MinTTL  int // seconds; AutoTTL is always allowed
	MaxTTL  int // seconds
	Comment int // characters
	Tags    int // tags a record; negative means none at all
	Batch   int // changes a call
}

// fit is the attributes as this zone can store them, and a note for each one
// that had to be adapted. Values are compared in this form only, or a value
// the host changes on its own would be "repaired" for ever.
func (l Limits) fit(key dns.Key, a Attrs) (Attrs, []Note) {
	var notes []Note
	if a.TTL == 0 {
		a.TTL = dns.AutoTTL
	}
	if a.Proxied {
		a.TTL = dns.AutoTTL // a proxied record has no TTL of its own
	}
	if ttl := l.clampTTL(a.TTL); ttl != a.TTL {
		notes = append(notes, Note{Code: TTLAdapted, Key: key,
			Text: fmt.Sprintf("this zone does not take a TTL of %d s; using %d s", a.TTL, ttl),
			Hint: fmt.Sprintf("set TTL to 1 (automatic) or to a value from %d to %d", l.MinTTL, l.MaxTTL)})
		a.TTL = ttl
	}
	if l.Comment > 0 && utf8.RuneCountInString(a.Comment) > l.Comment {
		notes = append(notes, Note{Code: CommentCut, Key: key,
			Text: fmt.Sprintf("this zone takes comments of at most %d characters; the rest was cut off", l.Comment),
			Hint: "shorten RECORD_COMMENT"})
		a.Comment = string([]rune(a.Comment)[:l.Comment])
	}
	if n := max(l.Tags, 0); l.Tags != 0 && len(a.Tags) > n {
		text := "this zone takes no tags; they were left out"
		if n > 0 {
			text = fmt.Sprintf("this zone takes only %d of the %d tags; the rest was left out", n, len(a.Tags))
		}
		notes = append(notes, Note{Code: TagsDropped, Key: key, Text: text})
		a.Tags = slices.Sorted(slices.Values(a.Tags))[:n] // the same ones in every round, whatever their order
	}
	return a, notes
}

func (l Limits) clampTTL(ttl int) int {
	if ttl == dns.AutoTTL {
		return ttl
	}
	if l.MinTTL > 0 {
		ttl = max(ttl, l.MinTTL)
	}
	if l.MaxTTL > 0 {
		ttl = min(ttl, l.MaxTTL)
	}
	return ttl
}
