package powerdns

import (
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/rest"
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

// newChange returns what is to be written of a set.
func newChange(s *rest.SetChange) change {
	here, _ := s.Stored.(*rrset)
	c := change{Name: s.Key.Name.String() + ".", Type: s.Key.Type, TTL: here.TTL, Kind: "REPLACE"}
	said := make(map[string]bool)
	for i := range s.Desired {
		content := s.Desired[i].Content()
		said[content] = true
		c.Records, c.TTL = append(c.Records, value{Content: content}), s.Desired[i].TTL
	}
	for _, v := range here.Values {
		if v.Disabled && !said[v.recordContent(s.Key.Type)] { // one that is wanted is enabled, for a second one would be refused
			c.Records = append(c.Records, v)
		}
	}
	switch {
	case len(c.Records) == 0:
		c.Kind, c.TTL = "DELETE", 0
	case keepsComments(s):
	case len(s.Desired) > 0 && s.Desired[0].Comment != here.joinComments():
		c.Comments = newComments(s.Desired[0].Comment)
	}
	return c
}

// keepsComments reports whether the comments of a set stay that is to have none: they
// are about what is disabled, of which nothing is planned.
func keepsComments(s *rest.SetChange) bool {
	here, _ := s.Stored.(*rrset)
	return len(s.Records) == 0 && len(here.Values) > 0 && len(s.Desired) > 0 && s.Desired[0].Comment == ""
}

// recordContent returns the content of a value as records have it.
func (v value) recordContent(t dns.Type) string {
	if t == dns.TXT {
		return dns.ParseTXT(v.Content).Text
	}
	return v.Content
}

func newComments(s string) *[]comment {
	if s == "" {
		return &[]comment{}
	}
	return &[]comment{{Content: s, Account: "homing"}}
}
