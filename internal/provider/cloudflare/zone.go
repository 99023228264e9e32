package cloudflare

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// apiZone is a zone as the API gives it.
type apiZone struct {
	ID          string
	Status      string
	Paused      bool
	Type        string
	Plan        struct{ LegacyID string }
	Account     struct{ ID, Name string }
	Permissions []string // what the credential may do here; empty where that is not said

	name dns.Name
}

// decodeZone takes one zone; ok is false for one that cannot be used: deleted,
// or with a name or an id that is none. What else cannot be read of it counts as
// not said.
func decodeZone(d *json.Decoder) (z apiZone, ok bool, err error) {
	var raw struct {
		ID      rawValue `json:"id"`
		Name    rawValue `json:"name"`
		Status  rawValue `json:"status"`
		Paused  rawValue `json:"paused"`
		Type    rawValue `json:"type"`
		Plan    rawValue `json:"plan"`
		Account rawValue `json:"account"`
		May     rawValue `json:"permissions"`
	}
	switch err := d.Decode(&raw); {
	case isTypeMismatch(err):
		return apiZone{}, false, nil
	case err != nil:
		return apiZone{}, false, err
	}
	z = apiZone{ID: raw.ID.String(), Status: raw.Status.String(), Type: raw.Type.String(), Paused: string(raw.Paused) == "true"}
	z.Plan.LegacyID = raw.Plan.memberText("legacy_id")
	z.Account.ID, z.Account.Name = raw.Account.memberText("id"), raw.Account.memberText("name")
	_ = json.Unmarshal(raw.May, &z.Permissions)   // what is no list of words says nothing
	name, err := dns.ParseName(raw.Name.String()) // in which form IDNs come is not settled
	z.name = name
	return z, err == nil && isValidID(z.ID) && z.Status != "deleted" && z.Status != "purged", nil
}

// toProviderZone returns z for the rest of homing.
func (z *apiZone) toProviderZone() provider.Zone {
	return provider.Zone{ID: z.ID, Name: z.name, Limits: z.planLimits(), Warning: z.warningText(), Unserved: z.unservedReason(), ReadOnly: z.isReadOnly()}
}

// isReadOnly reports whether the permissions have "#dns_records:read" and not
// "#dns_records:edit" among them. The list is one of old; as of 2026 answers to
// tokens have it, and nobody promises it.
func (z *apiZone) isReadOnly() bool {
	return slices.Contains(z.Permissions, "#dns_records:read") && !slices.Contains(z.Permissions, "#dns_records:edit")
}

const (
	smallBatch = 200
	// largeBatch is less than the 3,500 changes Cloudflare takes from paid
	// plans: one transaction has to be answered within UPDATE_TIMEOUT, a lost
	// answer leaves all of it unconfirmed, and four calls do no harm.
	largeBatch = 1000
)

// planLimits returns what z's plan allows (Cloudflare's docs, as of 2026-03). Of a plan
// that is not known only the smallest batch is.
func (z *apiZone) planLimits() plan.Limits {
	switch z.Plan.LegacyID {
	case "free":
		return plan.Limits{MinTTL: 60, MaxTTL: 86400, Comment: 100, Tags: -1, Batch: smallBatch}
	case "pro", "business":
		return plan.Limits{MinTTL: 60, MaxTTL: 86400, Comment: 500, Tags: 20, Batch: largeBatch}
	case "enterprise":
		return plan.Limits{MinTTL: 30, MaxTTL: 86400, Comment: 500, Tags: 20, Batch: largeBatch}
	}
	return plan.Limits{Batch: smallBatch}
}

// MaxLimits returns what the zones that take most do, those of Enterprise.
func MaxLimits() plan.Limits {
	var z apiZone
	z.Plan.LegacyID = "enterprise"
	return z.planLimits()
}

// warningText returns what keeps z's records from having their full effect.
func (z *apiZone) warningText() string {
	all := []string{z.statusWarning()}
	if z.Type == "secondary" {
		all = append(all, "the zone is a secondary one: its records come from another name server, and Cloudflare may refuse changes")
	}
	if z.isInternal() {
		all = append(all, "the zone is an internal one, which answers a private network only")
	}
	if z.Paused {
		all = append(all, "the zone is paused: proxied records answer as if they were not proxied")
	}
	return joinSentences(all...)
}

// joinSentences returns those of the sentences that say anything.
func joinSentences(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), "; ")
}

// unservedReason returns why nobody is answered with DNS-only records of z.
func (z *apiZone) unservedReason() string {
	if z.Type != "partial" {
		return ""
	}
	return "the zone is a partial (CNAME) one: Cloudflare does not answer for its domain, only for proxied names, by NAME.cdn.cloudflare.net"
}

func (z *apiZone) statusWarning() string {
	switch z.Status {
	case "active", "":
		return ""
	case "pending":
		return "the zone is pending: its domain does not use Cloudflare's name servers yet, so only those who ask them see its records; change the name servers at the registrar"
	case "initializing":
		return "the zone is still being set up and answers nobody; finish that in the dashboard"
	case "moved":
		return "the zone has moved: its domain no longer uses Cloudflare's name servers; Cloudflare deletes such Free zones after 7 days"
	case "deactivated":
		return "the zone is deactivated at Cloudflare; see the dashboard"
	}
	return fmt.Sprintf("the zone has the status %.40q, which homing does not know", z.Status)
}
