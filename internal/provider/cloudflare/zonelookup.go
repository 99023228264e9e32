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

// candidateZones returns the suffixes that could still be the zone of one of the names.
func (s *zoneSearch) candidateZones(names []dns.Name) map[dns.Name]bool {
	all := map[dns.Name]bool{}
	for _, n := range names {
		for _, suffix := range s.unsettledSuffixes(n) {
			all[suffix] = true
		}
	}
	return all
}

// unsettledSuffixes returns the suffixes of n, longest first, that could be its zone beside
// the best one that is visible.
func (s *zoneSearch) unsettledSuffixes(n dns.Name) []dns.Name {
	all := possibleZones(n)
	seen := func(z dns.Name) bool { return len(s.publicZones(z)) > 0 }
	i := slices.IndexFunc(all, func(z dns.Name) bool { return seen(z) && s.bestRank(z) == 0 })
	switch {
	case !slices.ContainsFunc(all, seen):
		return all
	case s.listingComplete, seen(s.p.zoneNames[n]):
		return nil
	case i < 0:
		return all
	}
	return all[:i]
}

// hasVisibleZone reports whether any zone of n is visible.
func (s *zoneSearch) hasVisibleZone(n dns.Name) bool {
	return slices.ContainsFunc(possibleZones(n), func(z dns.Name) bool { return len(s.publicZones(z)) > 0 })
}

// possibleZones returns every name that could be the zone of n, longest first. Single
// labels are none.
func possibleZones(n dns.Name) []dns.Name {
	var all []dns.Name
	for ok := !n.IsZero(); ok; n, ok = n.Parent() {
		if !n.IsWildcard() {
			all = append(all, n)
		}
	}
	return all
}

// lookUpUnsettled asks for the suffixes that the listing did not settle, the longest of
// each name first. Where that would be too many it begins at the short end,
// which names share, and does not look for a zone inside of one it found: the
// NS records of such a zone stand in the outer one and keep homing from
// writing there.
func (s *zoneSearch) lookUpUnsettled(ctx context.Context, open []dns.Name) {
	for _, n := range open { // what somebody names settles the most
		named := s.p.zoneNames[n]
		if named.IsZero() || s.lookedUp[named] || !slices.Contains(s.unsettledSuffixes(n), named) {
			continue
		}
		if err := s.lookUpZone(ctx, named); err != nil {
			s.setError(open, err)
			return
		}
	}
	many := len(s.candidateZones(open)) > maxLookups
	for _, labels := range labelCounts(open, many) {
		for _, n := range open {
			todo := s.unsettledSuffixes(n)
			if many && s.hasVisibleZone(n) {
				continue
			}
			i := slices.IndexFunc(todo, func(z dns.Name) bool { return countLabels(z) == labels })
			if i < 0 || s.lookedUp[todo[i]] {
				continue
			}
			if err := s.lookUpZone(ctx, todo[i]); err != nil {
				s.setError(slices.DeleteFunc(slices.Clone(open), func(n dns.Name) bool { return !s.hasLookupsLeft(n, many) }), err)
				return
			}
		}
	}
}

// hasLookupsLeft reports whether there is still something to ask about n.
func (s *zoneSearch) hasLookupsLeft(n dns.Name, many bool) bool {
	todo := s.unsettledSuffixes(n)
	if many && s.hasVisibleZone(n) {
		return false
	}
	return slices.ContainsFunc(todo, func(z dns.Name) bool { return !s.lookedUp[z] })
}

func (s *zoneSearch) lookUpZone(ctx context.Context, z dns.Name) *provider.Error {
	if s.p.missingZones.isBackedOff(z, time.Now()) {
		s.lookedUp[z] = true
		return nil
	}
	if s.lookupCalls >= maxLookups {
		s.lookupsExhausted = true
		return nil
	}
	s.lookupCalls++
	if _, _, err := s.fetchZones(ctx, "look for the zone "+z.Describe(), false, url.Values{
		"name": {z.String()}, "per_page": {strconv.Itoa(zonesPerPage)},
	}); err != nil {
		return err
	}
	s.lookedUp[z] = true
	most := maxRetryUnlisted
	if s.listingAnswered {
		most = maxRetry
	}
	s.p.missingZones.recordLookup(z, len(s.visible[z]) > 0, time.Now(), most)
	return nil
}

// labelCounts returns the numbers of labels a zone of the names can have, in the order
// in which they are tried.
func labelCounts(names []dns.Name, shortFirst bool) []int {
	most := 0
	for _, n := range names {
		most = max(most, countLabels(n))
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

func countLabels(n dns.Name) int { return strings.Count(n.String(), ".") + 1 }

// setError takes note that nothing can be said about these names.
func (s *zoneSearch) setError(names []dns.Name, err *provider.Error) {
	for _, n := range names {
		s.errs[n] = err
	}
}
