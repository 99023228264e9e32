// Package desectest is deSEC's API, for tests: as its documentation describes it
// (docs/dns/rrsets.rst, docs/dns/domains.rst and docs/rate-limits.rst of
// desec-io/desec-stack, read 2026-11-29), with the words of refusals that its own
// tests expect. It refuses paths, parameters and fields that they do not name, and
// counts calls as deSEC does.
package desectest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

// Server is the API of one account.
type Server struct {
	resttest.Front
	*resttest.Store
	Token string
	// Reads says that the policies of the token let it write nothing.
	Reads bool
	// Unlimited says that nothing is counted.
	Unlimited bool

	mu      sync.Mutex
	least   map[string]int // TTLs of domains; 3,600 where nothing is said
	reads   []*resttest.Window
	writes  map[string][]*resttest.Window
	refused int
	patches int
}

// New is an account with these domains, and a token for it.
func New(token string, zones ...string) *Server {
	s := &Server{Token: token, Store: resttest.NewStore(zones...), least: map[string]int{}, writes: map[string][]*resttest.Window{}}
	s.reads = windows(10, time.Second, 50, time.Minute)
	for _, z := range zones {
		s.writes[z] = windows(2, time.Second, 15, time.Minute, 100, time.Hour, 300, 24*time.Hour)
	}
	s.Host, s.Front.Snapshot = s.serve, s.Store.Snapshot
	return s
}

func windows(pairs ...any) (all []*resttest.Window) {
	for i := 0; i+1 < len(pairs); i += 2 {
		calls, _ := pairs[i].(int)
		span, _ := pairs[i+1].(time.Duration)
		all = append(all, &resttest.Window{Calls: calls, Span: span})
	}
	return all
}

// Least sets the least TTL of a domain.
func (s *Server) Least(zone string, ttl int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.least[zone] = ttl
}

// Refused is how many calls were refused for being too many, and Patches how many
// bulk requests came.
func (s *Server) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// Patches is how many bulk requests came.
func (s *Server) Patches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.patches
}

func detail(w http.ResponseWriter, status int, words string) {
	resttest.Reply(w, status, map[string]string{"detail": words})
}

// spent answers where a call is one too many, and says whether it did.
func (s *Server) spent(w http.ResponseWriter, counted []*resttest.Window) bool {
	for _, c := range counted {
		if wait := c.Take(time.Now()); wait > 0 && !s.Unlimited {
			s.refused++
			n := int(wait/time.Second) + 1
			w.Header().Set("Retry-After", strconv.Itoa(n))
			detail(w, http.StatusTooManyRequests, fmt.Sprintf("Request was throttled. Expected available in %d seconds.", n))
			return true
		}
	}
	return false
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, known := strings.CutPrefix(r.URL.Path, "/api/v1/domains/")
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	switch {
	case r.Header.Get("Authorization") != "Token "+s.Token:
		detail(w, http.StatusUnauthorized, "Invalid token.")
	case !known || !strings.HasSuffix(r.URL.Path, "/"):
		detail(w, http.StatusNotFound, "Not found.")
	case r.Method == http.MethodGet && s.spent(w, s.reads):
	case path == "" && r.Method == http.MethodGet:
		s.domains(w, r)
	case !s.Has(parts[0]) || len(parts) < 2 || parts[1] != "rrsets":
		detail(w, http.StatusNotFound, "Not found.")
	case len(parts) == 2 && r.Method == http.MethodGet:
		s.list(w, r, parts[0])
	case len(parts) == 4 && r.Method == http.MethodGet && r.URL.RawQuery == "":
		s.one(w, parts[0], parts[2], parts[3])
	case len(parts) == 2 && r.Method == http.MethodPatch:
		if !s.spent(w, s.writes[parts[0]]) {
			s.patch(w, r, parts[0])
		}
	default:
		detail(w, http.StatusMethodNotAllowed, fmt.Sprintf("Method %q not allowed.", r.Method))
	}
}

// page answers with 500 of a list, by a cursor that is a number here.
func page(w http.ResponseWriter, r *http.Request, all []any) {
	const size = 500
	q := r.URL.Query()
	from, err := 0, error(nil)
	if c := q.Get("cursor"); c != "" {
		from, err = strconv.Atoi(c)
	}
	switch {
	case len(q) > 1 || len(q) == 1 && !q.Has("cursor"):
		detail(w, http.StatusBadRequest, "Unknown parameter.")
		return
	case err != nil || from < 0 || from > len(all):
		detail(w, http.StatusNotFound, "Invalid cursor")
		return
	case !q.Has("cursor") && len(all) > size:
		detail(w, http.StatusBadRequest, "Pagination required. You can query up to 500 items at a time.")
		return
	}
	to := min(from+size, len(all))
	if to < len(all) {
		w.Header().Set("Link", fmt.Sprintf("<https://desec.io%s?cursor=>; rel=\"first\", <https://desec.io%s?cursor=%d>; rel=\"next\"", r.URL.Path, r.URL.Path, to))
	}
	resttest.Reply(w, http.StatusOK, slices.Concat([]any{}, all[from:to]))
}

func (s *Server) domains(w http.ResponseWriter, r *http.Request) {
	var all []any
	for _, z := range s.Store.Zones() {
		all = append(all, map[string]any{"created": "2026-01-01T00:00:00Z", "name": z, "minimum_ttl": s.leastOf(z), "published": "2026-01-01T00:00:00Z", "touched": "2026-01-01T00:00:00Z"})
	}
	page(w, r, all)
}

func (s *Server) leastOf(zone string) int {
	if s.least[zone] > 0 {
		return s.least[zone]
	}
	return 3600
}

func (s *Server) shown(zone string, k resttest.Key) map[string]any {
	set, _ := s.Set(zone, k)
	var values []string
	for _, v := range set.Values {
		values = append(values, v.Content)
	}
	return map[string]any{"created": "2026-01-01T00:00:00Z", "domain": zone, "subname": strings.TrimSuffix(strings.TrimSuffix(k.Name, zone), "."), "name": k.Name + ".",
		"type": k.Type, "records": values, "ttl": set.TTL, "touched": "2026-01-01T00:00:00Z"}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request, zone string) {
	var all []any
	for _, k := range s.Keys(zone) {
		all = append(all, s.shown(zone, k))
	}
	s.Note("list", zone)
	page(w, r, all)
}

func keyOf(zone, subname, kind string) resttest.Key {
	if subname == "" {
		return resttest.Key{Name: zone, Type: kind}
	}
	return resttest.Key{Name: subname + "." + zone, Type: kind}
}

func (s *Server) one(w http.ResponseWriter, zone, subname, kind string) {
	k := keyOf(zone, strings.TrimSuffix(subname, "@"), kind)
	s.Note("read", k.Type+" "+k.Name)
	if _, there := s.Set(zone, k); !there {
		detail(w, http.StatusNotFound, "No RRset matches the given query.")
		return
	}
	resttest.Reply(w, http.StatusOK, s.shown(zone, k))
}
