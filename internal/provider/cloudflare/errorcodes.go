package cloudflare

import (
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// errorMeaning is what one refusal means. The same number means different things in
// different services, so a meaning is for an HTTP status and a code together.
type errorMeaning struct {
	status   int    // 0: any
	code     int    // 0: no code that is known
	contains string // a part of Cloudflare's message, where one code has several causes or none is known for certain
	kind     provider.Kind
	cause    string
	cure     text.Hint
}

// What several of them advise.
const (
	cureToken      = "create a new API token at dash.cloudflare.com/profile/api-tokens and put it into {accounts.token}; it may also have been disabled, or not be valid yet"
	cureGrant      = "edit the token at dash.cloudflare.com/profile/api-tokens: it needs the permission Zone · DNS · Edit (and better Zone · Zone · Read too), and this zone under Zone Resources"
	cureReport     = "this looks like a fault of homing; please report it"
	cureRateLimit  = "homing waits and goes on by itself. The limit counts everything this user does, the dashboard and other programs too"
	cureReread     = "homing reads it again and goes on by itself"
	cureIncomplete = "homing reads it again by itself, and changes nothing before"
	cureUnknown    = "homing tries again later by itself; if it stays so, look at www.cloudflarestatus.com and at the record or list in the dashboard, or report the code"
	causeNS        = "NS records stand at this name or above it, so it belongs to another zone"
	cureNS         = "add the record in that zone, delete the NS records, or remove the name from the settings"
	causeLocked    = "Cloudflare takes no calls for now, because a credential that is not valid was used again and again"
	cureLocked     = "homing waits and goes on by itself; another program, or another homing, still uses an old token or key: look for it and stop it"
	cureContent    = "homing only sends addresses, so this looks like a fault of homing; please report it"
)

// errorTable returns every code an updater meets at zones and records, by the
// reference's section 9; the first one that fits counts. Codes and messages
// were collected between 2017 and 2026, none from a promise of Cloudflare's.
func errorTable() []errorMeaning {
	return []errorMeaning{
		{0, 10502, "", provider.Throttled, causeLocked, cureLocked},
		{0, 0, "max auth failures", provider.Throttled, causeLocked, cureLocked}, // with other codes in older reports
		{0, 6102, "", provider.Auth, "the e-mail address of the Global API key is not one", "check {accounts.email}"},
		{0, 6103, "", provider.Auth, "the Global API key is malformed", "an API token belongs into {accounts.token}, without an e-mail address; otherwise copy the key again"},
		{0, 6111, "", provider.Auth, "the API token is malformed", "copy it again, without quotes, spaces and line breaks; a Global API key belongs into {accounts.key}"},
		{0, 6003, "", provider.Auth, "the credential is malformed", "copy it again, without quotes, spaces and line breaks"},
		{0, 9103, "", provider.Auth, "Cloudflare knows no such Global API key for this e-mail address", "check {accounts.key} and {accounts.email}; rolling the key makes the old one useless"},
		{0, 9106, "", provider.Auth, "Cloudflare found no credential it can read", "copy the credential again, without quotes, spaces and line breaks"},
		{0, 9107, "", provider.Auth, "the Global API key or its e-mail address is missing", "set both {accounts.key} and {accounts.email}"},
		{0, 9109, "location", provider.Auth, "the token may not be used from the address this call came from", "edit the token's Client IP Address Filtering at dash.cloudflare.com/profile/api-tokens, for IPv4 and IPv6: it locks a home out when its address changes"},
		{0, 9109, "invalid access token", provider.Auth, "the API token is not valid", cureToken},
		{0, 9109, "", provider.Auth, "the credential may not do this", cureGrant},
		{0, 10000, "not allowed for the api_token", provider.Rejected, "Cloudflare knows no such call", cureReport}, // "PUT method not allowed for the api_token authentication scheme"
		{http.StatusMethodNotAllowed, 10000, "", provider.Rejected, "Cloudflare knows no such call", cureReport},
		{http.StatusUnauthorized, 10000, "", provider.Auth, "the API token is not valid", cureToken},
		{0, 10000, "", provider.Auth, "the credential may not do this, or not in this zone", cureGrant},
		{0, 10001, "", provider.Auth, "Cloudflare cannot tell from the credential who calls", "copy the credential again, without quotes, spaces and line breaks; or " + cureToken},
		{0, 1000, "", provider.Auth, "the API token is not valid", cureToken},

		{0, 971, "", provider.Throttled, "too many calls", cureRateLimit},
		{0, 10300, "", provider.Throttled, "too many calls", cureRateLimit},

		{0, 7000, "", provider.NoZone, "there is no such zone or record", "homing looks for the zone again by itself"},
		{0, 7003, "", provider.NoZone, "there is no such zone or record", "homing looks for the zone again by itself"},
		{0, 1038, "", provider.Rejected, "Cloudflare's API changes no zones under .cf, .ga, .gq, .ml and .tk", "change the record in the dashboard, or use another domain"},

		{0, 81044, "", provider.Stale, "the record is no longer there", cureReread},
		{0, 81057, "", provider.Stale, "the same record is already there", cureReread},
		{0, 81058, "", provider.Stale, "the same record is already there", cureReread},
		{0, 81045, "", provider.Rejected, "the zone has no room for more records", "delete records that nobody needs, or move the zone to a plan with more (Free zones have 200, or 1,000 if made before September 2024)"},
		{0, 81053, "", provider.Rejected, "an A, AAAA or CNAME record already stands at this name", "delete that record, or remove the name from the settings"},
		{0, 81054, "", provider.Rejected, "a CNAME record stands at this name, and no address can stand beside it", "delete the CNAME record, or remove the name from the settings"},
		{0, 81056, "", provider.Rejected, causeNS, cureNS},
		{0, 89018, "", provider.Rejected, causeNS, cureNS},

		{0, 9003, "", provider.Rejected, "Cloudflare does not proxy to this address", "set {records.proxied} to false for this name; private addresses and Cloudflare's own cannot be proxied"},
		{0, 9004, "", provider.Rejected, "this record cannot be proxied", "set {records.proxied} to false for this name"},
		{0, 9041, "", provider.Rejected, "this record cannot be proxied", "set {records.proxied} to false for this name"},
		{0, 9005, "", provider.Rejected, "Cloudflare does not take this as an IPv4 address", cureContent},
		{0, 9006, "", provider.Rejected, "Cloudflare does not take this as an IPv6 address", cureContent},
		{0, 9021, "", provider.Rejected, "this zone does not take this TTL", "set {records.ttl} to 1 (automatic) or to a value from 60 to 86400; Enterprise zones take 30 and more"},
		{0, 9207, "", provider.Rejected, "Cloudflare could not read the call", cureReport},
		{0, 9300, "", provider.Rejected, "this zone does not take so many tags", "set fewer {records.tags}: Free zones take none, others 20"},
		{0, 9313, "", provider.Rejected, "the comment is longer than this zone allows", "shorten {records.comment}: Free zones take 100 characters, others 500"},
		{0, 1004, "", provider.Rejected, "Cloudflare does not take the record as it is", "Cloudflare's message names the field; if it is none of your settings, please report it"},

		{http.StatusUnauthorized, 0, "", provider.Auth, "Cloudflare refused the credential", cureToken},
		{http.StatusForbidden, 0, "", provider.Auth, "the credential may not do this", cureGrant},
		{http.StatusTooManyRequests, 0, "", provider.Throttled, "too many calls", cureRateLimit},
		{0, 0, "", provider.Rejected, "Cloudflare refused", cureUnknown},
	}
}

// matches reports whether r is meant by a message that came with a status; a nil
// message is none that is known.
func (r errorMeaning) matches(status int, m *message) bool {
	if r.status != 0 && r.status != status {
		return false
	}
	if anything := r.code == 0 && r.contains == ""; m == nil || anything {
		return m == nil && anything
	}
	return (r.code == 0 || int(m.Code) == r.code) && strings.Contains(strings.ToLower(m.Message), r.contains)
}

// errorTable returns what the refusals of this call can mean.
func (r call) errorTable() []errorMeaning {
	if r.isListCall {
		return append(listErrorTable(), errorTable()...)
	}
	return errorTable()
}

// findMeaning finds the meaning of an answer in rows: by the first of its messages
// that one of them fits, or by its status.
func findMeaning(rows []errorMeaning, status int, said []message) errorMeaning {
	for i := range said {
		for _, r := range rows {
			if r.matches(status, &said[i]) {
				return r
			}
		}
	}
	for _, r := range rows {
		if r.matches(status, nil) {
			return r
		}
	}
	panic("the table has no last line")
}
