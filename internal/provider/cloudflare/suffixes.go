package cloudflare

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// candidates is the suffixes that could still be the zone of one of the names.
func (s *search) candidates(names []dns.Name) map[dns.Name]bool {
	all := map[dns.Name]bool{}
	for _, n := range names {
		for _, suffix := range s.unsettled(n) {
			all[suffix] = true
		}
	}
	return all
}

// unsettled is the suffixes of n, longest first, that could be its zone beside
// the best one that is visible.
func (s *search) unsettled(n dns.Name) []dns.Name {
	all := suffixes(n)
	seen := func(z dns.Name) bool { return len(s.homes(z)) > 0 }
	i := slices.IndexFunc(all, func(z dns.Name) bool { return seen(z) && s.rank(z) == 0 })
	switch {
	case !slices.ContainsFunc(all, seen):
		return all
	case s.complete, seen(s.p.zoneNames[n]):
		return nil
	case i < 0:
		return all
	}
	return all[:i]
}

// found says whether any zone of n is visible.
func (s *search) found(n dns.Name) bool {
	return slices.ContainsFunc(suffixes(n), func(z dns.Name) bool { return len(s.homes(z)) > 0 })
}

// suffixes is every name that could be the zone of n, longest first. Single
// labels are none.
func suffixes(n dns.Name) []dns.Name {
	var all []dns.Name
	for ok := !n.IsZero(); ok; n, ok = n.Parent() {
		if !n.IsWildcard() {
			all = append(all, n)
		}
	}
	return all
}

// ask asks for the suffixes that the listing did not settle, the longest of
// each name first. Where that would be too many it begins at the short end,
// which names share, and does not look for a zone inside of one it found: the
// NS records of such a zone stand in the outer one and keep homing from
// writing there.
func (s *search) ask(ctx context.Context, open []dns.Name) {
	for _, n := range open { // what somebody names settles the most
		named := s.p.zoneNames[n]
		if named.IsZero() || s.asked[named] || !slices.Contains(s.unsettled(n), named) {
			continue
		}
		if err := s.askFor(ctx, named); err != nil {
			s.fail(open, err)
			return
		}
	}
	many := len(s.candidates(open)) > maxAsked
	for _, labels := range levels(open, many) {
		for _, n := range open {
			todo := s.unsettled(n)
			if many && s.found(n) {
				continue
			}
			i := slices.IndexFunc(todo, func(z dns.Name) bool { return labelsOf(z) == labels })
			if i < 0 || s.asked[todo[i]] {
				continue
			}
			if err := s.askFor(ctx, todo[i]); err != nil {
				s.fail(slices.DeleteFunc(slices.Clone(open), func(n dns.Name) bool { return !s.waiting(n, many) }), err)
				return
			}
		}
	}
}

// waiting says whether there is still something to ask about n.
func (s *search) waiting(n dns.Name, many bool) bool {
	todo := s.unsettled(n)
	if many && s.found(n) {
		return false
	}
	return slices.ContainsFunc(todo, func(z dns.Name) bool { return !s.asked[z] })
}

func (s *search) askFor(ctx context.Context, z dns.Name) *provider.Error {
	if s.p.absent.resting(z, time.Now()) {
		s.asked[z] = true
		return nil
	}
	if s.calls >= maxAsked {
		s.spent = true
		return nil
	}
	s.calls++
	if _, _, err := s.zones(ctx, "look for the zone "+z.Describe(), false, url.Values{
		"name": {z.String()}, "per_page": {strconv.Itoa(zonePage)},
	}); err != nil {
		return err
	}
	s.asked[z] = true
	most := lastUnlisted
	if s.listed {
		most = lastRest
	}
	s.p.absent.learn(z, len(s.visible[z]) > 0, time.Now(), most)
	return nil
}

// levels is the numbers of labels a zone of the names can have, in the order
// in which they are tried.
func levels(names []dns.Name, shortFirst bool) []int {
	most := 0
	for _, n := range names {
		most = max(most, labelsOf(n))
	}
	var all []int
	for n := most; n >= 2; n-- {
		all = append(all, n)
	}
	if shortFirst {
		slices.Reverse(all)
	}
	return all
}

func labelsOf(n dns.Name) int { return strings.Count(n.String(), ".") + 1 }

// fail takes note that nothing can be said about these names.
func (s *search) fail(names []dns.Name, err *provider.Error) {
	for _, n := range names {
		s.broken[n] = err
	}
}
