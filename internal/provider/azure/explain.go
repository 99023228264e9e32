package azure

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

// explainRefusal reads a refusal: {"error": {"code", "message"}} of the Resource Manager,
// {"code", "message"} of DNS (external-dns 4855 and 5358).
func explainRefusal(status int, body []byte) rest.Refusal {
	type said struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	var r struct {
		said
		Error said `json:"error"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return rest.Refusal{}
	}
	s := r.Error
	if s.Code == "" {
		s = r.said
	}
	if s.Code == "" {
		return rest.Refusal{}
	}
	return rest.Refusal{Understood: true, Messages: []string{strings.TrimSpace(s.Code + " " + s.Message)}, Meaning: meaningOf(status, s.Code, s.Message)}
}

const cureNoZone text.Hint = "make the zone in the subscription, or correct {accounts.subscription_id}, {records.zone_id} or the name"

func meaningOf(status int, code, message string) rest.Meaning {
	switch code {
	case "SubscriptionNotFound", "InvalidSubscriptionId":
		return rest.Meaning{Kind: provider.Auth, Cause: "there is no such subscription, or the credential may not see it",
			Cure: "check {accounts.subscription_id}: az account show --query id; and that it belongs to {accounts.tenant_id}"}
	case "InvalidAuthenticationTokenTenant":
		return rest.Meaning{Kind: provider.Auth, Cause: "the subscription belongs to another tenant", Cure: "set {accounts.tenant_id} to that of the subscription: az account show --query tenantId"}
	case "AuthorizationFailed", "LinkedAuthorizationFailed":
		return rest.Meaning{Kind: provider.Auth, Cause: "the credential may not do this", Cure: "give it the role DNS Zone Contributor for the zone: docs/hosts/azure.md. A new role takes up to ten minutes to hold"}
	case "ScopeLocked":
		return rest.Meaning{Kind: provider.Rejected, Cause: "a lock keeps the zone as it is", Cure: "remove the lock of the zone or of its resource group"}
	case "ReadOnlyDisabledSubscription":
		return rest.Meaning{Kind: provider.Auth, Cause: "the subscription is disabled", Cure: "look at its billing in the Azure portal"}
	case "ResourceGroupNotFound", "ParentResourceNotFound":
		return rest.Meaning{Kind: provider.NoZone, Cause: "there is no such zone in the subscription", Cure: cureNoZone}
	}
	cname := strings.Contains(message, "CNAME") || strings.Contains(code, "CName")
	switch {
	case status == http.StatusUnauthorized:
		return rest.Meaning{Kind: provider.Auth, Cause: "Azure refused the token", Cure: "homing gets another one; if it stays so, check {accounts.tenant_id} and the clock of this machine"}
	case (status == http.StatusConflict || status == http.StatusBadRequest) && cname:
		return rest.Meaning{Kind: provider.Rejected, Cause: "another record at this name leaves no room for it", Cure: "look at the records of the name; a CNAME stands alone"}
	case status == http.StatusPreconditionFailed:
		return rest.Meaning{Kind: provider.Stale, Cause: "it was changed in the meantime", Cure: "homing reads it again and goes on by itself"}
	case status == http.StatusTooManyRequests:
		return rest.Meaning{Kind: provider.Throttled, Cause: "too many calls for the subscription", Cure: "homing waits and goes on by itself; the limit counts everything that is done in the subscription"}
	}
	return rest.Meaning{} // by the status
}
