package desec

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

const (
	cureToken text.Hint = "make a token at desec.io (Token Management), then set {accounts.token}; one that is older than its max_age, " +
		"or was not used for its max_unused_period, is refused as well, and so is one from an address that is not among its allowed_subnets"
	cureRight  text.Hint = "let the token write: without policies it may write everything, with policies one of them has to allow these names and types (perm_write), the TXT records of owner marks among them"
	cureNoZone text.Hint = "add the domain at desec.io, or take a token of the account that has it. Or correct {records.zone_id} or the name"
)

// maxSaid is how many of its sentences are shown.
const maxSaid = 3

// explainRefusal reads a refusal: {"detail": …}, {"field": ["…"]}, or of a bulk request a
// list of such objects, one for each of its parts, empty where nothing is wrong.
func explainRefusal(status int, body []byte) (r rest.Refusal) {
	type part = map[string]json.RawMessage
	var parts []part
	switch body = bytes.TrimSpace(body); {
	case len(body) > 0 && body[0] == '[':
		r.Understood = json.Unmarshal(body, &parts) == nil
	default:
		parts = make([]part, 1)
		r.Understood = json.Unmarshal(body, &parts[0]) == nil
	}
	for i, p := range parts {
		for _, field := range slices.Sorted(maps.Keys(p)) {
			said := sentence(p[field])
			if field != "detail" && field != "non_field_errors" {
				said = field + ": " + said
			}
			if len(r.Messages) < maxSaid && !slices.Contains(r.Messages, said) {
				r.Messages = append(r.Messages, said)
			}
		}
		if len(p) > 0 && len(parts) > 1 {
			r.Parts = append(r.Parts, i)
		}
	}
	r.Meaning = meaning(status, strings.Join(r.Messages, " "))
	return r
}

// sentence returns a text, or a list of texts.
func sentence(b json.RawMessage) string {
	var one string
	var all []string
	switch {
	case json.Unmarshal(b, &one) == nil:
		return one
	case json.Unmarshal(b, &all) == nil:
		return strings.Join(all, " ")
	}
	return string(b)
}

// meaning returns what a refusal with these words means.
func meaning(status int, words string) rest.Meaning {
	switch {
	case status == http.StatusUnauthorized:
		return rest.Meaning{Kind: provider.Auth, Cause: "deSEC refused the token", Cure: cureToken}
	case status == http.StatusForbidden:
		return rest.Meaning{Kind: provider.Auth, Cause: "the token may not do this", Cure: cureRight}
	case status == http.StatusTooManyRequests:
		return rest.Meaning{Kind: provider.Throttled, Cause: "too many calls",
			Cure: "homing waits and goes on by itself. deSEC takes 300 changes of a domain a day, and 2,000 calls of an account, those of people and other programs among them"}
	case strings.Contains(words, "conflicting type"):
		return rest.Meaning{Kind: provider.Rejected, Cause: "another record at this name leaves no room for it", Cure: "look at the records of the name; a CNAME stands alone"}
	case strings.Contains(words, "greater than or equal"):
		return rest.Meaning{Kind: provider.Rejected, Cause: "the TTL is below the least of the domain", Cure: "set {records.ttl} to 1 (automatic) for this name"}
	}
	return rest.Meaning{}
}
