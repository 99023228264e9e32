// Package porkbuntest is the part of Porkbun's JSON API v3 that is about DNS, for
// tests: as its documentation (porkbun.com/api/json/v3/documentation, with the
// OpenAPI description 3.7 beside it, read 2026-11-29) describes it, with the refusals
// that people report (ddns-go issues 388 and 1015). It refuses paths and fields that
// they do not name. Every call is a POST with both keys in its body.
package porkbuntest

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

// Server is the API of one account.
type Server struct {
	resttest.Front
	Key, Secret string
	// Closed says that API access is off for all domains.
	Closed bool
	// Odd says that a refusal comes with the status 200, as some do.
	Odd bool
	// Unlimited says that calls may come faster than ten in ten seconds, which is a guess:
	// Porkbun says no number.
	Unlimited bool

	mu      sync.Mutex
	zones   []string
	records map[string][]record // of a zone
	last    int                 // id
	window  resttest.Window
	refused int
}

type record struct {
	id             int
	name, kind     string
	content, notes string
	ttl            int
}

// New is an account with these domains, and its keys.
func New(key, secret string, zones ...string) *Server {
	s := &Server{Key: key, Secret: secret, zones: zones, records: map[string][]record{}, last: 100, window: resttest.Window{Calls: 10, Span: 10 * time.Second}}
	s.Host, s.Snapshot = s.serve, s.snapshot
	s.Writes = func(r *http.Request) bool {
		return !strings.Contains(r.URL.Path, "/retrieve/") && !strings.HasSuffix(r.URL.Path, "/listAll")
	}
	return s
}

func (s *Server) snapshot() (restore func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := map[string][]record{}
	for z, all := range s.records {
		kept[z] = slices.Clone(all)
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.records = kept
	}
}

// Refused is how many calls came too fast.
func (s *Server) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

func (s *Server) fail(w http.ResponseWriter, code, message string) {
	status := http.StatusBadRequest
	if s.Odd {
		status = http.StatusOK
	}
	resttest.Reply(w, status, map[string]string{"status": "ERROR", "code": code, "message": message})
}

func done(w http.ResponseWriter, more map[string]any) {
	more["status"] = "SUCCESS"
	resttest.Reply(w, http.StatusOK, more)
}

// body is all fields that calls have.
type body struct {
	Key     string  `json:"apikey"`
	Secret  string  `json:"secretapikey"`
	Start   *string `json:"start"`
	Name    *string `json:"name"`
	Type    *string `json:"type"`
	Content *string `json:"content"`
	TTL     *string `json:"ttl"`
	Prio    *string `json:"prio"`
	Notes   *string `json:"notes"`
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, known := strings.CutPrefix(r.URL.Path, "/api/json/v3/")
	parts := strings.Split(path, "/")
	var b body
	err := resttest.Read(r, &b)
	switch {
	case !s.Unlimited && s.window.Take(time.Now()) > 0:
		s.refused++
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
	case r.Method != http.MethodPost || !known || r.URL.RawQuery != "":
		resttest.Reply(w, http.StatusNotFound, map[string]string{"status": "ERROR", "message": "Not found."})
	case err != nil:
		s.fail(w, "INVALID_JSON", err.Error())
	case b.Key != s.Key:
		s.fail(w, "INVALID_API_KEYS_001", "Invalid API key. (001)")
	case b.Secret != s.Secret:
		s.fail(w, "INVALID_API_KEYS_002", "Invalid API key. (002)")
	case path == "domain/listAll" && b.Name == nil && b.Type == nil:
		s.list(w, b)
	case parts[0] != "dns" || len(parts) < 3 || b.Start != nil:
		s.fail(w, "INVALID_REQUEST", "Invalid request.")
	case !slices.Contains(s.zones, parts[2]):
		s.fail(w, "INVALID_DOMAIN", "Invalid domain.")
	case s.Closed:
		s.fail(w, "DOMAIN_NOT_ALLOWED", "Domain is not opted in to API access.")
	default:
		s.dns(w, parts, b)
	}
}

func (s *Server) list(w http.ResponseWriter, b body) {
	from := 0
	if b.Start != nil {
		from, _ = strconv.Atoi(*b.Start)
	}
	all := []map[string]any{}
	for _, z := range s.zones[min(from, len(s.zones)):min(from+1000, len(s.zones))] {
		all = append(all, map[string]any{"domain": z, "status": "ACTIVE", "tld": "org", "createDate": "2026-01-01 00:00:00", "securityLock": "1", "autoRenew": 0, "notLocal": 0})
	}
	done(w, map[string]any{"domains": all})
}

func (s *Server) dns(w http.ResponseWriter, parts []string, b body) {
	zone, id := parts[2], -1
	if len(parts) == 4 {
		id, _ = strconv.Atoi(parts[3])
	}
	at := slices.IndexFunc(s.records[zone], func(r record) bool { return r.id == id })
	fields := b.Name != nil || b.Type != nil || b.Content != nil || b.TTL != nil || b.Notes != nil || b.Prio != nil
	switch {
	case parts[1] == "retrieve" && len(parts) == 3 && !fields:
		all := []map[string]any{}
		for _, r := range s.records[zone] {
			all = append(all, map[string]any{"id": strconv.Itoa(r.id), "name": r.name, "type": r.kind, "content": r.content, "ttl": strconv.Itoa(r.ttl), "prio": "0", "notes": r.notes})
		}
		done(w, map[string]any{"cloudflare": "enabled", "records": all})
	case parts[1] == "create" && len(parts) == 3:
		r := record{ttl: 600}
		if s.set(w, zone, &r, b) {
			s.last++
			r.id = s.last
			s.records[zone] = append(s.records[zone], r)
			done(w, map[string]any{"id": r.id})
		}
	case len(parts) != 4 || at < 0:
		s.fail(w, "INVALID_RECORD_ID", "Invalid record ID.")
	case parts[1] == "edit":
		r := s.records[zone][at]
		r.ttl = 600 // where none is said
		if s.set(w, zone, &r, b) {
			s.records[zone][at] = r
			done(w, map[string]any{})
		}
	case parts[1] == "delete" && !fields:
		s.records[zone] = slices.Delete(slices.Clone(s.records[zone]), at, at+1)
		done(w, map[string]any{})
	default:
		s.fail(w, "INVALID_REQUEST", "Invalid request.")
	}
}

// set takes the fields of a record; false where they are refused.
func (s *Server) set(w http.ResponseWriter, zone string, r *record, b body) bool {
	if b.Type == nil || b.Content == nil || *b.Content == "" {
		s.fail(w, "MISSING_FIELD", "Create error: type and content are required.")
		return false
	}
	r.kind, r.content, r.name = *b.Type, *b.Content, zone
	if b.Name != nil && *b.Name != "" {
		r.name = *b.Name + "." + zone
	}
	if b.TTL != nil {
		r.ttl, _ = strconv.Atoi(*b.TTL)
	}
	if b.Notes != nil {
		r.notes = *b.Notes
	}
	values := []resttest.Value{{Content: r.content}}
	if r.kind == "CNAME" || r.kind == "NS" {
		values[0].Content += "."
	}
	if r.kind == "TXT" {
		values[0].Content = dns.ParseTXT(r.content).Text
	}
	why := resttest.Unfit(r.kind, values)
	for _, o := range s.records[zone] {
		switch {
		case o.id == r.id || o.name != r.name:
		case o.kind != r.kind && (o.kind == "CNAME" || r.kind == "CNAME"):
			why = "it conflicts with a " + o.kind + " record"
		case o.kind == r.kind && o.content == r.content:
			why = "it is there already"
		}
	}
	switch {
	case r.ttl < 600:
		why = "the TTL is below 600"
	case len([]rune(r.notes)) > 255:
		why = "the notes are too long"
	}
	if why != "" {
		s.fail(w, "CREATE_ERROR", "Create error: We were unable to create the DNS record: "+why+".")
		return false
	}
	return true
}

// Seed adds records, as somebody else would. A TTL may be one that is not taken today.
func (s *Server) Seed(t *testing.T, records ...dns.Record) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		zone := s.zoneOf(r.Name.String())
		if zone == "" {
			t.Fatalf("%s lies in no zone", r.Name)
		}
		s.last++
		s.records[zone] = append(s.records[zone], record{id: s.last, name: r.Name.String(), kind: string(r.Type), content: r.Content(), notes: r.Comment, ttl: r.TTL})
	}
}

func (s *Server) zoneOf(name string) string {
	for _, z := range s.zones {
		if name == z || strings.HasSuffix(name, "."+z) {
			return z
		}
	}
	return ""
}

// Stored is what stands at a name, with the ids.
func (s *Server) Stored(n dns.Name) (all []dns.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.records[s.zoneOf(n.String())] {
		if r.name != n.String() {
			continue
		}
		set := resttest.Set{TTL: r.ttl, Values: []resttest.Value{{Content: r.content, Note: r.notes}}}
		if r.kind == "TXT" {
			set.Values[0].Content = dns.ParseTXT(r.content).Text
		}
		one := resttest.Records(n, r.kind, set)
		one[0].ID = fmt.Sprint(r.id)
		all = append(all, one...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Compare(&all[j]) < 0 })
	return all
}

// Set is what stands at a key, for scripts.
func (s *Server) Set(zone string, k resttest.Key) (set resttest.Set, there bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.records[zone] {
		if r.name == k.Name && r.kind == k.Type {
			set.TTL, set.Values = r.ttl, append(set.Values, resttest.Value{Content: r.content, Note: r.notes})
		}
	}
	return set, len(set.Values) > 0
}

// Put adds records at a key, for scripts.
func (s *Server) Put(zone string, k resttest.Key, set resttest.Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range set.Values {
		s.last++
		s.records[zone] = append(s.records[zone], record{id: s.last, name: k.Name, kind: k.Type, content: v.Content, notes: v.Note, ttl: set.TTL})
	}
}
