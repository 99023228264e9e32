package plan

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/text"
)

// delegation returns the NS records that take a name out of the zone from above: of
// several the ones next to the zone, below which nothing else is asked for. The
// address of one of the name servers themselves is no part of it, because the
// zone has to hold that too (a glue record).
func delegation(byName map[dns.Name][]dns.Record, name, zone dns.Name) []dns.Record {
	var cut []dns.Record
	for up, ok := name.Parent(); ok && up != zone && up.IsWithin(zone); up, ok = up.Parent() {
		var here []dns.Record
		for _, r := range byName[up] {
			if r.Type == dns.NS {
				here = append(here, r)
			}
		}
		if len(here) > 0 {
			cut = here
		}
	}
	for _, r := range cut {
		if server, err := dns.ParseName(r.Text); err == nil && server == name {
			return nil
		}
	}
	return cut
}

// blocked notes that another feature, a CNAME or a delegation leaves no room for
// an address at the name.
func (s *rrset) blocked() bool {
	b := s.blocker
	const leave text.Hint = "remove the name from the settings"
	keeper := cmp.Or(b.Feature, "another feature of the DNS host")
	release := text.Advise("remove the name from %s, or %s", withArticle(keeper), leave)
	switch {
	case b.Type == "" || s.State != Values:
		return false
	case b.Type.IsAddress():
		record := "record"
		if c := b.Content(); !strings.Contains(keeper, c) { // an alias: what stands there is the keeper itself
			record += " for " + c
		}
		s.note(BlockedByFeature, fmt.Sprintf("this name belongs to %s, whose %s cannot be changed, so homing adds none", keeper, record), release)
	case b.Type == dns.CNAME && (b.Feature != "" || b.ReadOnly):
		s.note(BlockedByCNAME, fmt.Sprintf("there is a CNAME to %s at this name, which belongs to %s, and no %s can exist beside it", b.Text, keeper, s.noun()), release)
	case b.Type == dns.CNAME:
		s.note(BlockedByCNAME, fmt.Sprintf("there is a CNAME to %s at this name, and no %s can exist beside it", b.Text, s.noun()), "delete the CNAME, or "+leave)
	case b.Name != s.Key.Name:
		s.note(BlockedByNS, fmt.Sprintf("%s, above this name, is delegated to %s, so its records belong to another zone", b.Name.Describe(), b.Text),
			"add the records in that zone, or "+leave)
	default:
		s.note(BlockedByNS, fmt.Sprintf("this name is delegated to %s, so its records belong to another zone", b.Text), "add the records in that zone, or "+leave)
	}
	return true
}

// noun returns what homing would put there.
func (s *rrset) noun() string {
	if s.Key.Type.IsAddress() {
		return "address"
	}
	return string(s.Key.Type) + " record"
}

// noteForeignSPF notes that a policy of the Sender Policy Framework stands here that is
// not ours: with a second one receivers follow neither (RFC 7208, section 4.5).
func (s *rrset) noteForeignSPF(wanted []dns.Data) bool {
	if s.Key.Type != dns.TXT || s.State != Values || len(wanted) == 0 || !s.Content.spf() {
		return false
	}
	for _, r := range s.foreign {
		if isSPF(r.Data().JoinedText()) {
			s.note(BlockedBySPF, fmt.Sprintf("there is another SPF policy here, which is not homing's, and mail servers ignore both if there are two: %s", r.Content()),
				"copy it into {records.content} and delete it, or remove TXT from {records.types}")
			return true
		}
	}
	return false
}

// noteNoType says that the host has no records of this type, which is no reason
// to keep those of another from the same name.
func noteNoType(t Target) Note {
	if t.Key.Type.IsAddress() {
		return Note{Code: NoFamily, Key: t.Key, Of: t.Needs, Text: "this host keeps no " + string(t.Key.Type) + " records, so none is written",
			Hint: text.Advise("remove %s from {records.types} for this name", string(t.Key.Type))}
	}
	return Note{Code: NoTXT, Key: t.Key, Of: t.Needs, Text: "this host has no TXT records, so none is written", Hint: "remove TXT from {records.types}"}
}

// withArticle returns a thing that was spoken of before.
func withArticle(thing string) string {
	if article, noun, ok := strings.Cut(thing, " "); ok && (article == "a" || article == "an") {
		return "the " + noun
	} else if article == "another" {
		return "the other " + noun
	}
	return thing
}

// noteUnserved says that nobody is answered with what stands here then.
func (s *rrset) noteUnserved(kept []dns.Record) {
	if !s.proxiedOnly || s.State != Values {
		return
	}
	plain := false
	for _, r := range kept {
		plain = plain || !s.enforce(r).Proxied
	}
	for _, c := range s.changes {
		plain = plain || c.Action != ToDelete && !c.New.Proxied
	}
	if plain {
		s.note(Unserved, "the record is DNS-only, and this zone only answers with proxied ones", "")
	}
}
