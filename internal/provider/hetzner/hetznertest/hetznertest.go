// Package hetznertest is the DNS part of Hetzner Cloud's API, for tests: as its
// reference (docs.hetzner.cloud, read 2026-11-29) and the package schema of
// Hetzner's own client (hcloud-go v2.53) describe it. It refuses what they do not
// name: paths, parameters and fields. Its limit is that of a project: 3,600 calls,
// and one more each second.
package hetznertest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

// Server is the API of one project.
type Server struct {
	resttest.Front
	*resttest.Store
	Token string
	// Reads says that the token may only read.
	Reads bool
	// Delay is how long an action runs, during which its zone is locked. 0: an action
	// is running when a write is answered, and done a moment later.
	Delay time.Duration
	// Break has actions fail, which is told when they are done.
	Break bool
	// Unlimited says that there is no limit of calls.
	Unlimited bool

	mu      sync.Mutex
	mode    map[string]string // of zones, where it is not primary
	actions []*action
	level   float64 // calls that are left
	filled  time.Time
	refused int // for being too many
}

type action struct {
	id    int
	zone  string
	until time.Time
	do    func() // once it is done
	bad   bool
}

// New is a project with these zones, and a token for it.
func New(token string, zones ...string) *Server {
	s := &Server{Token: token, Store: resttest.NewStore(zones...), mode: map[string]string{}, level: 3600, filled: time.Now()}
	s.Host, s.Front.Snapshot = s.serve, s.Store.Snapshot
	return s
}

// Be makes a zone one of this mode.
func (s *Server) Be(zone, mode string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode[zone] = mode
}

// Refused is how many calls were refused because there were too many.
func (s *Server) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// fail answers with an error.
func fail(w http.ResponseWriter, status int, code, message string, fields ...string) {
	e := map[string]any{"code": code, "message": message, "details": nil}
	var named []map[string]any
	for i := 0; i+1 < len(fields); i += 2 {
		named = append(named, map[string]any{"name": fields[i], "messages": []string{fields[i+1]}})
	}
	if named != nil {
		e["details"] = map[string]any{"fields": named}
	}
	resttest.Reply(w, status, map[string]any{"error": e})
}

// spent counts a call, and says whether it is one too many.
func (s *Server) spent() bool {
	now := time.Now()
	s.level, s.filled = min(3600, s.level+now.Sub(s.filled).Seconds()), now
	if s.Unlimited || s.level >= 1 {
		s.level--
		return false
	}
	s.refused++
	return true
}

// settle carries out the actions whose time has come.
func (s *Server) settle() {
	for _, a := range s.actions {
		if a.do != nil && !time.Now().Before(a.until) {
			if !a.bad {
				a.do()
			}
			a.do = nil
		}
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	path, known := strings.CutPrefix(r.URL.EscapedPath(), "/v1/")
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "%40", "@"), "%2A", "*")
	}
	switch {
	case r.Header.Get("Authorization") != "Bearer "+s.Token:
		fail(w, 401, "unauthorized", "unable to authenticate")
	case s.spent():
		fail(w, 429, "rate_limit_exceeded", "limit of 3600 requests per hour reached")
	case !known:
		fail(w, 404, "not_found", "resource not found")
	case r.Method != http.MethodGet && s.Reads:
		fail(w, 403, "forbidden", "insufficient permissions for this request")
	case parts[0] == "actions" && len(parts) == 1 && r.Method == http.MethodGet:
		s.showActions(w, r)
	case parts[0] == "zones" && len(parts) == 1 && r.Method == http.MethodGet:
		s.listZones(w, r)
	case parts[0] == "zones" && len(parts) >= 3 && parts[2] == "rrsets":
		s.sets(w, r, parts)
	default:
		fail(w, 404, "not_found", "resource not found")
	}
}

// page is the part of a list that is asked for, or nothing where the question is
// none that there is.
func page[T any](w http.ResponseWriter, r *http.Request, all []T, most int) (some []T, meta any, ok bool) {
	n, size := 1, 25
	for key, of := range map[string]*int{"page": &n, "per_page": &size} {
		if text := r.URL.Query().Get(key); text != "" {
			i, err := strconv.Atoi(text)
			if err != nil || i < 1 {
				fail(w, 422, "invalid_input", "invalid input in field '"+key+"'", key, "is not a positive number")
				return nil, nil, false
			}
			*of = i
		}
	}
	for key := range r.URL.Query() {
		if !slices.Contains([]string{"page", "per_page"}, key) {
			fail(w, 422, "invalid_input", "invalid input in field '"+key+"'", key, "is unknown")
			return nil, nil, false
		}
	}
	size = min(size, most)
	from, to := min((n-1)*size, len(all)), min(n*size, len(all))
	p := map[string]any{"page": n, "per_page": size, "previous_page": nil, "next_page": nil, "last_page": (len(all) + size - 1) / size, "total_entries": len(all)}
	if to < len(all) {
		p["next_page"] = n + 1
	}
	return all[from:to], map[string]any{"pagination": p}, true
}

func (s *Server) listZones(w http.ResponseWriter, r *http.Request) {
	some, meta, ok := page(w, r, s.Store.Zones(), 50)
	if !ok {
		return
	}
	all := []map[string]any{}
	for _, z := range some {
		mode := s.mode[z]
		if mode == "" {
			mode = "primary"
		}
		all = append(all, map[string]any{"id": s.id(z), "name": z, "mode": mode, "status": "ok", "ttl": 3600, "labels": map[string]string{},
			"protection": map[string]bool{"delete": false}, "record_count": len(s.Keys(z)), "created": "2026-01-01T00:00:00Z"})
	}
	resttest.Reply(w, http.StatusOK, map[string]any{"zones": all, "meta": meta})
}

// id is the number of a zone.
func (s *Server) id(zone string) int { return 42 + slices.Index(s.Store.Zones(), zone) }

// zone is the one with this id or name; empty where there is none.
func (s *Server) zone(text string) string {
	for _, z := range s.Store.Zones() {
		if text == z || text == strconv.Itoa(s.id(z)) {
			return z
		}
	}
	return ""
}

func (s *Server) showActions(w http.ResponseWriter, r *http.Request) {
	all := []map[string]any{}
	for key := range r.URL.Query() {
		if key != "id" && key != "page" && key != "per_page" {
			fail(w, 422, "invalid_input", "invalid input in field '"+key+"'", key, "is unknown")
			return
		}
	}
	for _, text := range r.URL.Query()["id"] {
		if i, err := strconv.Atoi(text); err == nil && i > 0 && i <= len(s.actions) {
			all = append(all, s.actions[i-1].shown(false))
		}
	}
	resttest.Reply(w, http.StatusOK, map[string]any{"actions": all, "meta": map[string]any{"pagination": map[string]any{"next_page": nil}}})
}

// shown is an action as the API tells of it.
func (a *action) shown(first bool) map[string]any {
	m := map[string]any{"id": a.id, "command": "set_rrset_records", "status": "success", "progress": 100, "started": "2026-01-01T00:00:00Z", "finished": nil, "error": nil,
		"resources": []map[string]any{{"id": 42, "type": "zone"}}}
	switch {
	case a.do != nil || first:
		m["status"], m["progress"] = "running", 0
	case a.bad:
		m["status"], m["error"] = "error", map[string]string{"code": "action_failed", "message": "Action failed"}
	}
	return m
}

// begin has something done to a zone, and answers with the action that does it.
func (s *Server) begin(zone string, do func()) map[string]any {
	a := &action{id: len(s.actions) + 1, zone: zone, until: time.Now().Add(s.Delay), do: do, bad: s.Break}
	s.actions = append(s.actions, a)
	s.settle()
	return a.shown(true)
}

// locked says whether an action of a zone is running.
func (s *Server) locked(zone string) bool {
	return slices.ContainsFunc(s.actions, func(a *action) bool { return a.zone == zone && a.do != nil })
}
