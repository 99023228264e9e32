package cloudflare

import (
	"fmt"
	"net/http"
	"strings"
)

// The TTLs that zones of any plan take, in seconds, beside 1 for automatic.
const (
	MinTTL = 30
	MaxTTL = 86400
)

// ParseZoneID returns the id of a zone as the API has it. Its error is a *Malformed.
func ParseZoneID(text string) (string, error) {
	id := strings.ToLower(strings.TrimSpace(text))
	if !isHexID(id) {
		return "", &Malformed{fmt.Sprintf("%q is no zone id", text), "a zone id is the 32 characters that the zone's Overview page shows, not its name"}
	}
	return id, nil
}

// CheckAccountID checks whether id can be that of an account. Its error is a *Malformed.
func CheckAccountID(id string) error {
	if !isHexID(id) {
		return &Malformed{fmt.Sprintf("%q is no account id", id), "an account id is the 32 characters that the dashboard shows in the address bar and on each zone's Overview page"}
	}
	return nil
}

// CheckListName checks whether a new IP list can have this name, or this is the
// id of one. Its error is a *Malformed.
func CheckListName(name string) error {
	if name == "" || len(name) > 50 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return &Malformed{fmt.Sprintf("%q is no name of a list", name), "names of lists are made of a-z, 0-9 and _, at most 50 of them"}
	}
	return nil
}

// isHexID reports whether s looks like an id that the dashboard shows. Those the
// API answers with are taken as they are: see isValidID.
func isHexID(s string) bool { return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == "" }

// Route returns the pattern of a call, of which there are few: ids are left out.
func Route(r *http.Request) string {
	_, path, found := strings.Cut(r.URL.Path, "/client/v4/")
	if !found {
		path = strings.TrimPrefix(r.URL.Path, "/")
	}
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if isHexID(p) {
			parts[i] = "{id}"
		}
	}
	return r.Method + " /" + strings.Join(parts, "/")
}
