package plan

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/text"
)

// claim is what marks say of an RRset. Its zero value is that nobody asks.
type claim struct {
	key    dns.Key      // of the TXT records in which ours stands, or is to
	texts  []dns.Record // all that stand there
	ours   []dns.Record // those of them that are our mark
	others []string     // who else has marks at the name; no two alike, in order
}

// newClaim reads the marks at a name.
func newClaim(t Target, zone dns.Name, byName map[dns.Name][]dns.Record) claim {
	var c claim
	own, named := markName(t.Key, zone)
	if named {
		c.key = dns.Key{Name: own, Type: dns.TXT}
	}
	strange := func(id string, marked bool) {
		if marked && (id != t.Owner || t.Owner == "") && !slices.Contains(c.others, id) {
			c.others = append(c.others, id)
		}
	}
	for _, n := range markNames(t.Key, zone) {
		for _, r := range byName[n] {
			id, marked := ownerInTXT(r)
			if strange(id, marked); named && n == own && r.Type == dns.TXT {
				if c.texts = append(c.texts, r); marked && id == t.Owner && id != "" {
					c.ours = append(c.ours, r)
				}
			}
		}
	}
	if slices.ContainsFunc(c.texts, func(r dns.Record) bool { id, marked := ownerInTXT(r); return marked && id != t.Owner }) {
		c.ours = nil // two say that it is theirs, and neither touches it then
	}
	for _, r := range byName[t.Key.Name] {
		if r.Type.IsAddress() && t.Key.Type.IsAddress() {
			strange(ownerInComment(r.Comment))
		}
	}
	sort.Slice(c.texts, func(i, j int) bool { return less(c.texts[i], c.texts[j]) })
	sort.Slice(c.ours, func(i, j int) bool { return less(c.ours[i], c.ours[j]) })
	sort.Strings(c.others)
	return c
}

// marksInComment reports whether the mark stands in the comments. Where all records of a
// set share one, it would claim those of others too, where any may stand beside.
func (s *rrset) marksInComment() bool {
	l := s.limits
	room := l.Comment == 0 || l.Comment >= len(commentMark)+len(s.Owner)
	return room && !(l.OneMark && (s.Key.Type == dns.TXT || s.Leftovers == Keep || slices.ContainsFunc(s.here, func(r dns.Record) bool {
		return r.ReadOnly && r.Type == s.Key.Type
	})))
}

// marksWholeSet reports whether the mark is that of all records of the set together.
func (s *rrset) marksWholeSet() bool { return s.limits.OneMark || !s.marksInComment() }

// hasOurMark reports whether r bears our mark.
func (s *rrset) hasOurMark(r dns.Record) bool {
	if s.marksInComment() {
		id, _ := ownerInComment(r.Comment)
		return id == s.Owner
	}
	return len(s.claim.ours) > 0
}

// belongs reports whether r is ours by its mark; or, where there is none, because it
// says what homing says or said here, and so is to be marked. A cleanup takes
// nothing that is not marked.
func (s *rrset) belongs(r dns.Record) bool {
	id, said := ownerInComment(r.Comment)
	switch {
	case s.Owner == "":
		return true
	case said && id != s.Owner:
		return false
	case s.hasOurMark(r):
		return true
	case len(s.claim.others) > 0, s.State != Values:
		return false
	}
	return slices.Contains(s.Values, r.Data()) || s.publishedAt(r) >= 0 || slices.Contains(s.Wrote, r.Data())
}

// noteOtherOwner notes that the name is another owner's, or nobody's who is known, so that
// nothing may be done there. What is ours by its mark is kept all the same.
func (s *rrset) noteOtherOwner(wanted []dns.Data) bool {
	if s.Owner == "" || s.State != Values || slices.ContainsFunc(s.mine, s.hasOurMark) || len(s.claim.ours) > 0 && !s.marksInComment() {
		return false
	}
	var strangers []dns.Record
	for _, r := range s.foreign {
		if id, other := ownerInComment(r.Comment); s.matchesContent(r) && !r.ReadOnly && (!other || id == s.Owner) {
			strangers = append(strangers, r)
		}
	}
	switch {
	case len(s.claim.others) > 0:
		s.noteOwnedBy(wanted)
	case len(strangers) > 0 && (s.marksWholeSet() || len(wanted) > 0 && len(s.mine) == 0):
		s.note(Unmarked, fmt.Sprintf("these records have no owner mark and hold nothing homing ever published, so they are left alone: %s", contents(strangers)),
			s.handoverHint())
	case !s.marksInComment() && s.claim.key.Name.IsZero():
		s.note(NoMark, "there is no room for an owner mark, so nothing is written", "remove the name from the settings, or unset {policy.owner_id}")
	default:
		return false
	}
	s.kept += len(s.Values) - len(wanted)
	return true
}

func (s *rrset) noteOwnedBy(wanted []dns.Data) {
	if len(wanted) == 0 {
		return // what they say is right
	}
	s.note(OwnedByAnother, fmt.Sprintf("the name is marked as owned by %s, so it is left alone", describeOwners(s.claim.others)),
		"remove the name from one of the two configurations; this homing is {policy.owner_id}")
}

// OwnersWords names owners for people.
func describeOwners(ids []string) string {
	var words []string
	for _, id := range ids {
		if id == "" {
			id = "an unnamed owner"
		}
		words = append(words, id)
	}
	return text.List(words, 3)
}

// Words returns who owns the records, for people.
func (m Marks) Words() string { return describeOwners(m.Owners) }

// handoverHint returns how a person hands over what has no mark.
func (s *rrset) handoverHint() text.Hint {
	if s.marksInComment() {
		return text.Advise("to hand it over, write %s into its %s; or delete it", commentMark+s.Owner, cmp.Or(s.limits.CommentIs, "comment"))
	}
	return text.Advise("to hand it over, make the TXT record %s at %s; or delete it", newMark(s.Owner, s.Key), s.claim.key.Name.Describe())
}

// withMark returns a comment with our mark in it, where that is its place. The words of a
// person give way to it where there is no room for both.
func (s *rrset) withMark(comment string) string {
	id, said := ownerInComment(comment)
	switch {
	case s.Owner == "", !s.marksInComment(), id == s.Owner:
		return comment
	case said: // of the settings: nobody's mark is copied
		words := slices.DeleteFunc(strings.Fields(comment), func(w string) bool { _, is := ownerInComment(w); return is })
		comment = strings.Join(words, " ")
	}
	mark := commentMark + s.Owner
	if room := s.limits.Comment - len(mark) - 1; s.limits.Comment > 0 && utf8.RuneCountInString(comment) > room {
		comment = string([]rune(comment)[:max(room, 0)])
	}
	return strings.TrimSpace(comment + " " + mark)
}

// changeSets returns the set with its changes, and that of its mark: which comes to stand
// before the first record, and goes after the last one.
func (s *rrset) changeSets() (sets []Set) {
	needs := s.Needs
	if s.Partial {
		needs = s.From
	}
	own := Set{Key: s.Key, Needs: needs, Records: s.allRecords(), Changes: s.changes}
	mark := Set{Key: s.claim.key, Needs: needs, Records: s.claim.texts, Changes: s.markChanges()}
	switch {
	case len(mark.Changes) == 0 && len(own.Changes) == 0:
		return nil
	case len(mark.Changes) == 0:
		if s.Owner != "" && !s.marksInComment() {
			own.Mark, own.Marks = mark.Key, mark.Records
		}
		return []Set{own}
	case len(own.Changes) == 0:
		return []Set{mark}
	case mark.Changes[0].Action == ToDelete:
		mark.Joined = true
		return []Set{own, mark}
	}
	own.Joined = true
	return []Set{mark, own}
}

// markChanges returns the changes of the TXT records in which our mark stands.
func (s *rrset) markChanges() (changes []Change) {
	if s.Owner == "" || s.marksInComment() || s.shut {
		return nil
	}
	left := len(s.mine)
	for _, c := range s.changes {
		left += boolToInt(c.Action == ToCreate) - boolToInt(c.Action == ToDelete)
	}
	switch {
	case left > 0 && len(s.claim.ours) == 0:
		r := dns.Record{Name: s.claim.key.Name, Type: dns.TXT, TTL: s.limits.clampTTL(dns.AutoTTL)}.WithData(newMark(s.Owner, s.Key))
		if len(s.claim.texts) > 0 && s.limits.OneTTL {
			r.TTL = s.claim.texts[0].TTL
		}
		if len(s.claim.texts) > 0 && s.limits.OneMark {
			r.Comment, r.Tags = s.claim.texts[0].Comment, s.claim.texts[0].Tags
		}
		changes = append(changes, Change{Action: ToCreate, New: r, Reason: fmt.Sprintf("marks %s as %s's", s.Key, s.Owner)})
	case left == 0 && s.State == Clear:
		for _, r := range s.claim.ours {
			changes = append(changes, Change{Action: ToDelete, Old: r, Reason: fmt.Sprintf("it marked %s, which no longer exist", s.Key)})
		}
	}
	return changes
}
