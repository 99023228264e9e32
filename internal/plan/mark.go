package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// A mark says who owns the records of a name and type. It stands in their
// comments where the host keeps some for each record or set, and else in a TXT
// record beside the name, in the form and by the name that external-dns gives its
// own (v0.18 and later; registry/mapper and docs/registry/txt of its repository,
// read in 2026), so that each leaves alone what is the other's.

// commentMark stands before the id in a comment.
const commentMark = "homing/owner="

// externalMark stands before the id in a TXT record.
const externalMark = "external-dns/owner="

// ownerMost is the characters of an owner's id: with it a mark fits into comments
// of 100 characters, the fewest that a host with comments takes.
const ownerMost = 63

// CheckOwnerID says why s is no id of an owner.
func CheckOwnerID(s string) error {
	switch {
	case s == "":
		return errors.New("it is empty")
	case len(s) > ownerMost:
		return fmt.Errorf("it is longer than %d characters", ownerMost)
	case strings.ContainsFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.')
	}):
		return errors.New("it may only contain letters, digits, dots, - and _")
	}
	return nil
}

// CommentOwner returns whose mark a comment has in it; empty where it has none.
func CommentOwner(comment string) string {
	id, _ := ownerInComment(comment)
	return id
}

// ownerInComment returns whose mark a comment has in it.
func ownerInComment(comment string) (id string, marked bool) {
	for word := range strings.FieldsFuncSeq(comment, func(c rune) bool { return c == ' ' || c == ',' || c == ';' }) {
		for _, mark := range [...]string{commentMark, externalMark} {
			if id, ok := strings.CutPrefix(word, mark); ok {
				return id, true
			}
		}
	}
	return "", false
}

// ownerInTXT returns whose mark a TXT record is. One that names nobody is somebody's
// all the same.
func ownerInTXT(r dns.Record) (id string, marked bool) {
	for label := range strings.SplitSeq(strings.Trim(r.Data().JoinedText(), `"`), ",") {
		if label == "heritage=external-dns" {
			marked = true
		}
		if owner, ok := strings.CutPrefix(label, externalMark); ok {
			id = owner
		}
	}
	return id, marked && r.Type == dns.TXT
}

// newMark returns what the TXT record says by which id owns a key.
func newMark(id string, k dns.Key) dns.Data {
	return dns.DataOfStrings("heritage=external-dns," + externalMark + id + ",external-dns/resource=homing/" + string(k.Type) + "/" + k.Name.String())
}

// markName returns the name of the TXT record that says who owns a key. The zone itself
// and wildcards, for which external-dns has a name only where it is told one, have
// names that cannot be another's; false where there is no room for one.
func markName(k dns.Key, zone dns.Name) (dns.Name, bool) {
	label, rest, _ := strings.Cut(k.Name.String(), ".")
	switch {
	case k.Name == zone:
		label, rest = "_apex", k.Name.String()
	case label == "*":
		label = "_wildcard"
	}
	n, err := dns.ParseName(strings.ToLower(string(k.Type)) + "-" + label + "." + rest)
	return n, err == nil
}

// typesSharingMark returns the types whose marks count for a key: whose a name is holds for its
// addresses of both families.
func typesSharingMark(t dns.Type) []dns.Type {
	if t.IsAddress() {
		return []dns.Type{dns.A, dns.AAAA}
	}
	return []dns.Type{t}
}

// markNames returns the names of the TXT records that say who owns a key, or did before
// external-dns wrote the type into the name.
func markNames(k dns.Key, zone dns.Name) (names []dns.Name) {
	for _, t := range typesSharingMark(k.Type) {
		if n, ok := markName(dns.Key{Name: k.Name, Type: t}, zone); ok {
			names = append(names, n)
		}
	}
	if k.Type.IsAddress() {
		names = append(names, k.Name)
	}
	return names
}

// Marks is who owns the records at a name, by the marks that stand there.
type Marks struct {
	Key    dns.Key
	Owners []string // no two alike; an empty one is somebody who does not say
}

// MarksOf finds the marks of the records of the Spec, whoever's they are, where
// current holds also the TXT records at Texts of the same Spec with an OwnerID.
func (s Spec) MarksOf(zone dns.Name, current []dns.Record) (all []Marks) {
	byName := sortedByName(current)
	for _, r := range s.Records {
		for _, t := range r.Types {
			m := Marks{Key: dns.Key{Name: r.Name, Type: t}}
			c := newClaim(Target{Key: m.Key}, zone, byName)
			if m.Owners = c.others; len(m.Owners) > 0 {
				all = append(all, m)
			}
		}
	}
	return all
}

func sortedByName(records []dns.Record) map[dns.Name][]dns.Record {
	byName := make(map[dns.Name][]dns.Record, len(records))
	for _, r := range records {
		byName[r.Name] = append(byName[r.Name], r)
	}
	return byName
}
