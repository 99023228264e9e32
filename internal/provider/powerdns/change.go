package powerdns

import (
	"fmt"
	"slices"
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
func changeOf(s plan.Set, here rrset) (change, *provider.Error) {
	refuse := func(kind provider.Kind, format string, args ...any) (change, *provider.Error) {
		return change{}, &provider.Error{Kind: kind, Err: fmt.Errorf(format, args...)}
	}
	if !slices.EqualFunc(here.records(s.Key), s.Records, sameButID) {
		return refuse(provider.Stale, "%s is not as it was read", s.Key)
	}
	after := s.After()
	said := make(map[string]bool)
	for _, r := range after {
		switch {
		case said[r.Content()]:
			return refuse(provider.Stale, "%s is there already: %s", s.Key, r.Content())
		case r.TTL != after[0].TTL || r.Comment != after[0].Comment:
			return refuse(provider.Rejected, "the records of %s share their TTL and their comment", s.Key)
		case utf8.RuneCountInString(r.Comment) > maxComment:
			return refuse(provider.Rejected, "the comment is longer than %d characters", maxComment)
		}
		said[r.Content()] = true
	}
	c := change{Name: s.Key.Name.String() + ".", Type: s.Key.Type, TTL: here.TTL, Kind: "REPLACE"}
	for _, r := range after {
		c.Records, c.TTL = append(c.Records, value{Content: r.Content()}), r.TTL
	}
	for _, v := range here.Records {
		if v.Disabled && !said[v.Content] { // one that is wanted is enabled, for a second one would be refused
			c.Records = append(c.Records, v)
		}
	}
	switch {
	case len(c.Records) == 0:
		c.Kind, c.TTL = "DELETE", 0
	case len(after) > 0 && after[0].Comment != here.comment():
		c.Comments = commented(after[0].Comment)
	}
	return c, nil
}

func commented(s string) *[]comment {
	if s == "" {
		return &[]comment{}
	}
	return &[]comment{{Content: s, Account: "homing"}}
}

func sameButID(a, b dns.Record) bool {
	b.ID = a.ID
	return a.Equal(b)
}
