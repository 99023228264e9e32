package googletest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// change carries out all of a change or nothing, and says why not.
func (s *Server) change(z *zone, r *http.Request) (int, any, int) {
	var body struct {
		Additions []RRset `json:"additions"`
		Deletions []RRset `json:"deletions"`
		Kind      string  `json:"kind"`
		ID        string  `json:"id"`
		Status    string  `json:"status"`
		Start     string  `json:"startTime"`
		Serving   bool    `json:"isServing"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil && !errors.Is(err, io.EOF) {
		return failure(http.StatusBadRequest, "badRequest", "Invalid JSON payload received. %s", err)
	}
	sets := len(body.Additions) + len(body.Deletions)
	if sets == 0 {
		return failure(http.StatusBadRequest, "required", "The 'entity.change' parameter is required but was missing.")
	}
	octets := 0
	for _, x := range slices.Concat(body.Additions, body.Deletions) {
		for _, v := range x.Data {
			octets += len(v)
		}
	}
	q := s.state.Quota
	for name, over := range map[string]bool{"rrsetAdditionsPerChange": len(body.Additions) > q.Additions,
		"rrsetDeletionsPerChange": len(body.Deletions) > q.Deletions, "totalRrdataSizePerChange": octets > q.Octets} {
		if over {
			return failure(http.StatusForbidden, "quotaExceeded", "The request exceeds the quota '%s' of the project.", name)
		}
	}
	for i := range body.Additions {
		if what := s.invalid(z, &body.Additions[i]); what != "" {
			a := body.Additions[i]
			return failure(http.StatusBadRequest, "invalid", "Invalid value for 'entity.change.additions[%s][%s].%s': '%s'", a.Name, a.Type, what, a.Name)
		}
	}
	next := maps.Clone(z.sets)
	for i, x := range body.Deletions {
		k := key{strings.ToLower(x.Name), x.Type}
		here, ok := next[k]
		switch {
		case !ok:
			return failure(http.StatusNotFound, "notFound", "The 'entity.change.deletions[%d]' resource named '%s (%s)' does not exist.", i, x.Name, x.Type)
		case here.Routing != nil, here.TTL != x.TTL, !slices.Equal(slices.Sorted(slices.Values(here.Data)), slices.Sorted(slices.Values(x.Data))):
			return failure(http.StatusPreconditionFailed, "conditionNotMet", "Precondition not met for 'entity.change.deletions[%d]'", i)
		}
		delete(next, k)
	}
	for _, x := range body.Additions {
		k := key{x.Name, x.Type}
		if _, there := next[k]; there {
			return failure(http.StatusConflict, "alreadyExists", "The resource 'entity.change.additions[%s][%s]' named '%s (%s)' already exists", x.Name, x.Type, x.Name, x.Type)
		}
		next[k] = x
	}
	for _, x := range body.Additions {
		for k := range next {
			if k.name == x.Name && k.kind != x.Type && (k.kind == "CNAME" || x.Type == "CNAME") {
				return failure(http.StatusBadRequest, "cnameResourceRecordSetConflict", "The resource record set 'entity.change.additions[%s][%s]' is invalid because the DNS name '%s' has a resource record set of the type '%s'. A DNS name may have either one CNAME resource record set or resource record sets of other types, but not both.", x.Name, x.Type, x.Name, k.kind)
			}
		}
	}
	if len(next) > q.Sets {
		return failure(http.StatusForbidden, "quotaExceeded", "The request exceeds the quota 'rrsetsPerManagedZone' of the project.")
	}
	z.sets = next
	s.changes++
	id := strconv.Itoa(s.changes)
	s.status[id] = s.state.Pending
	answer := map[string]any{"kind": "dns#change", "id": id, "status": "pending", "isServing": false, "startTime": "2026-01-02T03:04:05.678Z"}
	if len(body.Additions) > 0 {
		answer["additions"] = body.Additions
	}
	if len(body.Deletions) > 0 {
		answer["deletions"] = body.Deletions
	}
	return http.StatusOK, answer, sets
}

// invalid is what of a set cannot be stored; what can is brought into its form.
func (s *Server) invalid(z *zone, x *RRset) string {
	x.Kind, x.Name = "dns#resourceRecordSet", strings.ToLower(x.Name)
	switch {
	case x.Name != z.DNSName && !strings.HasSuffix(x.Name, "."+z.DNSName), len(x.Name) > 254, strings.Contains(x.Name, ".."):
		return "name"
	case x.TTL < 0:
		return "ttl"
	case !slices.Contains([]string{"A", "AAAA", "CNAME", "NS", "TXT", "MX", "SRV", "CAA", "PTR", "SOA"}, x.Type):
		return "type"
	case len(x.Data) == 0, len(x.Data) > s.state.Quota.Values, x.Routing != nil:
		return "rrdatas"
	}
	for i, v := range x.Data {
		a, err := netip.ParseAddr(v)
		switch {
		case x.Type == "A" && (err != nil || !a.Is4()), x.Type == "AAAA" && (err != nil || !a.Is6() || a.Zone() != ""),
			(x.Type == "CNAME" || x.Type == "NS") && !strings.HasSuffix(v, "."), x.Type == "TXT" && v == "":
			return fmt.Sprintf("rrdata[%d]", i)
		case x.Type == "AAAA":
			v = a.String()
		case x.Type == "TXT" && v[0] != '"':
			v = `"` + strings.Join(strings.Fields(v), `" "`) + `"`
		}
		if slices.Contains(x.Data[:i], v) {
			return fmt.Sprintf("rrdata[%d]", i)
		}
		x.Data[i] = v
	}
	return ""
}
