package porkbun

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

const (
	cureKeys   text.Hint = "make a pair of keys at porkbun.com/account/api, then set {accounts.key} to the one that begins with pk1_ and {accounts.secret} to the one that begins with sk1_"
	cureAPI    text.Hint = "turn on API Access for the domain: porkbun.com → Domain Management → Details of the domain → API Access"
	cureNoZone text.Hint = "check that the domain is in the account of this key, and that its name servers are Porkbun's. Or correct {records.zone_id} or the name"
)

// explain reads a refusal: {"status": "ERROR", "message": …}, and a code in newer
// versions.
func explain(status int, body []byte) rest.Refusal {
	var said struct {
		Status  string `json:"status"`
		Message string `json:"message"`
		Code    string `json:"code"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Status == "" {
		return rest.Refusal{}
	}
	r := rest.Refusal{Understood: true, Meaning: meaning(status, strings.ToLower(said.Message), said.Code)}
	if said.Message == "" {
		said.Message = said.Status
	}
	r.Messages = []string{said.Message}
	return r
}

// meaning returns what a refusal with these words means.
func meaning(status int, words, code string) rest.Meaning {
	says := func(s string) bool { return strings.Contains(words, s) }
	switch {
	case says("not opted in to api access"), code == "DOMAIN_NOT_ALLOWED", code == "API_ACCESS_DISABLED":
		return rest.Meaning{Kind: provider.Auth, Cause: "API access is not turned on for this domain", Cure: cureAPI}
	case says("invalid api key"), strings.HasPrefix(code, "INVALID_API_KEYS"), status == http.StatusUnauthorized:
		return rest.Meaning{Kind: provider.Auth, Cause: "Porkbun refused the keys", Cure: cureKeys}
	case says("rate limit"), status == http.StatusTooManyRequests:
		return rest.Meaning{Kind: provider.Throttled, Cause: "too many calls", Cure: "homing waits and goes on by itself. The limit counts what other programs do with the keys, too"}
	case says("invalid domain"):
		return rest.Meaning{Kind: provider.NoZone, Cause: "Porkbun has no such domain in this account", Cure: cureNoZone}
	case says("invalid record id"), says("not be found"):
		return rest.Meaning{Kind: provider.Stale, Cause: "the record is gone", Cure: "homing reads it again and goes on by itself"}
	case says("conflict"), says("unable to create"):
		return rest.Meaning{Kind: provider.Rejected, Cause: "Porkbun does not take the record", Cure: "look at the records of the name; a CNAME or an ALIAS stands alone"}
	}
	return rest.Meaning{}
}
