package hetznertest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

// record is one as the API writes it.
type record struct {
	Value   string `json:"value"`
	Comment string `json:"comment"`
}

// sets answers below /zones/ID/rrsets.
func (s *Server) sets(w http.ResponseWriter, r *http.Request, parts []string) {
	zone := s.zone(parts[1])
	switch {
	case zone == "":
		fail(w, 404, "not_found", "zone not found")
	case s.mode[zone] == "secondary":
		fail(w, 422, "incorrect_zone_mode", "operation not supported for this zone mode")
	case r.Method != http.MethodGet && s.locked(zone):
		fail(w, 423, "locked", "zone is locked by another action")
	case len(parts) == 3 && r.Method == http.MethodGet:
		s.list(w, r, zone)
	case len(parts) == 3 && r.Method == http.MethodPost:
		s.create(w, r, zone)
	case len(parts) == 5:
		s.one(w, r, zone, keyOf(zone, parts[3], parts[4]))
	case len(parts) == 7 && parts[5] == "actions" && r.Method == http.MethodPost:
		s.act(w, r, zone, keyOf(zone, parts[3], parts[4]), parts[6])
	default:
		fail(w, 404, "not_found", "resource not found")
	}
}

func keyOf(zone, name, kind string) resttest.Key {
	if name == "@" {
		return resttest.Key{Name: zone, Type: kind}
	}
	return resttest.Key{Name: name + "." + zone, Type: kind}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request, zone string) {
	some, meta, ok := page(w, r, s.Keys(zone), 100)
	if !ok {
		return
	}
	all := []map[string]any{}
	for _, k := range some {
		all = append(all, s.shown(zone, k))
	}
	resttest.Reply(w, http.StatusOK, map[string]any{"rrsets": all, "meta": meta})
}

// shown is a set as the API tells of it.
func (s *Server) shown(zone string, k resttest.Key) map[string]any {
	set, _ := s.Set(zone, k)
	name := strings.TrimSuffix(strings.TrimSuffix(k.Name, zone), ".")
	if name == "" {
		name = "@"
	}
	records := []map[string]any{}
	for _, v := range set.Values {
		m := map[string]any{"value": v.Content}
		if v.Note != "" {
			m["comment"] = v.Note
		}
		records = append(records, m)
	}
	m := map[string]any{"id": name + "/" + k.Type, "name": name, "type": k.Type, "ttl": nil, "labels": map[string]string{},
		"protection": map[string]bool{"change": set.Protected}, "records": records, "zone": s.id(zone)}
	if set.TTL > 0 {
		m["ttl"] = set.TTL
	}
	return m
}

// unfit answers where a set cannot be stored, and says whether it did.
func (s *Server) unfit(w http.ResponseWriter, zone string, k resttest.Key, records []record, ttl *int) bool {
	if others := s.Beside(zone, k); len(others) > 0 {
		fail(w, 422, "invalid_input", "invalid input in field 'type'", "type", k.Type+" cannot stand beside "+strings.Join(others, ", "))
		return true
	}
	if ttl != nil && (*ttl < 60 || *ttl > 1<<31-1) {
		fail(w, 422, "invalid_input", "invalid input in field 'ttl'", "ttl", "must be between 60 and 2147483647")
		return true
	}
	if why := resttest.Unfit(k.Type, valuesOf(records)); why != "" || len(records) == 0 || k.Name != strings.ToLower(k.Name) {
		fail(w, 422, "invalid_input", "invalid input in field 'records'", "records", why)
		return true
	}
	if slices.ContainsFunc(records, func(r record) bool { return len([]rune(r.Comment)) > 255 }) {
		fail(w, 422, "invalid_input", "invalid input in field 'records'", "records", "the comment is too long")
		return true
	}
	return false
}

func valuesOf(records []record) (values []resttest.Value) {
	for _, r := range records {
		values = append(values, resttest.Value{Content: r.Value, Note: r.Comment})
	}
	return values
}

func (s *Server) create(w http.ResponseWriter, r *http.Request, zone string) {
	var body struct {
		Name    string             `json:"name"`
		Type    string             `json:"type"`
		TTL     *int               `json:"ttl"`
		Labels  *map[string]string `json:"labels"`
		Records []record           `json:"records"`
	}
	if err := resttest.Read(r, &body); err != nil {
		fail(w, 400, "json_error", err.Error())
		return
	}
	k := keyOf(zone, body.Name, body.Type)
	if strings.HasSuffix(body.Name, ".") || body.Name == zone || strings.HasSuffix(body.Name, "."+zone) {
		fail(w, 422, "invalid_input", "invalid input in field 'name'", "name", "must not end with a dot or the zone")
		return
	}
	s.Note("read", k.Type+" "+k.Name) // it looks by itself whether there is one
	if _, there := s.Set(zone, k); there {
		fail(w, 409, "uniqueness_error", "rrset already exists")
		return
	}
	if s.unfit(w, zone, k, body.Records, body.TTL) {
		return
	}
	s.Note("write", k.Type+" "+k.Name)
	set := resttest.Set{Values: valuesOf(body.Records)}
	if body.TTL != nil {
		set.TTL = *body.TTL
	}
	a := s.begin(zone, func() { s.Put(zone, k, set) })
	resttest.Reply(w, http.StatusCreated, map[string]any{"rrset": s.shown(zone, k), "action": a})
}

func (s *Server) one(w http.ResponseWriter, r *http.Request, zone string, k resttest.Key) {
	set, there := s.Set(zone, k)
	switch {
	case !there && r.Method == http.MethodGet:
		s.Note("read", k.Type+" "+k.Name)
		fail(w, 404, "not_found", "rrset not found")
	case !there:
		fail(w, 404, "not_found", "rrset not found")
	case r.Method == http.MethodGet:
		s.Note("read", k.Type+" "+k.Name)
		resttest.Reply(w, http.StatusOK, map[string]any{"rrset": s.shown(zone, k)})
	case r.Method == http.MethodDelete && set.Protected:
		fail(w, 423, "protected", "rrset is protected")
	case r.Method == http.MethodDelete:
		s.Note("write", k.Type+" "+k.Name)
		resttest.Reply(w, http.StatusOK, map[string]any{"action": s.begin(zone, func() { s.Put(zone, k, resttest.Set{}) })})
	default:
		fail(w, 405, "method_not_allowed", "method not allowed")
	}
}

func (s *Server) act(w http.ResponseWriter, r *http.Request, zone string, k resttest.Key, what string) {
	var body struct {
		Records *[]record `json:"records"`
		TTL     **int     `json:"ttl"`
	}
	err := resttest.Read(r, &body)
	set, there := s.Set(zone, k)
	switch {
	case err != nil:
		fail(w, 400, "json_error", err.Error())
	case !there:
		fail(w, 404, "not_found", "rrset not found")
	case set.Protected:
		fail(w, 423, "protected", "rrset is protected")
	case what == "set_records" && body.Records != nil:
		if s.unfit(w, zone, k, *body.Records, nil) {
			return
		}
		s.Note("write", k.Type+" "+k.Name)
		set.Values = valuesOf(*body.Records)
		resttest.Reply(w, http.StatusCreated, map[string]any{"action": s.begin(zone, func() { s.Put(zone, k, set) })})
	case what == "change_ttl" && body.Records == nil:
		ttl := 0
		if body.TTL != nil && *body.TTL != nil {
			ttl = **body.TTL
			if ttl < 60 {
				fail(w, 422, "invalid_input", "invalid input in field 'ttl'", "ttl", "must be between 60 and 2147483647")
				return
			}
		}
		resttest.Reply(w, http.StatusCreated, map[string]any{"action": s.begin(zone, func() {
			set, _ := s.Set(zone, k)
			set.TTL = ttl
			s.Put(zone, k, set)
		})})
	default:
		fail(w, 404, "not_found", "resource not found")
	}
}
