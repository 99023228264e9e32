package powerdns

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

// explainRefusal reads a refusal: {"error": "…"}, or the bare words of the status.
func explainRefusal(status int, body []byte) rest.Refusal {
	var said struct {
		Error string `json:"error"`
	}
	bare := strings.TrimSpace(string(body)) == http.StatusText(status) // as it answers who asks for no JSON
	if err := json.Unmarshal(body, &said); err != nil && !bare {
		return rest.Refusal{}
	}
	r := rest.Refusal{Understood: true, Meaning: meaningOf(status, said.Error)}
	if said.Error != "" && said.Error != http.StatusText(status) {
		r.Messages = []string{said.Error}
	}
	return r
}

// meaningOf returns what a refusal with these words means.
func meaningOf(status int, words string) rest.Meaning {
	says := func(s string) bool { return strings.Contains(words, s) }
	switch {
	case status == http.StatusUnauthorized:
		return rest.Meaning{Kind: provider.Auth, Cause: "PowerDNS refused the API key",
			Cure: "set {accounts.token} to what api-key is in pdns.conf"}
	case says("Could not find domain"): // what 404 was in older versions
		return rest.Meaning{Kind: provider.NoZone, Cause: "PowerDNS has no such zone", Cure: cureNoZone}
	case status != http.StatusUnprocessableEntity:
		return rest.Meaning{} // by the status
	case says(noComments):
		return rejectedMeaning("the backend of this server keeps no comments, in which the mark of an owner would stand", "leave {records.comment} and {policy.owner_id} out of the settings for this account, or let the server keep the zone in an SQL backend, such as gsqlite3")
	case says("does not support"):
		return rejectedMeaning("the backend of this server cannot be written to over the API", "let the server keep the zone in another backend, such as gsqlite3, gmysql, gpgsql or lmdb")
	case says("Conflicts with"):
		return rejectedMeaning("another record at this name leaves no room for it", "look at the records of the name; a CNAME stands alone")
	}
	return rest.Meaning{}
}

// noComments is what LMDB says, also where a set is to have none (4.7.3, 2026-11-29).
const noComments = "does not support editing comments"

func rejectedMeaning(cause string, cure text.Hint) rest.Meaning {
	return rest.Meaning{Kind: provider.Rejected, Cause: cause, Cure: cure}
}

const (
	cureNoZone text.Hint = "make the zone at the server, or correct {records.zone_id} or the name"
	cureNoAPI  text.Hint = "check {accounts.base_url}, and that pdns.conf says webserver=yes and api=yes"
)
