package sim

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// Zone is a zone of the simulated account. Of its fields only Name is needed.
type Zone struct {
	ID      string // 32 hex digits; made up when empty
	Name    string // ASCII
	Status  string // "active" when empty
	Type    string // "full" when empty
	Plan    string // free, pro, business or enterprise; "free" when empty
	Paused  bool
	Account string // its id; one and the same when empty
	Quota   int    // records; the plan's when 0
	Silent  bool   // about its plan, as some answers are
}

type zone struct {
	Zone
	records []Record
}

// planLimits is what a plan allows (reference, sections 5 to 7).
type planLimits struct{ batch, comment, tags, minTTL, quota int }

const maxTTL = 86400

func (z *zone) planLimits() planLimits {
	l := planLimits{batch: 3500, comment: 500, tags: 20, minTTL: 60, quota: 3500}
	switch z.Plan {
	case "free":
		l = planLimits{batch: 200, comment: 100, tags: 0, minTTL: 60, quota: 200}
	case "enterprise":
		l.minTTL = 30
	}
	if z.Quota > 0 {
		l.quota = z.Quota
	}
	return l
}

// toJSON encodes the zone as an answer to a token.
func (z *zone) toJSON(t *Token) json.RawMessage {
	plan := ""
	if !z.Silent {
		plan = fmt.Sprintf(`"plan":{"id":%[1]q,"name":%[1]q,"legacy_id":%[1]q},`, z.Plan)
	}
	return json.RawMessage(fmt.Sprintf(`{"id":%q,"name":%q,"status":%q,"paused":%t,"type":%q,"permissions":%s,"account":{"id":%q,"name":"Home"},%s`+
		`"development_mode":0,"name_servers":["ada.ns.cloudflare.com","bob.ns.cloudflare.com"],"original_name_servers":null,`+
		`"created_on":"2024-10-01T08:00:00.000000Z","modified_on":"2024-10-01T08:00:00.000000Z","activated_on":null,`+
		`"meta":{"step":2,"page_rule_quota":3,"phishing_detected":false}}`,
		z.ID, z.Name, z.Status, z.Paused, z.Type, marshal(t.accessTo(z).permissions()), z.Account, plan))
}

func (c *Cloudflare) listZones(q *request) (reply, *refusal) {
	query := q.URL.Query()
	named := query.Has("name")
	if l := q.token.Listing; l == ListNever || l == ListByName && !named {
		no := newRefusal(http.StatusForbidden, 0, "The token requires permission 'com.cloudflare.api.account.zone.list' to list zones")
		return reply{}, no
	} else if l == ListNothing && !named {
		return okList([]any{}, &resultInfo{Page: 1, PerPage: 20}), nil
	}
	seen := []json.RawMessage{}
	for _, z := range c.zones {
		if q.token.accessTo(z) > NoAccess && matchesTextFilter(query, "name", z.Name) &&
			matchesTextFilter(query, "status", z.Status) && matchesTextFilter(query, "account.id", z.Account) {
			seen = append(seen, z.toJSON(q.token))
		}
	}
	rows, info := paginate(query, seen, 20, cmp.Or(c.options.ZonePage, 50))
	return okList(rows, info), nil
}

func (c *Cloudflare) getZone(q *request) (reply, *refusal) {
	if q.token.Listing == ListNever {
		return reply{}, forbiddenRefusal()
	}
	z, no := c.openZone(q, SeeZone)
	if no != nil {
		return reply{}, no
	}
	return okReply(z.toJSON(q.token)), nil
}

// openZone returns the zone a call names, if the token may do this in it. A zone that
// is not there looks like one that may not be seen.
func (c *Cloudflare) openZone(q *request, need Access) (*zone, *refusal) {
	id := q.args["zone"]
	if !isID(id) {
		return nil, invalidIDRefusal(q.URL.Path)
	}
	z := c.zoneByID(id)
	switch {
	case z == nil && q.token.Zones == nil:
		return nil, invalidIDRefusal(q.URL.Path)
	case z == nil || q.token.accessTo(z) < need:
		return nil, forbiddenRefusal()
	}
	return z, nil
}

func (c *Cloudflare) zoneByID(id string) *zone {
	for _, z := range c.zones {
		if z.ID == id {
			return z
		}
	}
	return nil
}

// findZone returns the zone with this id or, failing that, name.
func (c *Cloudflare) findZone(s string) *zone {
	if z := c.zoneByID(s); z != nil {
		return z
	}
	for _, z := range c.zones {
		if z.Name == s {
			return z
		}
	}
	panic("sim: no zone " + s)
}

// isID reports whether s has the form of an id: 32 hex digits.
func isID(s string) bool { return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == "" }

// newID returns an id no other thing has; the same ones in every run.
func (c *Cloudflare) newID() string {
	c.idsMade++
	return fmt.Sprintf("%x", sha256.Sum256([]byte("id "+strconv.Itoa(c.idsMade))))[:32]
}

// mustASCII panics: names given to the simulator come from a test or the demo.
func mustASCII(s string) string {
	n, err := dns.ParseName(s)
	if err != nil {
		panic("sim: " + err.Error())
	}
	return n.String()
}

// matchesTextFilter applies the filters of one text field, all case-insensitive
// (reference, section 6). A filter that is not sent lets everything through.
func matchesTextFilter(q url.Values, field, value string) bool {
	value = strings.ToLower(value)
	holds := func(suffix string, test func(s, sub string) bool) bool {
		key := field + suffix
		return !q.Has(key) || test(value, strings.ToLower(q.Get(key)))
	}
	equal := func(a, b string) bool { return a == b }
	return holds("", equal) && holds(".exact", equal) && holds(".contains", strings.Contains) &&
		holds(".startswith", strings.HasPrefix) && holds(".endswith", strings.HasSuffix)
}

// paginate cuts one page out. A page size that is too big becomes the biggest
// one, as result_info then says.
func paginate[T any](q url.Values, all []T, usual, most int) ([]T, *resultInfo) {
	number := func(key string, otherwise int) int {
		n, err := strconv.Atoi(q.Get(key))
		if err != nil || n < 1 {
			return otherwise
		}
		return n
	}
	size := min(number("per_page", usual), most)
	page := number("page", 1)
	from := min((page-1)*size, len(all))
	rows := slices.Clone(all[from:min(from+size, len(all))])
	return rows, &resultInfo{
		Page: page, PerPage: size, Count: len(rows),
		TotalCount: len(all), TotalPages: (len(all) + size - 1) / size,
	}
}
