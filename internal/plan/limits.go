package plan

import (
	"fmt"
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/text"
)

// Limits is what a zone can hold and what its DNS host takes. A zero field means
// that there is no such limit, or that it is not known, so that the host decides.
type Limits struct {
	MinTTL  int // seconds; an automatic TTL is always allowed
	MaxTTL  int // seconds
	AutoTTL int // seconds that are stored for an automatic TTL; zero where the host keeps it as one
	Comment int // characters; negative means none at all
	Tags    int // tags a record; negative means none at all
	Values  int // records of one name and type

	CommentIs string // what people see a comment as, where that is not as a comment: "notes"

	NoProxy  bool // no record is proxied
	OneTTL   bool // the records of one name and type share their TTL
	OneMark  bool // the records of one name and type share their comment and tags
	NoTXT    bool // there are no TXT records
	NoIPv4   bool // there are no A records
	NoIPv6   bool // there are no AAAA records
	NoCreate bool // records are made elsewhere, and only changed over the API

	Batch       int // changes a call
	BatchValues int // records in all sets of a call, as they are to stand
	BatchOctets int // of a call
}

// stores reports whether there are records of this type.
func (l *Limits) stores(t dns.Type) bool {
	switch t {
	case dns.TXT:
		return !l.NoTXT
	case dns.A:
		return !l.NoIPv4
	case dns.AAAA:
		return !l.NoIPv6
	}
	return true
}

// fit returns the attributes as this zone can store them, and a note for each one
// that had to be adapted. Values are compared in this form only, or a value
// the host changes on its own would be "repaired" for ever.
func (l Limits) fit(key dns.Key, a Attrs) (Attrs, []Note) {
	var notes []Note
	adapted := func(code NoteCode, hint text.Hint, format string, args ...any) {
		notes = append(notes, Note{Code: code, Key: key, Text: fmt.Sprintf(format, args...), Hint: hint})
	}
	if a.Proxied && l.NoProxy {
		adapted(ProxyDropped, "set {records.proxied} to false for this name", "this host cannot proxy, so the record shows the address itself")
		a.Proxied = false
	}
	asked := a.TTL
	switch a.TTL = l.ttl(a); {
	case a.Proxied, asked == 0, a.TTL == asked:
	case asked == dns.AutoTTL:
		adapted(TTLMeans, "", "an automatic TTL is %d s at this host", a.TTL)
	case l.MaxTTL == dns.AutoTTL:
		adapted(TTLAdapted, "set {records.ttl} to 1 (automatic) for this name", "this host sets the TTL; %d s was ignored", asked)
	default:
		adapted(TTLAdapted, text.Advise("set %s to 1 (automatic) or to a value from %d to %d", text.The("records.ttl"), l.MinTTL, l.MaxTTL),
			"this zone does not support a TTL of %d s; using %d s", asked, a.TTL)
	}
	switch n := utf8.RuneCountInString(a.Comment); {
	case l.Comment < 0 && n > 0:
		adapted(CommentCut, "", "this host has no comments; it was ignored")
		a.Comment = ""
	case l.Comment > 0 && n > l.Comment:
		adapted(CommentCut, "shorten {records.comment}", "this zone allows comments of at most %d characters; the rest was cut off", l.Comment)
		a.Comment = string([]rune(a.Comment)[:l.Comment])
	}
	switch n := max(l.Tags, 0); {
	case l.Tags == 0 || len(a.Tags) <= n:
		return a, notes
	case n == 0:
		adapted(TagsDropped, "", "this zone has no tags; they were ignored")
	default:
		adapted(TagsDropped, "", "this zone allows only %d of the %d tags; the rest was ignored", n, len(a.Tags))
	}
	a.Tags = slices.Sorted(slices.Values(a.Tags))[:max(l.Tags, 0)] // the same ones in every round, whatever their order
	return a, notes
}

// ttl returns the TTL that is stored for a: a proxied record has none of its own.
func (l Limits) ttl(a Attrs) int {
	if a.Proxied {
		return dns.AutoTTL
	}
	return l.clampTTL(a.TTL)
}

// clampTTL returns the TTL that is stored where ttl is asked for; zero asks for nothing.
func (l Limits) clampTTL(ttl int) int {
	if ttl = max(ttl, dns.AutoTTL); ttl == dns.AutoTTL && l.AutoTTL == 0 {
		return ttl
	}
	if ttl == dns.AutoTTL {
		ttl = l.AutoTTL
	}
	if l.MinTTL > 0 {
		ttl = max(ttl, l.MinTTL)
	}
	if l.MaxTTL > 0 {
		ttl = min(ttl, l.MaxTTL)
	}
	return ttl
}

// fitWithinLimit returns the wanted addresses, without those for which the zone has none beside
// n other records; what is said already comes first.
func (s *rrset) fitWithinLimit(wanted []dns.Data, n int) []dns.Data {
	if s.limits.Values == 0 || len(wanted)+n <= s.limits.Values {
		return wanted
	}
	said := func(d dns.Data) bool {
		return slices.ContainsFunc(s.mine, func(r dns.Record) bool { return r.Data() == d })
	}
	sort.SliceStable(wanted, func(i, j int) bool { return said(wanted[i]) && !said(wanted[j]) })
	fit := max(s.limits.Values-n, 0)
	s.note(ValuesCut, fmt.Sprintf("this host allows %s per name and type; left out: %s", text.Count(s.limits.Values, "record"), joinData(wanted[fit:])),
		"detect fewer addresses, or choose the ones to publish")
	return wanted[:fit]
}

// unchangedRecords returns the records that stand afterwards as they stood, where rest is what
// nobody wants.
func (s *rrset) unchangedRecords(rest []dns.Record) []dns.Record {
	if s.Leftovers == Keep {
		return slices.Concat(s.foreign, rest)
	}
	return slices.Clip(s.foreign)
}

// withSharedAttrs returns a record with what it shares with those that stay as they are, at a
// host that has one TTL or one mark for all of them.
func (s *rrset) withSharedAttrs(to dns.Record) dns.Record {
	if len(s.stays) == 0 {
		return to
	}
	if s.limits.OneTTL {
		to.TTL = s.stays[0].TTL
	}
	if s.limits.OneMark {
		to.Comment, to.Tags = s.stays[0].Comment, s.stays[0].Tags
	}
	return to
}

// noteSharedAttrs says which settings give way to records that stay.
func (s *rrset) noteSharedAttrs() {
	if len(s.stays) == 0 || s.State != Values {
		return
	}
	want, _ := s.limits.fit(s.Key, s.Attrs)
	r := dns.Record{Type: s.Key.Type, Proxied: want.Proxied, TTL: want.TTL, Comment: want.Comment, Tags: want.Tags}
	made := slices.ContainsFunc(s.changes, func(c Change) bool { return c.Action == ToCreate })
	shared := s.withSharedAttrs(r)
	if f := Differ(&r, &shared); f.Has(s.Enforce) || f != 0 && made {
		s.note(Shared, fmt.Sprintf("records of one name and type share their %s at this host, and the ones that stay have another: %s", f, contents(s.stays)), "")
	}
}
