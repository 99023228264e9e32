package digitalocean

import (
	"encoding/json"
	"strings"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

const (
	cureToken  text.Hint = "make a token at cloud.digitalocean.com/account/api/tokens with the scopes that docs/hosts/digitalocean.md names, then set {accounts.token}"
	cureRights text.Hint = "give the token the scopes domain:read, domain:create, domain:update and domain:delete, or make one that has them"
	cureNoZone text.Hint = "add the domain at cloud.digitalocean.com/networking/domains in the team of this token, or correct {records.zone_id} or the name"
	cureCNAME  text.Hint = "look at the records of the name in the control panel; a CNAME stands alone"
	cureSlow   text.Hint = "homing waits and goes on by itself. The limits count everything that is done with this token: 250 calls a minute and 5,000 an hour"
)

// explainRefusal reads a refusal: {"id": …, "message": …, "request_id": …}.
func explainRefusal(_ int, body []byte) rest.Refusal {
	var said struct {
		ID      string `json:"id"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.ID == "" {
		return rest.Refusal{}
	}
	return rest.Refusal{Understood: true, Messages: []string{said.Message + " (" + said.ID + ")"}, Meaning: meaningOf(said.ID, said.Message)}
}

// meaningOf returns what a refusal with this id means; without a Cause where the status
// says it.
func meaningOf(id, message string) rest.Meaning {
	switch strings.ToLower(id) {
	case "unauthorized":
		return rest.Meaning{Kind: provider.Auth, Cause: "DigitalOcean does not know this token, or it has expired", Cure: cureToken}
	case "forbidden":
		return rest.Meaning{Kind: provider.Auth, Cause: "the token may not do this", Cure: cureRights}
	case "too_many_requests":
		return rest.Meaning{Kind: provider.Throttled, Cause: "too many calls", Cure: cureSlow}
	case "unprocessable_entity":
		if strings.Contains(message, "CNAME") {
			return rest.Meaning{Kind: provider.Rejected, Cause: "another record at this name leaves no room for it", Cure: cureCNAME}
		}
	}
	return rest.Meaning{}
}
