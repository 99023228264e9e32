package cloudflare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

// chooseZone returns the zone of n, or why there is none. passed says that one closer to n
// was passed over.
func (s *zoneSearch) chooseZone(n dns.Name) (home *apiZone, passed bool, err *provider.Error) {
	if err := s.errs[n]; err != nil {
		return nil, false, err
	}
	from := possibleZones(n)
	if named := s.p.zoneNames[n]; len(s.publicZones(named)) > 0 {
		from = []dns.Name{named}
	}
	best := -1
	for i, suffix := range from {
		if len(s.publicZones(suffix)) > 0 && (best < 0 || s.bestRank(suffix) < s.bestRank(from[best])) {
			best = i
		}
	}
	if best < 0 {
		return nil, false, s.noZoneError(n)
	}
	for _, closer := range from[:best] {
		passed = passed || len(s.visible[closer]) > 0
	}
	rivals := bestZones(s.publicZones(from[best]))
	if len(rivals) > 1 {
		return nil, false, &provider.Error{Kind: provider.NoZone,
			What: findZoneAction(n), Err: fmt.Errorf("there are %d zones named %s, and nothing tells which of them is meant: %s",
				len(rivals), from[best].Describe(), text.List(describeZones(rivals), maxDescribed)),
			Hint: "set {records.zone_id} to the id of the right one, or give the credential only that"}
	}
	return &rivals[0], passed, nil
}

// maxDescribed bounds how many zones a text describes.
const maxDescribed = 5

// servingRank returns how well a zone answers the world, best first: active and full; active;
// not active. Names go to the zone of the best rank, and of these to the longest.
func (z *apiZone) servingRank() int {
	switch {
	case z.Status != "" && z.Status != "active":
		return 2
	case z.Type != "" && z.Type != "full":
		return 1
	}
	return 0
}

// isInternal reports whether z is for a private network, so that it is no home unless
// somebody gives its id.
func (z *apiZone) isInternal() bool { return z.Type == "internal" }

// publicZones returns the zones of a name that can be the home of one.
func (s *zoneSearch) publicZones(name dns.Name) []apiZone {
	return filterZones(s.visible[name], func(z *apiZone) bool { return !z.isInternal() })
}

// filterZones is the zones of which this holds.
func filterZones(zones []apiZone, is func(*apiZone) bool) (some []apiZone) {
	for i := range zones {
		if is(&zones[i]) {
			some = append(some, zones[i])
		}
	}
	return some
}

// bestRank returns that of the best home of a name.
func (s *zoneSearch) bestRank(name dns.Name) int {
	return bestZones(s.publicZones(name))[0].servingRank()
}

// bestZones returns those of some zones of one name that no other one goes before. One
// that is paused comes after one that is not.
func bestZones(zones []apiZone) []apiZone {
	order := func(z *apiZone) int {
		if z.Paused {
			return 2*z.servingRank() + 1
		}
		return 2 * z.servingRank()
	}
	least := order(&zones[0])
	for i := range zones {
		least = min(least, order(&zones[i]))
	}
	return filterZones(zones, func(z *apiZone) bool { return order(z) == least })
}

// describeUnusedZones says which zones the names of a zone could lie in too, and do not.
func (s *zoneSearch) describeUnusedZones(z *apiZone, names []dns.Name) string {
	others := filterZones(s.visible[z.name], func(o *apiZone) bool { return o.ID != z.ID })
	seen := map[dns.Name]bool{z.name: true}
	for _, n := range names {
		for _, closer := range possibleZones(n) {
			if closer == z.name {
				break
			}
			if !seen[closer] {
				seen[closer], others = true, append(others, s.visible[closer]...)
			}
		}
	}
	if len(others) == 0 {
		return ""
	}
	all := describeZones(others)
	slices.Sort(all)
	return "this zone is used, and not " + text.List(all, maxDescribed)
}

// describeZones returns zones as a person tells them apart.
func describeZones(zones []apiZone) []string {
	var all []string
	for i := range zones {
		z := &zones[i]
		state := []string{cmp.Or(z.Status, "active")}
		if z.Type != "" && z.Type != "full" {
			state = append(state, z.Type)
		}
		if z.Paused {
			state = append(state, "paused")
		}
		all = append(all, rest.Printable(fmt.Sprintf("%s with the id %s (%s, account %s)",
			z.name.Describe(), z.ID, strings.Join(state, ", "), cmp.Or(strings.TrimSpace(z.Account.Name+" "+z.Account.ID), "unknown"))))
	}
	return all
}

func (s *zoneSearch) noZoneError(n dns.Name) *provider.Error {
	if z, ok := s.internalZoneOf(n); ok {
		return &provider.Error{Kind: provider.NoZone,
			What: findZoneAction(n), Err: fmt.Errorf("there is only an internal one, which answers a private network: %s", describeZones([]apiZone{z})[0]),
			Hint: "set {records.zone_id} to its id if that is meant"}
	}
	noun := s.p.Credential()
	why := fmt.Errorf("it is not there, or this %s may not see it; %s", noun, s.describeVisible())
	if s.lookupsExhausted {
		why = fmt.Errorf("it is in none of the zones listed, and not all of so many names were asked for one by one; %s", s.describeVisible())
	}
	return &provider.Error{Kind: provider.NoZone, What: findZoneAction(n), Err: why,
		Hint: text.Advise("check the name; give the %s this zone, with the permissions Zone · Zone · Read and Zone · DNS · Edit", noun)}
}

func findZoneAction(n dns.Name) string { return "find the zone of " + n.Describe() }

// noVisibleZoneError returns why none of several names has a zone, where the listing shows none.
func (s *zoneSearch) noVisibleZoneError(open []dns.Name) *provider.Error {
	var all []string
	for _, n := range open {
		all = append(all, n.Describe())
	}
	noun := s.p.Credential()
	return &provider.Error{Kind: provider.NoZone,
		Err:  fmt.Errorf("find the zones of %s: this %s sees no zone of theirs", text.List(all, maxDescribed), noun),
		Hint: text.Advise("give the %s the zones of these names, with the permissions Zone · Zone · Read and Zone · DNS · Edit, or set {records.zone_id} where it may see only records", noun)}
}

// internalZoneOf returns the longest internal zone that n lies in.
func (s *zoneSearch) internalZoneOf(n dns.Name) (z apiZone, ok bool) {
	for _, suffix := range possibleZones(n) {
		if all := s.visible[suffix]; len(all) > 0 {
			return all[0], true
		}
	}
	return apiZone{}, false
}

// describeVisible names the zones that are visible, at most ten.
func (s *zoneSearch) describeVisible() string {
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
