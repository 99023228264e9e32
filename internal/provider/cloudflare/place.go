package cloudflare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// place is the zone of n, or why there is none.
func (s *search) place(n dns.Name) (zone, *provider.Error) {
	if err := s.broken[n]; err != nil {
		return zone{}, err
	}
	for _, suffix := range suffixes(n) {
		switch found := s.visible[suffix]; len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return zone{}, &provider.Error{Kind: provider.NoZone,
				Err:  fmt.Errorf("find the zone of %s: there are %d zones named %s", n.Describe(), len(found), suffix.Describe()),
				Hint: "configure the zone id of the right one for this name"}
		}
	}
	return zone{}, s.noZone(n)
}

func (s *search) noZone(n dns.Name) *provider.Error {
	noun := s.p.client.credential.noun()
	why := fmt.Errorf("find the zone of %s: it is not there, or this %s may not see it; %s", n.Describe(), noun, s.shown())
	if s.spent {
		why = fmt.Errorf("find the zone of %s: it is in none of the zones listed, and not all of so many names were asked for one by one; %s", n.Describe(), s.shown())
	}
	return &provider.Error{Kind: provider.NoZone, Err: why,
		Hint: "check the name; give the " + noun + " this zone, with the permissions Zone · Zone · Read and Zone · DNS · Edit; or configure the zone id for this name"}
}

// shown names the zones that are visible, at most ten.
func (s *search) shown() string {
	const most = 10
	all := slices.SortedFunc(maps.Keys(s.visible), dns.Name.Compare)
	if len(all) == 0 {
		return "no zone is visible at all"
	}
	words := make([]string, 0, most)
	for _, n := range all[:min(most, len(all))] {
		words = append(words, n.Describe())
	}
	more := ""
	if len(all) > most {
		more = fmt.Sprintf(" and %d more", len(all)-most)
	}
	return "visible are " + strings.Join(words, ", ") + more
}
