package cloudflare

import (
	"net/http"

	"github.com/homing-dns/homing/internal/provider"
)

const (
	cureLists   = "edit the token at dash.cloudflare.com/profile/api-tokens: it needs the permission Account · Account Filter Lists · Edit, and this account under Account Resources; a token that an account owns may not be able to do this, then create one of your own"
	cureAccount = "check the account id: it is the 32 characters that the Overview page of each zone shows"
	cureRetry   = "homing tries again by itself"
)

// listErrorTable returns what is particular about IP lists, by the reference's sections 9
// and 10; table comes after it. Where the code is not known it goes by words,
// and those are guessed.
func listErrorTable() []errorMeaning {
	return []errorMeaning{
		{http.StatusUnauthorized, 10000, "", provider.Auth, "the API token is not valid", cureToken},
		{0, 10000, "not allowed for the api_token", provider.Rejected, "Cloudflare knows no such call", cureReport},
		{http.StatusMethodNotAllowed, 10000, "", provider.Rejected, "Cloudflare knows no such call", cureReport},
		{0, 10000, "", provider.Auth, "the credential may not do this with the lists of this account", cureLists},
		{0, 1001, "account owned", provider.Auth, "tokens that an account owns may not do this", cureLists},
		{http.StatusForbidden, 0, "", provider.Auth, "the credential may not do this with the lists of this account", cureLists},

		{0, 7000, "", provider.Rejected, "there is no such account", cureAccount},
		{0, 7003, "", provider.Rejected, "there is no such account", cureAccount},
		{0, 10013, "", provider.Rejected, "something is wrong inside of Cloudflare", cureRetry},
		{0, 10026, "", provider.Rejected, "Cloudflare could not read the call", cureReport},
		{0, 10028, "", provider.Rejected, "the same item was sent twice", cureReport},
		{0, 10031, "", provider.Rejected, "a rule uses the list", "homing deletes no lists; look for the rule in the dashboard"},

		{0, 0, "number of lists", provider.Rejected, "the account has no room for another list", "name a list that is there already, or delete one that nobody needs (Free accounts have 1, Pro and Business 10)"},
		{0, 0, "number of items", provider.Rejected, "the lists of the account have no room for more items", "remove items that nobody needs (10,000 in all lists together; 500,000 with Enterprise)"},
		{0, 0, "already exists", provider.Rejected, "a list of this name is already there", "give the list another name"},
		{http.StatusTooManyRequests, 0, "", provider.Throttled, "Cloudflare is still busy with another change of this account's lists, or there were too many of them", cureRetry},
	}
}
