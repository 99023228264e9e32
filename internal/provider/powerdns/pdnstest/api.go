package pdnstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// bare is an answer that says no more than its status.
func bare(w http.ResponseWriter, status int) {
	reply(w, status, map[string]string{"error": http.StatusText(status)})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (f *Server) list(w http.ResponseWriter, only string) {
	if strings.HasPrefix(only, "*") {
		reply(w, http.StatusUnprocessableEntity, map[string]string{"error": "Name '" + only + "' contains unsupported characters"})
		return
	}
	all := []map[string]any{}
	for id, z := range f.zones {
		if only == "" || only == id {
			all = append(all, map[string]any{"id": id, "name": id, "kind": z.kind, "serial": 1, "masters": []string{}, "url": "/api/v1/servers/localhost/zones/" + id})
		}
	}
	reply(w, http.StatusOK, all)
}

func (z *zone) show(w http.ResponseWriter, id string, r *http.Request) {
	all := map[string]any{"account": "", "dnssec": false, "id": id, "kind": z.kind, "name": id, "serial": 1, "soa_edit_api": z.soaEditAPI}
	only := r.URL.Query().Get("rrset_name")
	switch {
	case r.URL.RawQuery == "rrsets=false":
	case r.URL.RawQuery == "" || only != "":
		sets := []RRset{}
		for _, s := range z.sets {
			if only != "" {
				if s.Name != only {
					continue
				}
				s.Records = slices.DeleteFunc(slices.Clone(s.Records), func(v Value) bool { return v.Disabled })
			}
			sets = append(sets, s)
		}
		all["rrsets"] = sets
	default:
		bare(w, http.StatusNotImplemented)
		return
	}
	reply(w, http.StatusOK, all)
}

// patch carries out all of it or nothing, and says why not.
func (z *zone) patch(id string, r *http.Request, bare bool) (sets int, refused string) {
	var body struct {
		RRsets []struct {
			RRset
			Kind     string     `json:"changetype"`
			Comments *[]Comment `json:"comments"`
		} `json:"rrsets"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return 0, err.Error()
	}
	next, done := map[[2]string]RRset{}, map[[2]string]bool{}
	for k, s := range z.sets {
		next[k] = s
	}
	for _, c := range body.RRsets {
		k := [2]string{c.Name, c.Type}
		s := RRset{Name: c.Name, Type: c.Type, TTL: c.TTL, Records: c.Records, Comments: next[k].Comments}
		if c.Comments != nil {
			s.Comments = *c.Comments
			if bare {
				return len(body.RRsets), "Hosting backend does not support editing comments."
			}
		}
		if c.Kind == "DELETE" {
			delete(next, k)
			continue
		}
		if done[k] {
			return len(body.RRsets), fmt.Sprintf("Duplicate RRset %s IN %s with changetype: REPLACE", c.Name, c.Type)
		}
		done[k], next[k] = true, s
		if c.Kind != "REPLACE" {
			return len(body.RRsets), "Changetype not understood"
		}
		if said := unfit(id, s, next); said != "" {
			return len(body.RRsets), said
		}
	}
	z.sets = next
	return len(body.RRsets), ""
}

// unfit is why a set is not stored beside the others.
func unfit(id string, s RRset, all map[[2]string]RRset) string {
	if s.Name != id && !strings.HasSuffix(s.Name, "."+id) {
		return fmt.Sprintf("RRset %s IN %s: Name is out of zone", s.Name, s.Type)
	}
	var values []string
	for _, v := range s.Records {
		a, err := netip.ParseAddr(v.Content)
		if s.Type == "A" && (err != nil || !a.Is4()) || s.Type == "AAAA" && (err != nil || !a.Is6()) {
			return fmt.Sprintf("Record %s/%s '%s': Parsing record content (try 'pdnsutil check-zone'): unable to parse IP address", s.Name, s.Type, v.Content)
		}
		if s.Type == "TXT" && !strings.HasPrefix(v.Content, `"`) {
			return fmt.Sprintf("Record %s/%s '%s': Parsing record content (try 'pdnsutil check-zone'): Data field in DNS should start with quote (\") at position 0 of '%s'", s.Name, s.Type, v.Content, v.Content)
		}
		if slices.Contains(values, v.Content) {
			return fmt.Sprintf("Duplicate record in RRset %s IN %s with content \"%s\"", s.Name, s.Type, v.Content)
		}
		values = append(values, v.Content)
	}
	for k, o := range all {
		if k[0] == s.Name && k[1] != s.Type && len(o.Records) > 0 && (k[1] == "CNAME" || s.Type == "CNAME") {
			return fmt.Sprintf("RRset %s IN %s: Conflicts with pre-existing RRset", s.Name, s.Type)
		}
	}
	return ""
}
