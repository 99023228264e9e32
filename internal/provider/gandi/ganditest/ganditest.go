// Package ganditest is Gandi's LiveDNS API, for tests: as its reference
// (api.gandi.net/docs/livedns, read 2026-11-29) describes it. It refuses paths,
// parameters and fields that are not named there, and more than 1,000 calls a minute.
package ganditest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

// Server is the API as the bearer of a token sees it.
type Server struct {
	resttest.Front
	*resttest.Store
	Token string
	// Over says that the token is over, or lacks the right.
	Over bool
	// Unlisted are domains that are not in the list, and there all the same.
	Unlisted []string
	// Unlimited says that nothing is counted.
	Unlimited bool

	mu      sync.Mutex
	window  resttest.Window
	refused int
}

// New has these domains, and a token for them.
func New(token string, zones ...string) *Server {
	s := &Server{Token: token, Store: resttest.NewStore(zones...), window: resttest.Window{Calls: 1000, Span: time.Minute}}
	s.Host, s.Front.Snapshot = s.serve, s.Store.Snapshot
	return s
}

// Refused is how many calls were refused for being too many.
func (s *Server) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

func fail(w http.ResponseWriter, status int, object, message string) {
	resttest.Reply(w, status, map[string]any{"code": status, "message": message, "object": object, "cause": http.StatusText(status)})
}

func wrong(w http.ResponseWriter, name, description string) {
	resttest.Reply(w, http.StatusBadRequest, map[string]any{"status": "error", "errors": []map[string]string{{"location": "body", "name": name, "description": description}}})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, known := strings.CutPrefix(r.URL.EscapedPath(), "/v5/livedns/domains")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i := range parts {
		parts[i], _ = url.PathUnescape(parts[i])
	}
	switch {
	case !s.Unlimited && s.window.Take(time.Now()) > 0:
		s.refused++
		fail(w, http.StatusTooManyRequests, "HTTPTooManyRequests", "Rate limit exceeded")
	case r.Header.Get("Authorization") != "Bearer "+s.Token:
		fail(w, http.StatusUnauthorized, "HTTPUnauthorized", "The server could not verify that you authorized to access the document you requested.")
	case s.Over:
		fail(w, http.StatusForbidden, "HTTPForbidden", "Access was denied to this resource.")
	case !known:
		fail(w, http.StatusNotFound, "HTTPNotFound", "The resource could not be found.")
	case path == "" && r.Method == http.MethodGet:
		var all []any
		for _, z := range s.Store.Zones() {
			if !slices.Contains(s.Unlisted, z) {
				all = append(all, map[string]string{"fqdn": z, "domain_href": "https://api.gandi.net/v5/livedns/domains/" + z})
			}
		}
		page(w, r, all)
	case !s.Has(parts[0]):
		fail(w, http.StatusNotFound, "dns-domain", "Can't find the domain "+parts[0])
	case len(parts) == 1 && r.Method == http.MethodGet && r.URL.RawQuery == "":
		resttest.Reply(w, http.StatusOK, map[string]any{"fqdn": parts[0], "automatic_snapshots": true})
	case len(parts) == 2 && parts[1] == "records" && r.Method == http.MethodGet:
		s.list(w, r, parts[0])
	case len(parts) == 4 && parts[1] == "records" && r.URL.RawQuery == "":
		s.one(w, r, parts[0], parts[2], parts[3])
	default:
		fail(w, http.StatusMethodNotAllowed, "HTTPMethodNotAllowed", "The method is not allowed for this resource.")
	}
}

// page is the part of a list that is asked for.
func page(w http.ResponseWriter, r *http.Request, all []any) {
	n, size := 1, 100
	for key, values := range r.URL.Query() {
		i, err := strconv.Atoi(values[0])
		switch {
		case err != nil || i < 1:
			wrong(w, key, "Not a positive number")
			return
		case key == "page":
			n = i
		case key == "per_page":
			size = min(i, 100)
		default:
			wrong(w, key, "Unknown field.")
			return
		}
	}
	from, to := min((n-1)*size, len(all)), min(n*size, len(all))
	w.Header().Set("Total-Count", strconv.Itoa(len(all)))
	if to < len(all) {
		w.Header().Set("Link", "<"+r.URL.Path+"?page="+strconv.Itoa(n+1)+"&per_page="+strconv.Itoa(size)+">; rel=\"next\"")
	}
	resttest.Reply(w, http.StatusOK, slices.Concat([]any{}, all[from:to]))
}

func (s *Server) shown(zone string, k resttest.Key) map[string]any {
	set, _ := s.Set(zone, k)
	var values []string
	for _, v := range set.Values {
		values = append(values, v.Content)
	}
	name := strings.TrimSuffix(strings.TrimSuffix(k.Name, zone), ".")
	if name == "" {
		name = "@"
	}
	return map[string]any{"rrset_name": name, "rrset_type": k.Type, "rrset_ttl": set.TTL, "rrset_values": values,
		"rrset_href": "https://api.gandi.net/v5/livedns/domains/" + zone + "/records/" + url.PathEscape(name) + "/" + k.Type}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request, zone string) {
	s.Note("list", zone)
	var all []any
	for _, k := range s.Keys(zone) {
		all = append(all, s.shown(zone, k))
	}
	page(w, r, all)
}

func (s *Server) one(w http.ResponseWriter, r *http.Request, zone, name, kind string) {
	k := resttest.Key{Name: name + "." + zone, Type: kind}
	if name == "@" {
		k.Name = zone
	}
	_, there := s.Set(zone, k)
	switch r.Method {
	case http.MethodGet:
		s.Note("read", kind+" "+k.Name)
		if !there {
			fail(w, http.StatusNotFound, "dns-record", "Can't find the DNS record "+name+"/"+kind+" in the zone")
			return
		}
		resttest.Reply(w, http.StatusOK, s.shown(zone, k))
	case http.MethodDelete:
		if !there {
			fail(w, http.StatusNotFound, "dns-record", "Can't find the DNS record "+name+"/"+kind+" in the zone")
			return
		}
		s.Note("write", kind+" "+k.Name)
		s.Store.Put(zone, k, resttest.Set{})
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPut:
		s.put(w, r, zone, k)
	default:
		fail(w, http.StatusMethodNotAllowed, "HTTPMethodNotAllowed", "The method is not allowed for this resource.")
	}
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, zone string, k resttest.Key) {
	var body struct {
		TTL    *int     `json:"rrset_ttl"`
		Values []string `json:"rrset_values"`
	}
	err := resttest.Read(r, &body)
	set := resttest.Set{TTL: 10800}
	if body.TTL != nil {
		set.TTL = *body.TTL
	}
	for _, v := range body.Values {
		set.Values = append(set.Values, resttest.Value{Content: v})
	}
	switch {
	case err != nil:
		wrong(w, "body", err.Error())
	case len(body.Values) == 0:
		wrong(w, "rrset_values", "Required")
	case set.TTL < 300 || set.TTL > 2592000:
		wrong(w, "rrset_ttl", "must be between 300 and 2592000")
	case resttest.Unfit(k.Type, set.Values) != "":
		wrong(w, "rrset_values", resttest.Unfit(k.Type, set.Values))
	case len(s.Beside(zone, k)) > 0:
		fail(w, http.StatusConflict, "dns-record", "A CNAME record can not exist beside another record at this name")
	default:
		s.Note("write", k.Type+" "+k.Name)
		s.Store.Put(zone, k, set)
		resttest.Reply(w, http.StatusCreated, map[string]string{"message": "DNS Record Created"})
	}
}
