package desectest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

// part is one of a bulk request.
type part struct {
	Subname string    `json:"subname"`
	Type    string    `json:"type"`
	TTL     *int      `json:"ttl"`
	Records *[]string `json:"records"`
}

// patch stores all parts, or none and says what is wrong with each.
func (s *Server) patch(w http.ResponseWriter, r *http.Request, zone string) {
	s.patches++
	var body []part
	if err := resttest.Read(r, &body); err != nil {
		detail(w, http.StatusBadRequest, "JSON parse error - "+err.Error())
		return
	}
	if s.Reads {
		detail(w, http.StatusForbidden, "Insufficient token permissions.")
		return
	}
	restore, bad := s.Store.Snapshot(), false
	wrong, stored := make([]map[string][]string, len(body)), []any{}
	for i, p := range body {
		k := keyOf(zone, p.Subname, p.Type)
		if wrong[i] = s.store(zone, k, p); len(wrong[i]) > 0 {
			bad = true
		}
	}
	for i, p := range body { // once all are there: what stands beside what
		k := keyOf(zone, p.Subname, p.Type)
		if others := s.Beside(zone, k); len(others) > 0 && len(wrong[i]) == 0 && p.Records != nil && len(*p.Records) > 0 {
			wrong[i]["non_field_errors"] = []string{fmt.Sprintf("RRset with conflicting type present: database (%s). (No other RRsets are allowed alongside CNAME.)", strings.Join(others, ", "))}
			bad = true
		}
	}
	if bad {
		restore()
		resttest.Reply(w, http.StatusBadRequest, wrong)
		return
	}
	for _, p := range body {
		k := keyOf(zone, p.Subname, p.Type)
		s.Note("write", k.Type+" "+k.Name)
		if _, there := s.Set(zone, k); there {
			stored = append(stored, s.shown(zone, k))
		}
	}
	resttest.Reply(w, http.StatusOK, stored)
}

// store writes one part, and says what is wrong with it.
func (s *Server) store(zone string, k resttest.Key, p part) map[string][]string {
	wrong := map[string][]string{}
	set, there := s.Set(zone, k)
	if p.Records != nil && len(*p.Records) == 0 {
		s.Put(zone, k, resttest.Set{})
		return wrong
	}
	if !there && (p.TTL == nil || p.Records == nil) {
		wrong["ttl"] = []string{"This field is required."}
	}
	if p.TTL != nil {
		set.TTL = *p.TTL
	}
	if p.Records != nil {
		set.Values = nil
		for _, content := range *p.Records {
			set.Values = append(set.Values, resttest.Value{Content: content})
		}
	}
	switch least := s.leastOf(zone); {
	case set.TTL < least:
		wrong["ttl"] = []string{fmt.Sprintf("Ensure this value is greater than or equal to %d.", least)}
	case set.TTL > 86400:
		wrong["ttl"] = []string{"Ensure this value is less than or equal to 86400."}
	}
	if p.Subname == "@" || p.Subname != strings.ToLower(p.Subname) || strings.HasSuffix(p.Subname, ".") || len(p.Subname) > 178 {
		wrong["subname"] = []string{"Subname can only use (lowercase) a-z, 0-9, ., -, and _, may start with a '*.', or just be '*'."}
	}
	if why := resttest.Unfit(k.Type, set.Values); why != "" {
		wrong["records"] = []string{"Record content malformed: " + why}
	}
	if len(wrong) == 0 {
		s.Put(zone, k, set)
	}
	return wrong
}
