// Package digitaloceantest is the DNS of DigitalOcean as its API reference describes
// it (v2, "Domains" and "Domain Records", read 2026-11), for tests: records with ids
// in pages, 250 calls a minute and 5,000 an hour. It refuses fields, paths and
// parameters that it does not know. The official SDK is held against it in
// tools/sdk/digitalocean.
package digitaloceantest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

// Server is an account.
type Server struct {
	resttest.Front
	Token   string
	Minute  int  // calls that are taken in a minute; 0: any number
	Hour    int  // and in an hour
	reading bool // the token may only read

	mu      sync.Mutex
	domains map[string][]Record
	ids     int64
	times   []time.Time
	calls   []string
}

// Record is one as the API writes it.
type Record struct {
	ID       int64   `json:"id"`
	Type     string  `json:"type"`
	Name     string  `json:"name"` // without the domain; @ is that itself
	Data     string  `json:"data"`
	Priority *int    `json:"priority"`
	Port     *int    `json:"port"`
	TTL      int     `json:"ttl"`
	Weight   *int    `json:"weight"`
	Flags    *int    `json:"flags"`
	Tag      *string `json:"tag"`
}

// New has these domains.
func New(token string, domains ...string) *Server {
	s := &Server{Token: token, domains: map[string][]Record{}}
	s.Host = s.serve
	s.Snapshot = func() func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		held := map[string][]Record{}
		for d, all := range s.domains {
			held[d] = slices.Clone(all)
		}
		return func() { s.mu.Lock(); s.domains = held; s.mu.Unlock() }
	}
	for _, d := range domains {
		s.domains[d] = nil
		s.Put(d, Record{Type: "NS", Name: "@", Data: "ns1.digitalocean.com", TTL: 1800})
	}
	return s
}

// Put stores a record, and gives it an id.
func (s *Server) Put(domain string, r Record) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(domain, r)
}

func (s *Server) put(domain string, r Record) int64 {
	s.ids++
	r.ID = 3352890 + s.ids
	s.domains[domain] = append(s.domains[domain], r)
	return r.ID
}

// At is the records of a name.
func (s *Server) At(domain, name string) (all []Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.domains[domain] {
		if r.Name == name {
			all = append(all, r)
		}
	}
	return all
}

// OnlyReads makes the token one that may only read.
func (s *Server) OnlyReads() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading = true
}

// Calls is those since it was asked last: "GET", "POST" …
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if v != nil {
		_ = json.NewEncoder(w).Encode(v)
	}
}

func refuse(w http.ResponseWriter, status int, id, message string) {
	reply(w, status, map[string]string{"id": id, "message": message, "request_id": "4d9d8375-3c56-4925-a3e7-eb137fed17e9"})
}

// serve answers as the API that works.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.admit(w, r) {
		return
	}
	s.calls = append(s.calls, r.Method)
	path, known := strings.CutPrefix(r.URL.Path, "/v2/domains")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	_, domain := s.domains[parts[0]]
	switch n := len(parts); {
	case known && path == "" && r.Method == http.MethodGet:
		s.listDomains(w, r)
	case !known || !domain || n < 2 || n > 3 || parts[1] != "records":
		refuse(w, http.StatusNotFound, "not_found", "The resource you were accessing could not be found.")
	case n == 2 && r.Method == http.MethodGet:
		s.listRecords(w, r, parts[0])
	case n == 2 && r.Method == http.MethodPost:
		s.write(w, r, parts[0], nil)
	case n == 3:
		s.one(w, r, parts[0], parts[2])
	default:
		refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "This method is not allowed.")
	}
}

// admit says whether the token is good, and its limits are not used up.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Authorization") != "Bearer "+s.Token {
		refuse(w, http.StatusUnauthorized, "Unauthorized", "Unable to authenticate you")
		return false
	}
	now := time.Now()
	s.times = slices.DeleteFunc(s.times, func(t time.Time) bool { return now.Sub(t) >= time.Hour })
	minute := 0
	for _, t := range s.times {
		if now.Sub(t) < time.Minute {
			minute++
		}
	}
	hour := s.Hour
	if hour == 0 {
		hour = 5000
	}
	reset := now.Add(time.Hour)
	if len(s.times) > 0 {
		reset = s.times[0].Add(time.Hour)
	}
	over := s.Minute > 0 && minute >= s.Minute || s.Hour > 0 && len(s.times) >= s.Hour
	if !over {
		s.times = append(s.times, now)
	}
	w.Header().Set("Ratelimit-Limit", strconv.Itoa(hour))
	w.Header().Set("Ratelimit-Remaining", strconv.Itoa(max(hour-len(s.times), 0)))
	w.Header().Set("Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	switch {
	case over:
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusTooManyRequests, "too_many_requests", "API Rate limit exceeded.")
		return false
	case s.reading && r.Method != http.MethodGet:
		refuse(w, http.StatusForbidden, "Forbidden", "You are not authorized to perform this operation")
		return false
	}
	return true
}

// page is which of n things are asked for; false where a parameter is not known.
func page(q url.Values, n int, known ...string) (from, to, number, last int, ok bool) {
	for k := range q {
		if !slices.Contains(append(known, "page", "per_page"), k) {
			return 0, 0, 0, 0, false
		}
	}
	number, size := 1, 20
	if v, err := strconv.Atoi(q.Get("page")); err == nil && v > 0 {
		number = v
	}
	if v, err := strconv.Atoi(q.Get("per_page")); err == nil && v > 0 {
		size = min(v, 200)
	}
	from = min((number-1)*size, n)
	return from, min(from+size, n), number, max((n+size-1)/size, 1), true
}

// listed is a list with its links and its total.
func listed(r *http.Request, what string, rows any, total, number, last int) map[string]any {
	pages := map[string]string{}
	at := func(n int) string {
		u := *r.URL
		q := u.Query()
		q.Set("page", strconv.Itoa(n))
		u.RawQuery = q.Encode()
		return "https://api.digitalocean.com" + u.RequestURI()
	}
	if number < last {
		pages["next"], pages["last"] = at(number+1), at(last)
	}
	if number > 1 {
		pages["first"], pages["prev"] = at(1), at(number-1)
	}
	return map[string]any{what: rows, "links": map[string]any{"pages": pages}, "meta": map[string]int{"total": total}}
}

func (s *Server) listDomains(w http.ResponseWriter, r *http.Request) {
	names := slices.Sorted(maps.Keys(s.domains))
	from, to, number, last, ok := page(r.URL.Query(), len(names))
	if !ok {
		refuse(w, http.StatusBadRequest, "bad_request", "unknown parameter")
		return
	}
	rows := []map[string]any{}
	for _, n := range names[from:to] {
		rows = append(rows, map[string]any{"name": n, "ttl": 1800, "zone_file": "$ORIGIN " + n + ".\n$TTL 1800\n"})
	}
	reply(w, http.StatusOK, listed(r, "domains", rows, len(names), number, last))
}

func (s *Server) listRecords(w http.ResponseWriter, r *http.Request, domain string) {
	q := r.URL.Query()
	all := []Record{}
	for _, rec := range s.domains[domain] {
		full := domain
		if rec.Name != "@" {
			full = rec.Name + "." + domain
		}
		if (!q.Has("name") || q.Get("name") == full) && (!q.Has("type") || q.Get("type") == rec.Type) {
			all = append(all, rec)
		}
	}
	from, to, number, last, ok := page(q, len(all), "name", "type")
	if !ok || strings.Contains(q.Get("name"), "*") {
		refuse(w, http.StatusBadRequest, "bad_request", "unknown parameter")
		return
	}
	reply(w, http.StatusOK, listed(r, "domain_records", all[from:to], len(all), number, last))
}
