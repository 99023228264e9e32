package digitaloceantest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

func (s *Server) one(w http.ResponseWriter, r *http.Request, domain, id string) {
	n, _ := strconv.ParseInt(id, 10, 64)
	at := slices.IndexFunc(s.domains[domain], func(r Record) bool { return r.ID == n })
	switch {
	case at < 0:
		refuse(w, http.StatusNotFound, "not_found", "The resource you were accessing could not be found.")
	case r.Method == http.MethodGet:
		reply(w, http.StatusOK, map[string]any{"domain_record": s.domains[domain][at]})
	case r.Method == http.MethodDelete:
		s.domains[domain] = slices.Delete(s.domains[domain], at, at+1)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut || r.Method == http.MethodPatch:
		s.write(w, r, domain, &s.domains[domain][at])
	default:
		refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "This method is not allowed.")
	}
}

// write makes a record, or changes one.
func (s *Server) write(w http.ResponseWriter, r *http.Request, domain string, old *Record) {
	to := Record{TTL: 1800}
	if old != nil {
		to = *old
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&to); err != nil {
		refuse(w, http.StatusBadRequest, "bad_request", err.Error())
		return
	}
	if old != nil {
		to.ID = old.ID
	}
	to.Name = strings.ToLower(to.Name)
	if why := s.wrong(domain, to); why != "" {
		refuse(w, http.StatusUnprocessableEntity, "unprocessable_entity", why)
		return
	}
	if to.Type == "CNAME" || to.Type == "NS" {
		to.Data = strings.TrimSuffix(to.Data, ".")
	}
	status := http.StatusOK
	if old == nil {
		status = http.StatusCreated
		to.ID = s.put(domain, to)
	} else {
		*old = to
	}
	reply(w, status, map[string]any{"domain_record": to})
}

// wrong is why a record is not stored.
func (s *Server) wrong(domain string, to Record) string {
	a, err := netip.ParseAddr(to.Data)
	switch {
	case to.Name == "" || strings.HasSuffix(to.Name, "."+domain):
		return "Name needs to be relative to the domain"
	case to.TTL < 30:
		return "TTL must be greater than or equal to 30"
	case to.Type == "A" && (err != nil || !a.Is4()):
		return "Data needs to end up being an IP address (IPv4)"
	case to.Type == "AAAA" && (err != nil || !a.Is6()):
		return "Data needs to end up being an IP address (IPv6)"
	case to.Type == "TXT" && len(to.Data) > 512:
		return "Data is too long (maximum is 512 characters)"
	case !slices.Contains([]string{"A", "AAAA", "CNAME", "NS", "TXT"}, to.Type):
		return fmt.Sprintf("Type %s is not included in the list", to.Type)
	case to.Type == "CNAME" && !strings.HasSuffix(to.Data, ".") && to.Data != "@":
		return "Data needs to end with a dot (.)"
	}
	for _, o := range s.domains[domain] {
		if o.Name == to.Name && o.ID != to.ID && (o.Type == "CNAME" || to.Type == "CNAME") {
			return "CNAME records cannot share a name with other records"
		}
	}
	return ""
}
