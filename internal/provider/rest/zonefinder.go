package rest

import (
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// ZoneFinder is all zones that a credential sees, and what people say of the zones of
// names.
type ZoneFinder struct {
	Zones      []provider.Zone
	IDs        map[dns.Name]string   // by id, or by the name of the zone; may be nil
	Names      map[dns.Name]dns.Name // by name; where none is called that it is searched as for others; may be nil
	Viewer     string                // who does not see it: "this token"
	NoZoneHint text.Hint             // where there is no zone
}

// Find finds the zone of each name: the one that somebody says, or the longest.
func (l *ZoneFinder) Find(names []dns.Name) (placed []provider.Placed, unplaced []provider.Unplaced) {
	byName, byID := make(map[dns.Name]*provider.Zone, len(l.Zones)), make(map[string]*provider.Zone, 2*len(l.Zones))
	for i := range l.Zones {
		z := &l.Zones[i]
		byName[z.Name], byID[z.Name.String()], byID[z.ID] = z, z, z
	}
	for _, n := range names {
		z, why := byName[l.Names[n]], ""
		switch id := strings.ToLower(l.IDs[n]); {
		case id != "":
			if z = byID[id]; z == nil {
				why = fmt.Sprintf("%s sees no zone %s", l.Viewer, Printable(id))
			} else if !n.IsWithin(z.Name) {
				z, why = nil, fmt.Sprintf("%s is not in the zone %s", n.Describe(), z.Name.Describe())
			}
		case z == nil || !n.IsWithin(z.Name):
			if z = longestZone(byName, n); z == nil {
				why = fmt.Sprintf("%s sees no zone that holds %s", l.Viewer, n.Describe())
			}
		}
		if z == nil {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: NewError(provider.NoZone, "", l.NoZoneHint, "%s", why)})
			continue
		}
		placed = append(placed, provider.Placed{Name: n, Zone: *z})
	}
	return placed, unplaced
}

func longestZone(zones map[dns.Name]*provider.Zone, n dns.Name) *provider.Zone {
	for at, ok := n, true; ok; at, ok = at.Parent() {
		if z := zones[at]; z != nil {
			return z
		}
	}
	return nil
}

// HintUnexpectedAnswer is what to do about an answer that is well formed and none of the API's.
const HintUnexpectedAnswer text.Hint = "homing tries again by itself; if it stays so, look for a proxy, a firewall or a login page between this machine and the API"

// NewError makes the error for a failure that came with no answer.
//
//go:noinline // many callers: see dependencies.md
func NewError(kind provider.Kind, what string, hint text.Hint, format string, args ...any) *provider.Error {
	return &provider.Error{Kind: kind, What: what, Hint: hint, Err: fmt.Errorf(format, args...)}
}
