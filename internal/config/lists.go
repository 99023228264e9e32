package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// addLists reads account-id/list-name, several with commas between.
func (l *loader) addLists(s string) error {
	for _, w := range words(s) {
		account, name, found := strings.Cut(w, "/")
		switch {
		case !found:
			return hinted(fmt.Sprintf("%q has no / in it", w), "write the account id, a slash and the name of the list, such as 0123456789abcdef0123456789abcdef/home_ips")
		case !isID(account):
			return hinted(fmt.Sprintf("%q is no account id", account), "an account id is the 32 characters that the dashboard shows in the address bar and on each zone's Overview page")
		case !isListName(name):
			return hinted(fmt.Sprintf("%q is no name of a list", name), "names of lists are made of a-z, 0-9 and _, at most 50 of them")
		}
		list := plan.List{Account: account, Name: name}
		if !slices.Contains(l.account.Spec.Lists, list) {
			l.account.Spec.Lists = append(l.account.Spec.Lists, list)
		}
	}
	return nil
}

// isID says whether s looks like an id of Cloudflare's: 32 hexadecimal digits.
func isID(s string) bool { return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == "" }

func isListName(s string) bool {
	return s != "" && len(s) <= 50 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// zoneID is the id of a zone and the names it is for: those within zone, or
// all when that is zero.
type zoneID struct {
	zone dns.Name
	id   string
}

// setZoneIDs reads an id, or several as example.org=id.
func (l *loader) setZoneIDs(s string) error {
	for _, w := range words(s) {
		var z zoneID
		name, id, several := strings.Cut(w, "=")
		if !several {
			id = name
		} else {
			var err error
			if z.zone, err = dns.ParseName(name); err != nil {
				return err
			}
		}
		if z.id = strings.ToLower(strings.TrimSpace(id)); !isID(z.id) {
			return hinted(fmt.Sprintf("%q is no zone id", id), "a zone id is the 32 characters that the zone's Overview page shows, not its name")
		}
		l.zoneIDs = append(l.zoneIDs, z)
	}
	return nil
}

// zones gives each name the id of the longest zone it lies in.
func (l *loader) zones() map[dns.Name]string {
	if len(l.zoneIDs) == 0 {
		return nil
	}
	slices.SortStableFunc(l.zoneIDs, func(a, b zoneID) int { return len(b.zone.String()) - len(a.zone.String()) })
	ids := make(map[dns.Name]string)
	for _, e := range l.entries {
		for _, z := range l.zoneIDs {
			if ids[e.name] == "" && (z.zone.IsZero() || e.name.Within(z.zone)) {
				ids[e.name] = z.id
			}
		}
	}
	return ids
}
