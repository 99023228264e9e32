package rest

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// changeOf is what is to be written of a set; an error where what stands there is
// not what it was planned from, and where the host cannot hold it.
func (s *Sets) changeOf(set *plan.Set, here Held) (SetChange, *provider.Error) {
	l := &s.Zone.Limits
	c := SetChange{set, here, set.After()}
	var stands []dns.Record
	if here != nil {
		stands = here.Records(set.Key)
	}
	if !slices.EqualFunc(stands, set.Records, func(a, b dns.Record) bool { return a.Compare(&b) == 0 }) {
		return c, Fault(provider.Stale, "", "", "%s is not as it was read", set.Key)
	}
	said := make(map[string]bool)
	for i := range c.To {
		r := &c.To[i]
		content := r.Content()
		switch {
		case said[content]:
			return c, Fault(provider.Stale, "", "", "%s is there already: %s", set.Key, content)
		case r.TTL != c.To[0].TTL || l.OneMark && r.Comment != c.To[0].Comment:
			return c, Fault(provider.Rejected, "", "", "the records of %s share their TTL%s", set.Key, andMark(l))
		case l.Comment < 0 && r.Comment != "":
			return c, Fault(provider.Rejected, "", "", "%s keeps no comments", s.Host)
		case l.Comment > 0 && utf8.RuneCountInString(r.Comment) > l.Comment:
			return c, Fault(provider.Rejected, "", "", "the comment is longer than %d characters", l.Comment)
		}
		said[content] = true
	}
	return c, nil
}

func andMark(l *plan.Limits) string {
	if l.OneMark {
		return " and their comment"
	}
	return ""
}

// what names the changes for people.
func (s *Sets) what(places []int) string {
	if len(places) == 1 {
		set := s.sets[places[0]]
		if len(set.Changes) == 1 {
			return fmt.Sprintf("%s %s", set.Changes[0].Action, set.Key)
		}
		return "change " + set.Key.String()
	}
	return fmt.Sprintf("make %d changes in %s", plan.Size(s.at(places)), s.Zone.Name.Describe())
}
