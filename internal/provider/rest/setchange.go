package rest

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// newSetChange returns what is to be written of a set; an error where what stands there is
// not what it was planned from, and where the host cannot hold it.
func (s *SetApplier) newSetChange(set *plan.Set, here StoredSet) (SetChange, *provider.Error) {
	l := &s.Zone.Limits
	c := SetChange{set, here, set.After()}
	var stands []dns.Record
	if here != nil {
		stands = here.Records(set.Key)
	}
	if !slices.EqualFunc(stands, set.Records, func(a, b dns.Record) bool { return a.Compare(&b) == 0 }) {
		return c, NewError(provider.Stale, "", "", "%s is not as it was read", set.Key)
	}
	said := make(map[string]bool)
	for i := range c.Desired {
		r := &c.Desired[i]
		content := r.Content()
		switch {
		case said[content]:
			return c, NewError(provider.Stale, "", "", "%s is there already: %s", set.Key, content)
		case r.TTL != c.Desired[0].TTL || l.OneMark && r.Comment != c.Desired[0].Comment:
			return c, NewError(provider.Rejected, "", "", "the records of %s share their TTL%s", set.Key, andComment(l))
		case l.Comment < 0 && r.Comment != "":
			return c, NewError(provider.Rejected, "", "", "%s keeps no comments", s.Host)
		case l.Comment > 0 && utf8.RuneCountInString(r.Comment) > l.Comment:
			return c, NewError(provider.Rejected, "", "", "the comment is longer than %d characters", l.Comment)
		}
		said[content] = true
	}
	return c, nil
}

func andComment(l *plan.Limits) string {
	if l.OneMark {
		return " and their comment"
	}
	return ""
}

// describe names the changes for people.
func (s *SetApplier) describe(places []int) string {
	if len(places) == 1 {
		set := s.sets[places[0]]
		if len(set.Changes) == 1 {
			return fmt.Sprintf("%s %s", set.Changes[0].Action, set.Key)
		}
		return "change " + set.Key.String()
	}
	return fmt.Sprintf("make %d changes in %s", plan.CountChanges(s.setsAt(places)), s.Zone.Name.Describe())
}
