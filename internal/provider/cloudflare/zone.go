package cloudflare

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// zone is a zone as the API gives it.
type zone struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Paused bool   `json:"paused"`
	Type   string `json:"type"`
	Plan   struct {
		LegacyID string `json:"legacy_id"`
	} `json:"plan"`

	name dns.Name
}

// readZone takes one zone; ok is false for one that cannot be used: deleted,
// or with a name or an id that is none.
func readZone(d *json.Decoder) (z zone, ok bool, err error) {
	if err := d.Decode(&z); err != nil {
		return zone{}, false, err
	}
	z.name, err = dns.ParseName(z.Name) // in which form IDNs come is not settled
	return z, err == nil && isID(z.ID) && z.Status != "deleted" && z.Status != "purged", nil
}

// known is z for the rest of homing.
func (z zone) known() provider.Zone {
	return provider.Zone{ID: z.ID, Name: z.name, Limits: z.limits(), Warning: z.warning(), Unserved: z.unserved()}
}

const (
	smallBatch = 200
	// largeBatch is less than the 3,500 changes Cloudflare takes from paid
	// plans: one transaction has to be answered within UPDATE_TIMEOUT, a lost
	// answer leaves all of it unconfirmed, and four calls do no harm.
	largeBatch = 1000
)

// limits is what z's plan allows (Cloudflare's docs, as of 2026-03). Of a plan
// that is not known only the smallest batch is.
func (z zone) limits() plan.Limits {
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

// warning is what keeps z's records from having their full effect.
func (z zone) warning() string {
	var all []string
	if w := z.statusWarning(); w != "" {
		all = append(all, w)
	}
	if z.Type == "secondary" {
		all = append(all, "the zone is a secondary one: its records come from another name server, and Cloudflare may refuse changes")
	}
	if z.Paused {
		all = append(all, "the zone is paused: proxied records answer as if they were not proxied")
	}
	return strings.Join(all, "; ")
}

// unserved is why nobody is answered with DNS-only records of z.
func (z zone) unserved() string {
	if z.Type != "partial" {
		return ""
	}
	return "the zone is a partial (CNAME) one: Cloudflare does not answer for its domain, only for proxied names, by NAME.cdn.cloudflare.net"
}

func (z zone) statusWarning() string {
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
