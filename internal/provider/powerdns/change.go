package powerdns

import (
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// change is what a PATCH says of a set.
type change struct {
	Name     string     `json:"name"`
	Type     dns.Type   `json:"type"`
	TTL      int        `json:"ttl,omitempty"`
	Kind     string     `json:"changetype"`
	Records  []value    `json:"records,omitempty"`
	Comments *[]comment `json:"comments,omitempty"` // nil: they stay
}

// changeOf is what is to be written of a set, where here is what stands there;
// an error where that is not what the set was planned from.
func changeOf(s *plan.Set, here *rrset) (change, *provider.Error) {
	c := change{Name: s.Key.Name.String() + ".", Type: s.Key.Type, TTL: here.TTL, Kind: "REPLACE"}
	if !same(here.records(s.Key), s.Records) {
		return c, fault(provider.Stale, "", "", "%s is not as it was read", s.Key)
	}
	after, was := s.After(), here.comment()
	said := make(map[string]bool)
	for i := range after {
		r := &after[i]
		content := r.Content()
		switch {
		case said[content]:
			return c, fault(provider.Stale, "", "", "%s is there already: %s", s.Key, content)
		case r.TTL != after[0].TTL || r.Comment != after[0].Comment:
			return c, fault(provider.Rejected, "", "", "the records of %s share their TTL and their comment", s.Key)
		case utf8.RuneCountInString(r.Comment) > maxComment:
			return c, fault(provider.Rejected, "", "", "the comment is longer than %d characters", maxComment)
		}
		said[content] = true
		c.Records, c.TTL = append(c.Records, value{Content: content}), r.TTL
	}
	for _, v := range here.Records {
		if v.Disabled && !said[v.form(s.Key.Type)] { // one that is wanted is enabled, for a second one would be refused
			c.Records = append(c.Records, v)
		}
	}
	switch {
	case len(c.Records) == 0:
		c.Kind, c.TTL = "DELETE", 0
	case len(after) > 0 && after[0].Comment != was:
		c.Comments = commented(after[0].Comment)
	}
	return c, nil
}

// same says whether two sets say the same; both are in order.
func same(a, b []dns.Record) bool {
	for i := range a {
		if i >= len(b) || a[i].Compare(b[i]) != 0 {
			return false
		}
	}
	return len(a) == len(b)
}

// form is the content of a value as records have it.
func (v value) form(t dns.Type) string {
	if t == dns.TXT {
		return dns.ParseTXT(v.Content).Text
	}
	return v.Content
}

func commented(s string) *[]comment {
	if s == "" {
		return &[]comment{}
	}
	return &[]comment{{Content: s, Account: "homing"}}
}
