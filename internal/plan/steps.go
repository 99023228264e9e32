package plan

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/text"
)

// enforce returns r with the enforced attributes as wanted, in the form the zone
// stores them; without those by which an owner is known where they would
// disown it.
func (s *rrset) enforce(r dns.Record) dns.Record {
	want, _ := s.limits.fit(s.Key, s.Attrs)
	to := r
	if s.Enforce.Has(Proxied) {
		to.Proxied = want.Proxied
	}
	switch {
	case to.Proxied:
		to.TTL = dns.AutoTTL
	case s.Enforce.Has(TTL), r.Proxied: // the automatic TTL of a proxied record was nobody's choice
		to.TTL = s.limits.clampTTL(cmp.Or(s.Attrs.TTL, dns.AutoTTL))
	}
	if s.Enforce.Has(Comment) {
		to.Comment = want.Comment
	}
	if s.Enforce.Has(Tags) {
		to.Tags = want.Tags
	}
	if to = s.withSharedAttrs(to); !s.owns(to) {
		to.Comment, to.Tags = r.Comment, r.Tags
	}
	to.Comment = s.withMark(to.Comment)
	return to
}

// enforceOn brings a record whose address is right to the enforced attributes.
func (s *rrset) enforceOn(r dns.Record) {
	to := s.enforce(r)
	f := Differ(&r, &to)
	if f == 0 {
		s.kept++
		return
	}
	reason := fmt.Sprintf("enforced settings differ: %s", f)
	if f == Comment && !s.hasOurMark(r) && s.Owner != "" {
		reason = fmt.Sprintf("marked as %s's", s.Owner)
	}
	s.add(Change{Action: ToUpdate, Old: r, New: to, Reason: reason})
}

// updateInPlace gives the first of the wanted addresses to stale records, one
// each.
func (s *rrset) updateInPlace(stale []dns.Record, wanted []dns.Data) {
	for i, r := range stale {
		to := s.enforce(r)
		to = to.WithData(wanted[i])
		reason := "has a different address"
		was, is := s.publishedAt(r), s.publishedAt(to)
		switch {
		case s.Key.Type.IsAddress() && was >= 0 && (is < 0 || was < is): // homing wrote it, and has another one since
			reason = "address changed"
		case s.Key.Type == dns.TXT && r.Data().JoinedText() == wanted[i].JoinedText():
			reason = "same text, split differently"
		case s.Key.Type != dns.TXT && r.Text != "":
			reason = "its content is not a plain address"
		}
		s.add(Change{Action: ToUpdate, Old: r, New: to, Reason: reason})
	}
}

// createMissing makes the wanted records that are not there yet, beside rest.
func (s *rrset) createMissing(wanted []dns.Data, rest []dns.Record) {
	if s.Leftovers == Keep {
		wanted = s.fitWithinLimit(wanted, len(s.mine)+len(s.foreign))
	}
	if s.isOwnershipUnclear(wanted, rest) {
		s.createBeside(wanted, rest)
	} else {
		s.create(wanted, "no record yet")
	}
}

// createBeside makes the wanted records beside others of which any may be
// homing's; where none may be made, nobody is changed.
func (s *rrset) createBeside(wanted []dns.Data, others []dns.Record) {
	if s.Create == Always && !s.limits.NoCreate && !s.Content.spf() {
		s.create(wanted, "homing cannot tell which of these records is its own, so it adds one: "+contents(others))
		return
	}
	s.note(Ambiguous, fmt.Sprintf("nothing is changed, because homing cannot tell which of these records is its own: %s", contents(others)),
		text.Advise("give the right one the %s %s by hand, once, or delete the others", map[bool]string{true: "address", false: "content"}[s.Key.Type.IsAddress()], joinData(wanted)))
}

// create makes a record for each wanted address that is left.
func (s *rrset) create(wanted []dns.Data, why string) {
	if len(wanted) == 0 {
		return
	}
	if s.Create == Never {
		s.note(Missing, fmt.Sprintf("there is no record for %s, and creating one is not allowed", joinData(wanted)),
			"create the record by hand, or let homing create missing ones with {records.create}")
		return
	}
	if s.limits.NoCreate {
		s.note(Missing, fmt.Sprintf("there is no record for %s, and this host's API cannot create one", joinData(wanted)),
			"create the record by hand, once")
		return
	}
	attrs, adapted := s.limits.fit(s.Key, s.attrsForNew())
	for _, d := range wanted {
		r := dns.Record{Name: s.Key.Name, Type: s.Key.Type, Proxied: attrs.Proxied, TTL: attrs.TTL, Comment: attrs.Comment, Tags: attrs.Tags}.WithData(d)
		if r = s.withSharedAttrs(r); !s.owns(r) {
			s.noteRefused(r.Comment)
			return
		}
		r.Comment = s.withMark(r.Comment)
		s.add(Change{Action: ToCreate, New: r, Reason: why})
	}
	for _, n := range adapted {
		if n.Code != TTLMeans { // nobody has to know that of what nobody set
			s.notes = append(s.notes, n)
		}
	}
}

// attrsForNew returns the attributes for a new record: an attribute that is not enforced
// and that all its siblings share is theirs, any other is the setting's.
func (s *rrset) attrsForNew() Attrs {
	attrs := s.Attrs
	if len(s.mine) == 0 {
		return attrs
	}
	sibling, split := s.mine[0], s.Enforce
	for _, r := range s.mine[1:] {
		split |= Differ(&sibling, &r)
	}
	if !split.Has(Proxied) {
		attrs.Proxied = sibling.Proxied
	}
	if !split.Has(TTL) && !sibling.Proxied { // the automatic TTL of a proxied record was nobody's choice
		attrs.TTL = sibling.TTL
	}
	if !split.Has(Comment) {
		attrs.Comment = sibling.Comment
	}
	if !split.Has(Tags) {
		attrs.Tags = sibling.Tags
	}
	return attrs
}

// deleteOrKeep deletes what is left over, or says that it stays. proxied says whether
// one of those that live on is.
func (s *rrset) deleteOrKeep(rest []dns.Record, proxied bool) {
	if s.Leftovers == Keep && s.State == Clear {
		rest = s.keepUnwritten(rest)
	} else if s.Leftovers == Keep {
		s.noteLeftovers(rest)
		return
	}
	for _, r := range rest {
		reason := "stale: not an address of this network"
		switch {
		case s.State == Clear:
			reason = "no record is wanted here"
		case slices.Contains(s.Values, r.Data()):
			reason = "duplicate of another record"
		}
		if s.State == Values && r.Proxied && !proxied {
			reason += "; it is proxied, but the one that stays is not"
		}
		s.add(Change{Action: ToDelete, Old: r, Reason: reason})
	}
}

// keepUnwritten returns those of the records that homing is known to have written;
// the others stay, and that is told.
func (s *rrset) keepUnwritten(all []dns.Record) (written []dns.Record) {
	var others []dns.Record
	for _, r := range all {
		if slices.Contains(s.Wrote, r.Data()) {
			written = append(written, r)
		} else {
			others = append(others, r)
		}
	}
	if len(written) > 0 {
		s.noteLeftovers(others)
	} else if len(others) > 0 {
		s.note(NotWritten, "nothing is deleted, because homing does not remember writing any of: "+contents(others),
			"delete by hand what is no longer wanted")
	}
	return written
}

func (s *rrset) noteLeftovers(rest []dns.Record) {
	if len(rest) == 0 {
		return
	}
	s.note(LeftOver, "stale, but kept as the settings say: "+contents(rest), "delete the outdated ones by hand")
}

// contents returns what these records say, each once.
func contents(rs []dns.Record) string {
	rs = slices.Clone(rs)
	sort.Slice(rs, func(i, j int) bool { return less(rs[i], rs[j]) })
	var all []string
	for _, r := range rs {
		all = append(all, r.Content())
	}
	return strings.Join(slices.Compact(all), " and ")
}

func noteUnfit(t Target) Note {
	return Note{Code: HostIDUnfit, Key: t.Key, Of: t.Needs, Text: "a host ID does not fit the prefix here, so nothing is changed: " + t.Unfit.Error(),
		Hint: "set {detect.ipv6.prefix_len} to the length of your prefix, or correct {records.ipv6_host}"}
}

func (s *rrset) noteForeign() {
	for _, r := range s.foreign {
		if !s.matchesContent(r) {
			continue // what others say in TXT records is no matter of homing's
		}
		if r.ReadOnly {
			s.note(ReadOnly, fmt.Sprintf("the record for %s belongs to another feature of the DNS host and is left alone", r.Content()), "")
		} else {
			s.note(Foreign, fmt.Sprintf("the record for %s is not homing's and is left alone", r.Content()), "")
		}
	}
}

// noteRefused says that the comment would make a stranger of our own record.
func (s *rrset) noteRefused(comment string) {
	switch {
	case s.hasNote(CommentRefused):
		return
	case s.limits.OneMark && len(s.stays) > 0:
		s.note(CommentRefused, fmt.Sprintf("all records here share the comment %q at this host; with it homing could not recognise its own, so nothing is written", comment),
			"remove the name from the settings, or let {policy.owner} match the comment")
		return
	}
	s.note(CommentRefused, fmt.Sprintf("with the comment %q homing would not recognise the record as its own, so it is not written", comment),
		"shorten {records.comment}, or let {policy.owner} match the comment")
}

// noteEnforced says which enforced settings this zone cannot store as written.
func (s *rrset) noteEnforced() {
	if s.State != Values {
		return
	}
	want, adapted := s.limits.fit(s.Key, s.Attrs)
	for _, r := range s.mine {
		if s.Enforce.Has(Comment) && s.enforce(r).Comment != s.withMark(want.Comment) {
			s.noteRefused(want.Comment)
		}
	}
	for _, n := range adapted {
		f := map[NoteCode]Fields{ProxyDropped: Proxied, TTLAdapted: TTL, TTLMeans: TTL, CommentCut: Comment, TagsDropped: Tags}[n.Code]
		refused := n.Code == CommentCut && s.hasNote(CommentRefused)
		if s.Enforce.Has(f) && !s.hasNote(n.Code) && !refused {
			s.notes = append(s.notes, n)
		}
	}
}

func (s *rrset) hasNote(code NoteCode) bool {
	return slices.ContainsFunc(s.notes, func(n Note) bool { return n.Code == code })
}

func (s *rrset) add(c Change) { s.changes = append(s.changes, c) }

//go:noinline // many callers: see dependencies.md
func (s *rrset) note(code NoteCode, what string, hint text.Hint) {
	s.notes = append(s.notes, Note{Code: code, Key: s.Key, Text: what, Hint: hint})
}

func remove(from []dns.Data, d dns.Data) []dns.Data {
	return slices.DeleteFunc(from, func(e dns.Data) bool { return d == e })
}

func joinData(all []dns.Data) string {
	words := make([]string, len(all))
	for i, d := range all {
		words[i] = d.String()
	}
	return strings.Join(words, " and ")
}
