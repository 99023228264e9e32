package google

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

// errorResponse is the form of every refusal of the API.
type errorResponse struct {
	Error struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Errors  []struct {
			Message string `json:"message"`
			Reason  string `json:"reason"`
		} `json:"errors"`
		Details []struct {
			Reason string `json:"reason"` // SERVICE_DISABLED
		} `json:"details"`
	} `json:"error"`
}

// hasReason reports whether one of the reasons is there.
func (r *errorResponse) hasReason(reasons ...string) bool {
	for _, reason := range reasons {
		for _, e := range r.Error.Errors {
			if e.Reason == reason {
				return true
			}
		}
		for _, d := range r.Error.Details {
			if d.Reason == reason {
				return true
			}
		}
	}
	return false
}

// explainRefusal reads a refusal (cloud.google.com/dns/docs/error-messages, 2026).
func explainRefusal(status int, body []byte) rest.Refusal {
	var r errorResponse
	if err := json.Unmarshal(body, &r); err != nil || r.Error.Code == 0 {
		return rest.Refusal{}
	}
	e := rest.Refusal{Understood: true, Meaning: r.meaningOf(status)}
	if m := r.Error.Message; m != "" {
		if len(r.Error.Errors) > 0 && r.Error.Errors[0].Reason != "" {
			m += " (" + r.Error.Errors[0].Reason + ")"
		}
		e.Messages = []string{m}
	}
	return e
}

func (r *errorResponse) meaningOf(status int) rest.Meaning {
	about := func(s string) bool { return strings.Contains(r.Error.Message, s) }
	switch {
	case status == http.StatusUnauthorized:
		return rest.Meaning{Kind: provider.Auth, Cause: "Google refused the token", Cure: "homing gets another one; if it stays so, make a new key for {accounts.credentials_file}"}
	case r.hasReason("accessNotConfigured", "SERVICE_DISABLED"):
		return rest.Meaning{Kind: provider.Auth, Cause: "the Cloud DNS API is not enabled in the project",
			Cure: "enable it with: gcloud services enable dns.googleapis.com --project=PROJECT; or correct {accounts.project}"}
	case r.hasReason("rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "quotaExceeded") && !about("entity.") && !about("Per"):
		return rest.Meaning{Kind: provider.Throttled, Cause: "too many calls for the quota of the project", Cure: "homing waits and goes on by itself; the quota of the Cloud DNS API counts everything the account does"}
	case r.hasReason("quotaExceeded"):
		return rest.Meaning{Kind: provider.Rejected, Cause: "the zone is full: a quota of the project is used up", Cure: "ask Google for a larger quota of Cloud DNS in this project, or remove records"}
	case r.hasReason("inactiveBillingState", "BILLING_DISABLED"):
		return rest.Meaning{Kind: provider.Auth, Cause: "there is no active billing account for the project", Cure: "enable billing for the project, or correct {accounts.project}"}
	case r.hasReason("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"):
		return rest.Meaning{Kind: provider.Auth, Cause: "the token of this machine may not change DNS", Cure: "give the machine the access scope cloud-platform or ndev.clouddns.readwrite, or set {accounts.credentials_file}"}
	case status == http.StatusForbidden:
		return rest.Meaning{Kind: provider.Auth, Cause: "the service account may not do this in the project",
			Cure: "give it the role DNS Administrator (roles/dns.admin), or the one of docs/hosts/google.md with less; and check {accounts.project}"}
	case about("parameters.project"):
		return rest.Meaning{Kind: provider.NoZone, Cause: "Google knows no such project", Cure: "correct {accounts.project}: it is the id of the project, and not its name"}
	case about("parameters.managedZone"):
		return rest.Meaning{Kind: provider.NoZone, Cause: "there is no such zone in the project", Cure: cureNoZone}
	case r.hasReason("cnameResourceRecordSetConflict"):
		return rest.Meaning{Kind: provider.Rejected, Cause: "another record at this name leaves no room for it", Cure: "look at the records of the name; a CNAME stands alone"}
	case status == http.StatusConflict, status == http.StatusPreconditionFailed, status == http.StatusNotFound:
		return rest.Meaning{Kind: provider.Stale, Cause: "it was changed in the meantime", Cure: "homing reads it again and goes on by itself"}
	}
	return rest.Meaning{} // by the status
}

// explainTokenRefusal reads a refusal of a token (RFC 6749, 5.2).
func (a *serviceAccount) explainTokenRefusal(status int, body []byte) rest.Refusal {
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Error == "" {
		return rest.Refusal{}
	}
	r := rest.Refusal{Understood: true, Messages: []string{strings.TrimSpace(said.Error + " " + said.Description)},
		Meaning: rest.Meaning{Kind: provider.Auth, Cause: "Google refused the service account", Cure: hintCreateKey + ", and set {accounts.credentials_file} to it"}}
	about := func(s string) bool { return strings.Contains(strings.ToLower(said.Description), s) }
	switch {
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		r.Meaning = rest.Meaning{}
	case about("short-lived"), about("iat"), about("timeframe"):
		r.Meaning.Cause, r.Meaning.Cure = "Google does not believe the clock of this machine"+a.describeClockSkew(), "set the clock, for example with: timedatectl set-ntp true"
	case about("signature"):
		r.Meaning.Cause = "Google does not know this key any more, or it is another account's"
	case about("account not found"):
		r.Meaning.Cause = "there is no service account " + a.key.email
		r.Meaning.Cure = "correct {accounts.credentials_file}, or make the account again"
	case about("disabled"):
		r.Meaning.Cause = "the service account is disabled"
		r.Meaning.Cure = "enable it with: gcloud iam service-accounts enable ACCOUNT"
	}
	return r
}

// describeClockSkew is by how much the clocks differ, where that is worth a word.
func (a *serviceAccount) describeClockSkew() string {
	ahead, ok := a.client.ClockSkew()
	switch ahead = ahead.Round(time.Second); {
	case !ok || ahead.Abs() < 5*time.Second:
		return ""
	case ahead > 0:
		return fmt.Sprintf(", which is %d s behind", int(ahead.Seconds()))
	}
	return fmt.Sprintf(", which is %d s ahead", int(-ahead.Seconds()))
}

// explainMetadataRefusal reads a refusal of the metadata server, which are words.
func explainMetadataRefusal(status int, _ []byte) rest.Refusal {
	r := rest.Refusal{Understood: status/100 == 4}
	if status == http.StatusNotFound {
		r.Meaning = rest.Meaning{Kind: provider.Auth, Cause: "this machine has no service account", Cure: "give it one, or set {accounts.credentials_file}"}
	}
	return r
}

const cureNoZone text.Hint = "make the zone in the project, or correct {accounts.project}, {records.zone_id} or the name"
