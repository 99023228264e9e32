package hetzner

import (
	"encoding/json"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

const (
	cureToken text.Hint = "make a token with Read & Write in the project of the zone (console.hetzner.com → the project → Security → API tokens), then set {accounts.token}; " +
		"one of dns.hetzner.com does not do, which was shut down in May 2026"
	cureWrite  text.Hint = "make a token with Read & Write in the project of the zone (console.hetzner.com → the project → Security → API tokens), then set {accounts.token}"
	cureNoZone text.Hint = "make the zone in that project in the Hetzner Console, or take a token of the project that has it; zones of dns.hetzner.com had to be moved there. Or correct {records.zone_id} or the name"
)

// explainRefusal reads a refusal: {"error": {"code": …, "message": …, "details": …}}.
func explainRefusal(status int, body []byte) rest.Refusal {
	var said struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			Details struct {
				Fields []struct {
					Name     string   `json:"name"`
					Messages []string `json:"messages"`
				} `json:"fields"`
			} `json:"details"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Error.Code == "" {
		return rest.Refusal{}
	}
	e := &said.Error
	r := rest.Refusal{Understood: true, Messages: []string{e.Message + " (" + e.Code + ")"}, Meaning: meaningOf(e.Code)}
	for _, f := range e.Details.Fields {
		for _, m := range f.Messages {
			r.Messages = append(r.Messages, f.Name+": "+m)
		}
	}
	r.Busy = e.Code == "locked"
	return r
}

// meaningOf returns what a refusal with this code means; without a Cause where the status
// says it. (hcloud-go, hcloud/error.go, 2026-11-29)
func meaningOf(code string) rest.Meaning {
	switch code {
	case "unauthorized":
		return rest.Meaning{Kind: provider.Auth, Cause: "Hetzner does not know the token", Cure: cureToken}
	case "forbidden", "token_readonly":
		return rest.Meaning{Kind: provider.Auth, Cause: "the token may only read", Cure: cureWrite}
	case "conflict", "uniqueness_error":
		return rest.Meaning{Kind: provider.Stale, Cause: "it was changed in the meantime", Cure: "homing reads it again and goes on by itself"}
	case "locked":
		return rest.Meaning{Kind: provider.Throttled, Cause: "another change of the zone is not done yet", Cure: "homing waits and goes on by itself"}
	case "protected":
		return rejectedMeaning("the record is protected against changes", "take its protection off in the Hetzner Console, or leave the name out")
	case "incorrect_zone_mode":
		return rejectedMeaning("the zone is a secondary, whose records come from another server", "change its mode in the Hetzner Console, or give the account of its primary")
	case "rate_limit_exceeded":
		return rest.Meaning{Kind: provider.Throttled, Cause: "too many calls", Cure: "homing waits and goes on by itself. The 3,600 calls an hour are for all that is done in the project, by other programs too"}
	case "resource_limit_exceeded":
		return rejectedMeaning("the zone is full", "delete records, or ask Hetzner for more")
	case "maintenance", "resource_unavailable":
		return rest.Meaning{Kind: provider.Unavailable, Cause: "Hetzner is at work on it", Cure: "homing tries again by itself; see status.hetzner.com"}
	case "deprecated_api_endpoint":
		return rejectedMeaning("this version of homing asks for something that Hetzner no longer has", "take a newer homing")
	}
	return rest.Meaning{}
}

func rejectedMeaning(cause string, cure text.Hint) rest.Meaning {
	return rest.Meaning{Kind: provider.Rejected, Cause: cause, Cure: cure}
}
