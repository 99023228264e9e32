package azuretest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// one reads or changes a set.
func (s *Server) one(w http.ResponseWriter, r *http.Request, z *zone, k key) (int, any) {
	here, there := z.sets[k]
	if r.Method == http.MethodGet {
		if !there {
			return failure(http.StatusNotFound, "NotFound", "The resource record '%s' does not exist in resource group '%s' of subscription '%s'.", k.name, z.group, Subscription)
		}
		return http.StatusOK, z.set(k)
	}
	if s.tooMany(w) {
		return managed(http.StatusTooManyRequests, "SubscriptionRequestsThrottled", "Number of requests for subscription '%s' exceeded the limit.", Subscription)
	}
	match, none := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
	switch {
	case none == "*" && there, match != "" && match != "*" && (!there || match != here.Etag), match == "*" && !there:
		return failure(http.StatusPreconditionFailed, "PreconditionFailed", "The condition '%s' in the If-Match header was not satisfied.", match+none)
	case r.Method == http.MethodDelete && there:
		delete(z.sets, k)
		return http.StatusOK, nil
	case r.Method == http.MethodDelete:
		return http.StatusNoContent, nil
	case r.Method != http.MethodPut:
		return managed(http.StatusMethodNotAllowed, "MethodNotAllowed", "no such call")
	}
	var body Set
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return failure(http.StatusBadRequest, "BadRequest", "The request body is not as it must be: %s", err)
	}
	if said := s.unfit(z, k, &body.Properties); said != "" {
		status, code := http.StatusBadRequest, "BadRequest"
		if strings.Contains(said, "CNAME") {
			status, code = http.StatusConflict, "Conflict"
		}
		return failure(status, code, "%s", said)
	}
	s.etags++
	body.Etag = etag(s.etags)
	z.sets[k] = body
	if there {
		return http.StatusOK, z.set(k)
	}
	return http.StatusCreated, z.set(k)
}

// tooMany counts a change, or says that there were too many within an hour.
func (s *Server) tooMany(w http.ResponseWriter) bool {
	if s.state.Writes == 0 {
		return false
	}
	for len(s.writes) > 0 && time.Since(s.writes[0]) >= time.Hour {
		s.writes = s.writes[1:]
	}
	if len(s.writes) >= s.state.Writes {
		w.Header().Set("Retry-After", strconv.Itoa(int((time.Hour-time.Since(s.writes[0]))/time.Second)+1))
		return true
	}
	s.writes = append(s.writes, time.Now())
	w.Header().Set("x-ms-ratelimit-remaining-subscription-writes", strconv.Itoa(s.state.Writes-len(s.writes)))
	return false
}

// unfit is why a set is not stored.
func (s *Server) unfit(z *zone, k key, p *Properties) string {
	held := map[string]int{"A": len(p.A), "AAAA": len(p.AAAA), "NS": len(p.NS), "TXT": len(p.TXT), "CNAME": 0}
	if p.CNAME != nil {
		held["CNAME"] = 1
	}
	n, known := held[k.kind]
	total := 0
	for _, m := range held {
		total += m
	}
	switch {
	case !known, total != n:
		return "The record type is not that of the records."
	case p.TTL < 1 || p.TTL > 1<<31-1:
		return "The TTL must be between 1 and 2147483647."
	case n > s.state.Values:
		return "There are too many records in the record set."
	}
	seen := map[string]bool{}
	for _, v := range slices.Concat(addresses(p.A), addresses(p.AAAA)) {
		a, err := netip.ParseAddr(v)
		if err != nil || a.Is4() != (k.kind == "A") || seen[v] {
			return "The address '" + v + "' is invalid."
		}
		seen[v] = true
	}
	for _, t := range p.TXT {
		if len(t.Strings) == 0 || len(strings.Join(t.Strings, "")) > 4096 || slices.ContainsFunc(t.Strings, func(v string) bool { return len(v) > 255 }) {
			return "The text is invalid."
		}
	}
	size := 0
	for name, v := range p.Metadata {
		if len(bytes.Runes([]byte(v))) > 256 {
			return "The metadata is too long."
		}
		size += len(name)
	}
	if len(p.Metadata) > 10 || size > 1024 {
		return "There is too much metadata."
	}
	for o := range z.sets {
		if o.name == k.name && o.kind != k.kind && (o.kind == "CNAME" || k.kind == "CNAME") {
			return "The record could not be created because a CNAME record with the same name already exists in this zone."
		}
	}
	return ""
}

func addresses[R A | AAAA](records []R) (all []string) {
	for _, r := range records {
		switch r := any(r).(type) {
		case A:
			all = append(all, r.Address)
		case AAAA:
			all = append(all, r.Address)
		}
	}
	return all
}
