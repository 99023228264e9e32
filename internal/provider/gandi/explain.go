package gandi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

const (
	cureToken  text.Hint = "make a Personal Access Token (admin.gandi.net → Organizations → the organization → Sharing), then set {accounts.token}; an API key is of an older kind and does not do"
	cureRight  text.Hint = "look at the token at admin.gandi.net: it may be over, or not be for this domain, or lack the right to manage domain name technical configurations"
	cureNoZone text.Hint = "check that the domain uses LiveDNS, and that the token is for it. Or correct {records.zone_id} or the name"
)

// explainRefusal reads a refusal: {"code", "message", "object", "cause"}, and for a body
// that is wrong {"status": "error", "errors": [{"name", "description"}]}.
func explainRefusal(status int, body []byte) rest.Refusal {
	var said struct {
		Message string `json:"message"`
		Cause   string `json:"cause"`
		Errors  []struct {
			Name        string `json:"name"`
			Description string `json:"description"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Message+said.Cause == "" && len(said.Errors) == 0 {
		return rest.Refusal{}
	}
	r := rest.Refusal{Understood: true}
	if said.Message != "" {
		r.Messages = append(r.Messages, said.Message)
	}
	for _, e := range said.Errors {
		r.Messages = append(r.Messages, e.Name+": "+e.Description)
	}
	r.Meaning = meaningOf(status, strings.Join(r.Messages, " "))
	return r
}

// meaningOf returns what a refusal with these words means.
func meaningOf(status int, words string) rest.Meaning {
	switch {
	case status == http.StatusUnauthorized:
		return rest.Meaning{Kind: provider.Auth, Cause: "Gandi refused the token", Cure: cureToken}
	case status == http.StatusForbidden:
		return rest.Meaning{Kind: provider.Auth, Cause: "the token is over, or may not do this", Cure: cureRight}
	case status == http.StatusTooManyRequests:
		return rest.Meaning{Kind: provider.Throttled, Cause: "too many calls", Cure: "homing waits and goes on by itself. The limit counts what else calls from this address, too"}
	case strings.Contains(words, "CNAME"):
		return rest.Meaning{Kind: provider.Rejected, Cause: "another record at this name leaves no room for it", Cure: "look at the records of the name; a CNAME stands alone"}
	}
	return rest.Meaning{}
}
