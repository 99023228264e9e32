package azuretest

import (
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

type zone struct {
	group, name string
	private     bool
	sets        map[key]Set
}

type key struct{ name, kind string }

// Set is a set as the API has it, without what the server adds.
type Set struct {
	Etag       string     `json:"etag,omitempty"`
	Properties Properties `json:"properties"`
}

// Properties are those of a set.
type Properties struct {
	TTL      int               `json:"TTL"`
	Metadata map[string]string `json:"metadata,omitempty"`
	Target   *Target           `json:"targetResource,omitempty"`
	A        []A               `json:"ARecords,omitempty"`
	AAAA     []AAAA            `json:"AAAARecords,omitempty"`
	CNAME    *CNAME            `json:"CNAMERecord,omitempty"`
	NS       []NS              `json:"NSRecords,omitempty"`
	TXT      []TXT             `json:"TXTRecords,omitempty"`
}

// What sets of each type hold.
type (
	Target struct {
		ID string `json:"id,omitempty"`
	}
	A struct {
		Address string `json:"ipv4Address"`
	}
	AAAA struct {
		Address string `json:"ipv6Address"`
	}
	CNAME struct {
		Target string `json:"cname"`
	}
	NS struct {
		Server string `json:"nsdname"`
	}
	TXT struct {
		Strings []string `json:"value"`
	}
)

// Add makes a zone in a resource group, with its NS records.
func (s *Server) Add(group, name string, private bool) {
	s.mu.Lock()
	z := &zone{group: group, name: name, private: private, sets: map[key]Set{}}
	s.zones = append(s.zones, z)
	s.mu.Unlock()
	s.Put(group, name, "@", "NS", Properties{TTL: 172800, NS: []NS{{"ns1-01.azure-dns.com."}}})
}

// Put stores a set as it is given, whatever is in it.
func (s *Server) Put(group, zone, name, kind string, p Properties) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.etags++
	s.zone(group, zone).sets[key{name, kind}] = Set{Etag: etag(s.etags), Properties: p}
}

// At is the sets of a name, by type.
func (s *Server) At(group, zone, name string) map[string]Properties {
	s.mu.Lock()
	defer s.mu.Unlock()
	sets := map[string]Properties{}
	for k, set := range s.zone(group, zone).sets {
		if k.name == name {
			sets[k.kind] = set.Properties
		}
	}
	return sets
}

func etag(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", n) }

func (s *Server) zone(group, name string) *zone {
	for _, z := range s.zones {
		if strings.EqualFold(z.group, group) && strings.EqualFold(z.name, name) {
			return z
		}
	}
	return nil
}

func (s *Server) row(z *zone) map[string]any {
	kind := "Public"
	if z.private {
		kind = "Private"
	}
	return map[string]any{"id": "/subscriptions/" + Subscription + "/resourceGroups/" + z.group + "/providers/Microsoft.Network/dnszones/" + z.name,
		"name": z.name, "type": "Microsoft.Network/dnszones", "etag": etag(0), "location": "global", "tags": map[string]string{},
		"properties": map[string]any{"zoneType": kind, "maxNumberOfRecordSets": 10000, "maxNumberOfRecordsPerRecordSet": s.state.Values, "numberOfRecordSets": len(z.sets), "nameServers": []string{"ns1-01.azure-dns.com."}}}
}

func (z *zone) set(k key) map[string]any {
	set := z.sets[k]
	b, _ := json.Marshal(set.Properties)
	p := map[string]any{}
	_ = json.Unmarshal(b, &p)
	p["fqdn"] = strings.TrimPrefix(k.name+"."+z.name+".", "@.")
	p["provisioningState"] = "Succeeded"
	if p["targetResource"] == nil {
		p["targetResource"] = map[string]any{}
	}
	return map[string]any{"id": "/subscriptions/" + Subscription + "/resourceGroups/" + z.group + "/providers/Microsoft.Network/dnszones/" + z.name + "/" + k.kind + "/" + k.name,
		"name": k.name, "type": "Microsoft.Network/dnszones/" + k.kind, "etag": set.Etag, "properties": p}
}

// failure is a refusal of DNS; the Resource Manager puts it into an error.
func failure(status int, code, format string, args ...any) (int, any) {
	return status, map[string]any{"code": code, "message": fmt.Sprintf(format, args...)}
}

func managed(status int, code, format string, args ...any) (int, any) {
	_, body := failure(status, code, format, args...)
	return status, map[string]any{"error": body}
}

// answer is the answer to a call.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) (int, any) {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if until, given := s.tokens[bearer]; !ok || !given || time.Now().After(until) {
		return managed(http.StatusUnauthorized, "InvalidAuthenticationToken", "The access token is invalid.")
	}
	switch s.state.Deny {
	case "":
	case "AuthorizationFailed":
		return managed(http.StatusForbidden, s.state.Deny, "The client '%s' with object id 'x' does not have authorization to perform action 'Microsoft.Network/dnszones/read' over scope '/subscriptions/%s' or the scope is invalid.", Client, Subscription)
	case "InvalidAuthenticationTokenTenant":
		return managed(http.StatusUnauthorized, s.state.Deny, "The access token is from the wrong issuer.")
	case "ScopeLocked":
		if r.Method != http.MethodGet {
			return managed(http.StatusConflict, s.state.Deny, "The scope cannot perform write operation because following scope(s) are locked.")
		}
	default:
		return managed(http.StatusForbidden, s.state.Deny, "Forbidden")
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	for name := range q {
		if !slices.Contains([]string{"api-version", "$top", "$skiptoken", "$recordsetnamesuffix"}, name) {
			return managed(http.StatusBadRequest, "InvalidParameter", "no such parameter: %s", name)
		}
	}
	switch {
	case q.Get("api-version") != "2018-05-01":
		return managed(http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version '%s' is invalid.", q.Get("api-version"))
	case len(parts) < 2 || parts[0] != "subscriptions":
		return managed(http.StatusNotFound, "InvalidResourceType", "not found")
	case parts[1] != Subscription:
		return managed(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", parts[1])
	case len(parts) == 5 && r.Method == http.MethodGet && strings.EqualFold(strings.Join(parts[2:], "/"), "providers/Microsoft.Network/dnszones"):
		rows := []any{}
		for _, z := range s.zones {
			rows = append(rows, s.row(z))
		}
		return s.page(r, rows)
	case len(parts) < 8 || parts[2] != "resourceGroups" || !strings.EqualFold(strings.Join(parts[4:7], "/"), "providers/Microsoft.Network/dnsZones"):
		return managed(http.StatusNotFound, "InvalidResourceType", "not found")
	}
	z := s.zone(parts[3], parts[7])
	switch {
	case !slices.ContainsFunc(s.zones, func(z *zone) bool { return strings.EqualFold(z.group, parts[3]) }):
		return managed(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", parts[3])
	case z == nil:
		return managed(http.StatusNotFound, "ParentResourceNotFound", "The zone '%s' was not found.", parts[7])
	case len(parts) == 8 && r.Method == http.MethodGet:
		return http.StatusOK, s.row(z)
	case len(parts) == 9 && r.Method == http.MethodGet && (parts[8] == "recordsets" || parts[8] == "all"):
		return s.list(z, r)
	case len(parts) == 10:
		return s.one(w, r, z, key{strings.ToLower(parts[9]), parts[8]})
	}
	return managed(http.StatusMethodNotAllowed, "MethodNotAllowed", "no such call")
}

func (s *Server) list(z *zone, r *http.Request) (int, any) {
	var keys []key
	for k := range z.sets {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].name < keys[j].name || keys[i].name == keys[j].name && keys[i].kind < keys[j].kind
	})
	rows := []any{}
	for _, k := range keys {
		rows = append(rows, z.set(k))
	}
	return s.page(r, rows)
}

func (s *Server) page(r *http.Request, rows []any) (int, any) {
	q := r.URL.Query()
	from, _ := strconv.Atoi(q.Get("$skiptoken"))
	to := min(from+s.state.Page, len(rows))
	body := map[string]any{"value": rows[min(from, to):to]}
	if to < len(rows) {
		body["nextLink"] = "http://" + r.Host + r.URL.Path + "?" + url.Values{"api-version": {q.Get("api-version")}, "$skiptoken": {strconv.Itoa(to)}}.Encode()
	}
	return http.StatusOK, body
}
