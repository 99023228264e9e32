package googletest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Zone is a managed zone.
type Zone struct {
	Name       string // its id in the project
	DNSName    string // with the dot at the end
	Private    bool
	Forwarding bool
	Peering    bool
}

type zone struct {
	Zone
	number string
	sets   map[key]RRset
}

type key struct{ name, kind string }

// RRset is a set as the API has it.
type RRset struct {
	Kind       string          `json:"kind"`
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	TTL        int             `json:"ttl"`
	Data       []string        `json:"rrdatas,omitempty"`
	Signatures []string        `json:"signatureRrdatas,omitempty"`
	Routing    json.RawMessage `json:"routingPolicy,omitempty"`
}

// Add makes a zone, with its NS and SOA records.
func (s *Server) Add(z Zone) {
	s.mu.Lock()
	s.zones = append(s.zones, &zone{Zone: z, number: strconv.Itoa(4_000_000 + len(s.zones)), sets: map[key]RRset{}})
	s.mu.Unlock()
	s.Put(z.Name, RRset{Name: z.DNSName, Type: "NS", TTL: 21600, Data: []string{"ns-cloud-a1.googledomains.com.", "ns-cloud-a2.googledomains.com."}})
	s.Put(z.Name, RRset{Name: z.DNSName, Type: "SOA", TTL: 21600, Data: []string{"ns-cloud-a1.googledomains.com. cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300"}})
}

// Put stores a set as it is given; one without values and policy is gone.
func (s *Server) Put(zone string, r RRset) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, k := s.zone(zone), key{r.Name, r.Type}
	r.Kind = "dns#resourceRecordSet"
	if z.sets[k] = r; len(r.Data) == 0 && r.Routing == nil {
		delete(z.sets, k)
	}
}

// At is the sets of a name.
func (s *Server) At(zone, name string) (sets []RRset) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, r := range s.zone(zone).sets {
		if k.name == name {
			sets = append(sets, r)
		}
	}
	sort.Slice(sets, func(i, j int) bool { return sets[i].Type < sets[j].Type })
	return sets
}

func (s *Server) zone(id string) *zone {
	for _, z := range s.zones {
		if z.Name == id || z.number == id {
			return z
		}
	}
	return nil
}

func (z *zone) row() map[string]any {
	row := map[string]any{"kind": "dns#managedZone", "name": z.Name, "dnsName": z.DNSName, "id": z.number, "description": "", "visibility": "public",
		"creationTime": "2026-01-02T03:04:05.678Z", "nameServers": []string{"ns-cloud-a1.googledomains.com."}}
	if z.Private || z.Forwarding || z.Peering {
		row["visibility"] = "private"
	}
	if z.Forwarding {
		row["forwardingConfig"] = map[string]any{"kind": "dns#managedZoneForwardingConfig"}
	}
	if z.Peering {
		row["peeringConfig"] = map[string]any{"kind": "dns#managedZonePeeringConfig"}
	}
	return row
}

// failure is a refusal in the API's form.
func failure(status int, reason, format string, args ...any) (int, any, int) {
	m := fmt.Sprintf(format, args...)
	return status, map[string]any{"error": map[string]any{"code": status, "message": m,
		"errors": []any{map[string]string{"message": m, "domain": "global", "reason": reason}}}}, 0
}

// answer is the answer to a call, and how many sets a change has.
func (s *Server) answer(r *http.Request) (int, any, int) {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if until, given := s.tokens[bearer]; !ok || !given || time.Now().After(until) {
		return failure(http.StatusUnauthorized, "authError", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.")
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/dns/v1/projects/")
	if !ok {
		return failure(http.StatusNotFound, "notFound", "Not Found")
	}
	switch s.state.Deny {
	case "":
	case "accessNotConfigured":
		return failure(http.StatusForbidden, s.state.Deny, "Google Cloud DNS API has not been used in project %s before or it is disabled.", s.project)
	case "rateLimitExceeded":
		return failure(http.StatusForbidden, s.state.Deny, "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'dns.googleapis.com'")
	default:
		return failure(http.StatusForbidden, s.state.Deny, "Forbidden")
	}
	parts := strings.Split(rest, "/")
	if parts[0] != s.project {
		return failure(http.StatusNotFound, "notFound", "The 'parameters.project' resource named '%s' does not exist.", parts[0])
	}
	form, wrong := "", ""
	for i, p := range parts[1:] {
		if i%2 == 1 {
			p = "*"
		}
		form += "/" + p
	}
	z := (*zone)(nil)
	if len(parts) > 2 {
		if z = s.zone(parts[2]); z == nil {
			return failure(http.StatusNotFound, "notFound", "The 'parameters.managedZone' resource named '%s' does not exist.", parts[2])
		}
	}
	q := r.URL.Query()
	switch r.Method + form {
	case "GET":
		if wrong = unknown(q); wrong == "" && s.state.Blind {
			return failure(http.StatusForbidden, "forbidden", "Forbidden")
		}
		if wrong == "" {
			return http.StatusOK, map[string]any{"kind": "dns#project", "number": "123456789", "id": s.project, "quota": s.state.Quota}, 0
		}
	case "GET/managedZones":
		if wrong = unknown(q, "dnsName", "maxResults", "pageToken"); wrong == "" && s.state.Unlisted {
			return failure(http.StatusForbidden, "forbidden", "Forbidden")
		}
		if wrong == "" {
			return s.listZones(q)
		}
	case "GET/managedZones/*":
		if wrong = unknown(q); wrong == "" {
			return http.StatusOK, z.row(), 0
		}
	case "GET/managedZones/*/rrsets":
		if wrong = unknown(q, "name", "type", "filter", "maxResults", "pageToken"); wrong == "" {
			return s.listSets(z, q)
		}
	case "POST/managedZones/*/changes":
		if wrong = unknown(q, "clientOperationId"); wrong == "" {
			return s.change(z, r)
		}
	case "GET/managedZones/*/changes/*":
		if wrong = unknown(q, "clientOperationId"); wrong == "" {
			return s.changeStatus(parts[4])
		}
	default:
		return failure(http.StatusNotFound, "notFound", "Not Found")
	}
	return failure(http.StatusBadRequest, "badRequest", "Invalid JSON payload received. Unknown name %q: Cannot bind query parameter. Field '%s' could not be found in request message.", wrong, wrong)
}

// unknown is a parameter that a method does not have, beside those that all have.
func unknown(q url.Values, known ...string) string {
	for name := range q {
		if !slices.Contains(append(known, "alt", "prettyPrint", "fields"), name) {
			return name
		}
	}
	return ""
}

// page is one page of n things, from the one that a token names.
func (s *Server) page(q url.Values, n int) (from, to int, next string) {
	size := s.state.Page
	if most, err := strconv.Atoi(q.Get("maxResults")); err == nil && most > 0 && most < size {
		size = most
	}
	from, _ = strconv.Atoi(strings.TrimPrefix(q.Get("pageToken"), "page-"))
	from = min(max(from, 0), n)
	if to = min(from+size, n); to < n {
		next = "page-" + strconv.Itoa(to)
	}
	return from, to, next
}

func (s *Server) listZones(q url.Values) (int, any, int) {
	rows := []any{}
	for _, z := range s.zones {
		if only := q.Get("dnsName"); only == "" || only == z.DNSName {
			rows = append(rows, z.row())
		}
	}
	from, to, next := s.page(q, len(rows))
	all := map[string]any{"kind": "dns#managedZonesListResponse", "managedZones": rows[from:to]}
	if next != "" {
		all["nextPageToken"] = next
	}
	return http.StatusOK, all, 0
}

func (s *Server) listSets(z *zone, q url.Values) (int, any, int) {
	if q.Get("type") != "" && q.Get("name") == "" {
		return failure(http.StatusBadRequest, "required", "The 'parameters.name' parameter is required but was missing.")
	}
	sets := []RRset{}
	for k, r := range z.sets {
		if (q.Get("name") == "" || q.Get("name") == k.name) && (q.Get("type") == "" || q.Get("type") == k.kind) {
			sets = append(sets, r)
		}
	}
	sort.Slice(sets, func(i, j int) bool {
		a, b := sets[i], sets[j]
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type)) < 0
	})
	from, to, next := s.page(q, len(sets))
	all := map[string]any{"kind": "dns#resourceRecordSetsListResponse", "rrsets": sets[from:to]}
	if next != "" {
		all["nextPageToken"] = next
	}
	return http.StatusOK, all, 0
}

func (s *Server) changeStatus(id string) (int, any, int) {
	left, ok := s.status[id]
	if !ok {
		return failure(http.StatusNotFound, "notFound", "The 'parameters.changeId' resource named '%s' does not exist.", id)
	}
	status := "done"
	if left > 0 {
		status, s.status[id] = "pending", left-1
	}
	return http.StatusOK, map[string]any{"kind": "dns#change", "id": id, "status": status, "isServing": status == "done", "startTime": "2026-01-02T03:04:05.678Z"}, 0
}
