package cloudflare

import (
	"fmt"
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
				Hint: "give the credential only the right one of them, or set HOMING_ZONE_ID to the id of the right one"}
		}
	}
	return zone{}, s.noZone(n)
}

func (s *search) noZone(n dns.Name) *provider.Error {
	noun := s.p.Credential()
	why := fmt.Errorf("find the zone of %s: it is not there, or this %s may not see it; %s", n.Describe(), noun, s.shown())
	if s.spent {
		why = fmt.Errorf("find the zone of %s: it is in none of the zones listed, and not all of so many names were asked for one by one; %s", n.Describe(), s.shown())
	}
	return &provider.Error{Kind: provider.NoZone, Err: why,
		Hint: "check the name; give the " + noun + " this zone, with the permissions Zone · Zone · Read and Zone · DNS · Edit"}
}

// shown names the zones that are visible, at most ten.
func (s *search) shown() string {
	const most = 10
	var all []string
	for n := range s.visible {
		all = append(all, n.Describe())
	}
	slices.Sort(all)
	switch {
	case len(all) == 0:
		return "no zone is visible at all"
	case len(all) > most:
		return fmt.Sprintf("visible are %s and %d more", strings.Join(all[:most], ", "), len(all)-most)
	}
	return "visible are " + strings.Join(all, ", ")
}
