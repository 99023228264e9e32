package route53

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// What one request may hold (API reference, ChangeResourceRecordSets, 2026-11):
// values, those to delete and those to create, and characters in them.
const (
	maxBatchValues = 1000
	maxBatchChars  = 32000
)

// setChange is a set to write: as it was read and as it should stand, as Route 53 has
// both.
type setChange struct {
	key                  dns.Key
	oldTTL, newTTL       int
	oldValues, newValues []string
}

// newSetChange makes the change that writes a set; an error if it was planned from
// what cannot be.
func (p *Provider) newSetChange(zone string, s *plan.Set) (c setChange, _ *provider.Error) {
	c.key = s.Key
	for i := range s.Records {
		r := &s.Records[i]
		if r.ReadOnly {
			return c, rest.NewError(provider.Rejected, "", "", "%s is %s, which homing leaves alone", s.Key, cmp.Or(r.Feature, "read-only"))
		}
		c.oldTTL, c.oldValues = r.TTL, append(c.oldValues, p.encodedValue(zone, r))
	}
	after := s.After()
	said := map[dns.Data]bool{}
	for i := range after {
		r := &after[i]
		switch d := r.Data(); {
		case said[d]:
			return c, rest.NewError(provider.Stale, "", "", "%s is there already: %s", s.Key, r.Content())
		case r.TTL != after[0].TTL:
			return c, rest.NewError(provider.Rejected, "", "", "the records of %s share their TTL", s.Key)
		case r.Comment != "" || r.Proxied || len(r.Tags) > 0:
			return c, rest.NewError(provider.Rejected, "", "", "Route 53 keeps no comments and tags, and proxies nothing")
		case !r.Type.IsAddress() && r.Type != dns.TXT, r.Type.IsAddress() && !r.Addr.IsValid():
			return c, rest.NewError(provider.Rejected, "", "", "no %s is written here", r.Type)
		default:
			said[d] = true
		}
		c.newTTL, c.newValues = r.TTL, append(c.newValues, p.encodedValue(zone, r))
	}
	return c, checkStale(s)
}

// ownershipMark returns a change that deletes and creates the set that says whose s is: so
// that nothing is done where somebody has changed it; nil where there is none.
func (p *Provider) ownershipMark(zone string, s *plan.Set) *setChange {
	if s.Mark.Name.IsZero() || len(s.Marks) == 0 {
		return nil
	}
	c := setChange{key: s.Mark, oldTTL: s.Marks[0].TTL, newTTL: s.Marks[0].TTL}
	for i := range s.Marks {
		c.oldValues = append(c.oldValues, p.encodedValue(zone, &s.Marks[i]))
	}
	c.newValues = c.oldValues
	return &c
}

// checkStale returns an error if a set changes what it does not hold.
func checkStale(s *plan.Set) *provider.Error {
	for i := range s.Changes {
		c := &s.Changes[i]
		here := c.Action == plan.ToCreate
		for i := range s.Records {
			r := &s.Records[i]
			here = here || r.SameRecord(&c.Old)
		}
		if !here {
			return rest.NewError(provider.Stale, "", "", "%s is not as it was read: %s is gone", s.Key, c.Old.Content())
		}
	}
	return nil
}

// batchSize returns what a change counts for in the limits of a batch.
func (c *setChange) batchSize() (values, chars int) {
	for _, all := range [][]string{c.oldValues, c.newValues} {
		values += len(all)
		for _, v := range all {
			chars += len(v)
		}
	}
	return values, chars
}

// encodeBatch returns the body of a request that carries out changes.
func encodeBatch(changes []setChange) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>`)
	for i := range changes {
		c := &changes[i]
		if len(c.oldValues) > 0 {
			writeChangeXML(&b, "DELETE", c.key, c.oldTTL, c.oldValues)
		}
		if len(c.newValues) > 0 {
			writeChangeXML(&b, "CREATE", c.key, c.newTTL, c.newValues)
		}
	}
	b.WriteString("</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>")
	return []byte(b.String())
}

func writeChangeXML(b *strings.Builder, action string, k dns.Key, ttl int, values []string) {
	b.WriteString("<Change>")
	writeElement(b, "Action", action)
	b.WriteString("<ResourceRecordSet>")
	writeElement(b, "Name", k.Name.String()+".")
	writeElement(b, "Type", string(k.Type))
	writeElement(b, "TTL", strconv.Itoa(ttl))
	b.WriteString("<ResourceRecords>")
	for _, v := range values {
		b.WriteString("<ResourceRecord>")
		writeElement(b, "Value", v)
		b.WriteString("</ResourceRecord>")
	}
	b.WriteString("</ResourceRecords></ResourceRecordSet></Change>")
}

// parseBatchErrors returns which sets the message of a refused batch is about, and what each is
// refused for:
//
//	Tried to delete resource record set [name='N', type='T'] but the values provided do not match the current values
//	Tried to create resource record set [name='N', type='T'] but it already exists
//	RRSet of type T with DNS name N is not permitted as it conflicts with other records …
//	RRSet with DNS name N is not permitted in zone Z
//
// A key without a type is about all types.
func parseBatchErrors(words string) map[dns.Key]string {
	all := map[dns.Key]string{}
	take := func(clause string) {
		if k, ok := parseKey(clause); ok {
			all[k] = strings.TrimRight(clause, ", ]")
		}
	}
	from := 0
	for i := range len(words) {
		if rest := words[i:]; strings.HasPrefix(rest, "Tried to ") || strings.HasPrefix(rest, "RRSet ") {
			take(words[from:i])
			from = i
		}
	}
	take(words[from:])
	return all
}

func parseKey(clause string) (k dns.Key, ok bool) {
	name, rest, found := "", "", false
	if _, after, quoted := strings.Cut(clause, "[name='"); quoted {
		if name, rest, found = strings.Cut(after, "'"); found {
			_, rest, _ = strings.Cut(rest, "type='")
			kind, _, _ := strings.Cut(rest, "'")
			k.Type = dns.Type(kind)
		}
	} else if _, after, named := strings.Cut(clause, "DNS name "); named {
		name, _, found = strings.Cut(after, " ")
		if _, kind, typed := strings.Cut(clause, "RRSet of type "); typed {
			kind, _, _ = strings.Cut(kind, " ")
			k.Type = dns.Type(kind)
		}
	}
	n, err := parseEscapedName(name)
	k.Name = n
	return k, found && err == nil
}

// isStaleClause reports whether a clause says that a set is not as it was read.
func isStaleClause(clause string) bool {
	return strings.Contains(clause, "do not match") || strings.Contains(clause, "was not found") || strings.Contains(clause, "already exists")
}
