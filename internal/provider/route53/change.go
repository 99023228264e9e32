package route53

import (
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
	batchValues = 1000
	batchChars  = 32000
)

// change is a set to write: as it was read and as it should stand, as Route 53 has
// both.
type change struct {
	key           dns.Key
	ttl, newTTL   int
	values, after []string
}

// changeOf is what is to be written of a set; an error where it was planned from
// what cannot be.
func (p *Provider) changeOf(zone string, s *plan.Set) (c change, _ *provider.Error) {
	c.key = s.Key
	for i := range s.Records {
		r := &s.Records[i]
		if r.ReadOnly {
			return c, rest.Fault(provider.Rejected, "", "", "%s is %s, which homing leaves alone", s.Key, orElse(r.Feature, "read-only"))
		}
		c.ttl, c.values = r.TTL, append(c.values, p.value(zone, r))
	}
	after := s.After()
	said := map[dns.Data]bool{}
	for i := range after {
		r := &after[i]
		switch d := r.Data(); {
		case said[d]:
			return c, rest.Fault(provider.Stale, "", "", "%s is there already: %s", s.Key, r.Content())
		case r.TTL != after[0].TTL:
			return c, rest.Fault(provider.Rejected, "", "", "the records of %s share their TTL", s.Key)
		case r.Comment != "" || r.Proxied || len(r.Tags) > 0:
			return c, rest.Fault(provider.Rejected, "", "", "Route 53 keeps no comments and tags, and proxies nothing")
		case !r.Type.IsAddress() && r.Type != dns.TXT, r.Type.IsAddress() && !r.Addr.IsValid():
			return c, rest.Fault(provider.Rejected, "", "", "no %s is written here", r.Type)
		default:
			said[d] = true
		}
		c.newTTL, c.after = r.TTL, append(c.after, p.value(zone, r))
	}
	return c, stale(s)
}

// markOf is the set that says whose s is, deleted and created as it was read: so
// that nothing is done where somebody has changed it; nil where there is none.
func (p *Provider) markOf(zone string, s *plan.Set) *change {
	if s.Mark.Name.IsZero() || len(s.Marks) == 0 {
		return nil
	}
	c := change{key: s.Mark, ttl: s.Marks[0].TTL, newTTL: s.Marks[0].TTL}
	for i := range s.Marks {
		c.values = append(c.values, p.value(zone, &s.Marks[i]))
	}
	c.after = c.values
	return &c
}

// stale is an error where a set changes what it does not hold.
func stale(s *plan.Set) *provider.Error {
	for i := range s.Changes {
		c := &s.Changes[i]
		here := c.Action == plan.ToCreate
		for i := range s.Records {
			r := &s.Records[i]
			here = here || r.Is(&c.Old)
		}
		if !here {
			return rest.Fault(provider.Stale, "", "", "%s is not as it was read: %s is gone", s.Key, c.Old.Content())
		}
	}
	return nil
}

// size is what a change counts for.
func (c *change) size() (values, chars int) {
	for _, all := range [][]string{c.values, c.after} {
		values += len(all)
		for _, v := range all {
			chars += len(v)
		}
	}
	return values, chars
}

// batchOf is the body of a request that carries out changes.
func batchOf(changes []change) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>`)
	for i := range changes {
		c := &changes[i]
		if len(c.values) > 0 {
			write(&b, "DELETE", c.key, c.ttl, c.values)
		}
		if len(c.after) > 0 {
			write(&b, "CREATE", c.key, c.newTTL, c.after)
		}
	}
	b.WriteString("</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>")
	return []byte(b.String())
}

func write(b *strings.Builder, action string, k dns.Key, ttl int, values []string) {
	b.WriteString("<Change>")
	tagged(b, "Action", action)
	b.WriteString("<ResourceRecordSet>")
	tagged(b, "Name", k.Name.String()+".")
	tagged(b, "Type", string(k.Type))
	tagged(b, "TTL", strconv.Itoa(ttl))
	b.WriteString("<ResourceRecords>")
	for _, v := range values {
		b.WriteString("<ResourceRecord>")
		tagged(b, "Value", v)
		b.WriteString("</ResourceRecord>")
	}
	b.WriteString("</ResourceRecords></ResourceRecordSet></Change>")
}

// blamed is which sets the words of a refused batch are about, and what each is
// refused for:
//
//	Tried to delete resource record set [name='N', type='T'] but the values provided do not match the current values
//	Tried to create resource record set [name='N', type='T'] but it already exists
//	RRSet of type T with DNS name N is not permitted as it conflicts with other records …
//	RRSet with DNS name N is not permitted in zone Z
//
// A key without a type is about all types.
func blamed(words string) map[dns.Key]string {
	all := map[dns.Key]string{}
	take := func(clause string) {
		if k, ok := about(clause); ok {
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

func about(clause string) (k dns.Key, ok bool) {
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
	n, err := parseName(name)
	k.Name = n
	return k, found && err == nil
}

// moved says whether a clause is about a set that is not as it was read.
func moved(clause string) bool {
	return strings.Contains(clause, "do not match") || strings.Contains(clause, "was not found") || strings.Contains(clause, "already exists")
}
