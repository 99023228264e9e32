package hoststest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
)

// The hosts whose API has a path for each thing.

func (w *World) ovh(rec *httptest.ResponseRecorder, r *http.Request, body []byte) {
	path := strings.TrimPrefix(r.URL.Path, "/1.0")
	if path == "/auth/time" {
		answer(rec, 1_760_000_000)
		return
	}
	if r.Header.Get("X-Ovh-Application") != SecretOf("OVH_APPLICATION_KEY") || r.Header.Get("X-Ovh-Consumer") != SecretOf("OVH_CONSUMER_KEY") || !strings.HasPrefix(r.Header.Get("X-Ovh-Signature"), "$1$") {
		rec.WriteHeader(403)
		answer(rec, object{"message": "This credential is not valid", "errorCode": "INVALID_CREDENTIAL"})
		return
	}
	rest, ok := strings.CutPrefix(path, "/domain/zone/"+Zone+"/")
	switch {
	case !ok:
		rec.WriteHeader(404)
		answer(rec, object{"message": "This service does not exist"})
	case rest == "refresh" && r.Method == "POST":
	case rest == "record" && r.Method == "GET":
		ids := []int{}
		for _, h := range w.Records {
			q := r.URL.Query()
			if (!q.Has("fieldType") || q.Get("fieldType") == h.Kind) && (!q.Has("subDomain") || q.Get("subDomain") == h.Host) {
				ids = append(ids, h.id)
			}
		}
		answer(rec, ids)
	case rest == "record" && r.Method == "POST":
		var q struct {
			FieldType, SubDomain, Target string
			TTL                          int
		}
		if strictly(body, &q) != nil || q.TTL < 60 {
			rec.WriteHeader(400)
			return
		}
		id := w.Put(Record{0, q.SubDomain, q.FieldType, q.Target, q.TTL})
		answer(rec, object{"id": id, "zone": Zone, "fieldType": q.FieldType, "subDomain": q.SubDomain, "target": q.Target, "ttl": q.TTL})
	default:
		id, err := strconv.Atoi(strings.TrimPrefix(rest, "record/"))
		i := slices.IndexFunc(w.Records, func(h Record) bool { return h.id == id })
		switch {
		case err != nil || i < 0:
			rec.WriteHeader(404)
		case r.Method == "GET":
			h := w.Records[i]
			answer(rec, object{"id": h.id, "zone": Zone, "fieldType": h.Kind, "subDomain": h.Host, "target": h.Data, "ttl": h.TTL})
		case r.Method == "DELETE":
			w.drop(func(h Record) bool { return h.id == id })
		default:
			rec.WriteHeader(405)
		}
	}
}

func (w *World) ionos(rec *httptest.ResponseRecorder, r *http.Request, body []byte) {
	type sent struct {
		Name, Type, Content string
		TTL, Prio           int
		Disabled            bool
	}
	whole := func(h Record) object {
		name := strings.TrimPrefix(h.Host+"."+Zone, ".")
		return object{"id": strconv.Itoa(h.id), "name": name, "rootName": Zone, "type": h.Kind, "content": h.Data, "ttl": h.TTL, "disabled": false, "changeDate": "2026-11-01T00:00:00.000Z"}
	}
	host := func(name string) string {
		return strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "."), Zone), ".")
	}
	path := strings.TrimPrefix(r.URL.Path, "/dns/v1")
	id, _ := strconv.Atoi(path[strings.LastIndexByte(path, '/')+1:])
	i := slices.IndexFunc(w.Records, func(h Record) bool { return h.id == id })
	switch {
	case r.Header.Get("X-API-Key") != SecretOf("IONOS_AUTH_API_TOKEN"):
		rec.WriteHeader(401)
	case path == "/zones" && r.Method == "GET":
		answer(rec, []object{{"name": Zone, "id": "z1", "type": "NATIVE"}})
	case path == "/zones/z1" && r.Method == "GET":
		q, all := r.URL.Query(), []object{}
		for _, h := range w.Records {
			if (!q.Has("recordType") || q.Get("recordType") == h.Kind) && (!q.Has("recordName") || host(q.Get("recordName")) == h.Host) {
				all = append(all, whole(h))
			}
		}
		answer(rec, object{"id": "z1", "name": Zone, "type": "NATIVE", "records": all})
	case path == "/zones/z1/records" && r.Method == "POST":
		var q []sent
		if strictly(body, &q) != nil || slices.ContainsFunc(q, func(s sent) bool { return s.TTL < 60 }) {
			rec.WriteHeader(400)
			return
		}
		all := []object{}
		for _, s := range q {
			h := Record{0, host(s.Name), s.Type, s.Content, s.TTL}
			h.id = w.Put(h)
			all = append(all, whole(h))
		}
		rec.WriteHeader(201)
		answer(rec, all)
	case i >= 0 && strings.HasPrefix(path, "/zones/z1/records/") && r.Method == "PUT":
		var q sent
		if strictly(body, &q) != nil {
			rec.WriteHeader(400)
			return
		}
		w.Records[i].Data, w.Records[i].TTL = q.Content, q.TTL
		w.Writes++
		answer(rec, whole(w.Records[i]))
	case i >= 0 && strings.HasPrefix(path, "/zones/z1/records/") && r.Method == "DELETE":
		w.drop(func(h Record) bool { return h.id == id })
	default:
		rec.WriteHeader(404)
	}
}

func (w *World) godaddy(rec *httptest.ResponseRecorder, r *http.Request, body []byte) {
	path, ok := strings.CutPrefix(r.URL.Path, "/v1/domains/"+Zone+"/records")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	name := func(h Record) string {
		if h.Host == "" {
			return "@"
		}
		return h.Host
	}
	of := func(h Record) bool { return len(parts) == 2 && h.Kind == parts[0] && name(h) == parts[1] }
	switch {
	case r.Header.Get("Authorization") != "sso-key "+SecretOf("GODADDY_API_TOKEN"):
		rec.WriteHeader(401)
		answer(rec, object{"code": "UNABLE_TO_AUTHENTICATE", "message": "Could not authenticate API key/secret"})
	case !ok:
		rec.WriteHeader(404)
		answer(rec, object{"code": "UNKNOWN_DOMAIN"})
	case path == "" && r.Method == "GET":
		all := []object{}
		for _, h := range w.Records {
			all = append(all, object{"type": h.Kind, "name": name(h), "data": h.Data, "ttl": h.TTL})
		}
		answer(rec, all)
	case len(parts) == 2 && r.Method == "PUT":
		var q []struct {
			Data string
			TTL  int
		}
		if strictly(body, &q) != nil || slices.ContainsFunc(q, func(s struct {
			Data string
			TTL  int
		}) bool {
			return s.TTL < 600
		}) {
			rec.WriteHeader(422)
			return
		}
		w.drop(of)
		for _, s := range q {
			w.Put(Record{0, strings.TrimPrefix(parts[1], "@"), parts[0], s.Data, s.TTL})
		}
	case len(parts) == 2 && r.Method == "DELETE":
		if !w.drop(of) {
			rec.WriteHeader(404)
			return
		}
		rec.WriteHeader(204)
	default:
		rec.WriteHeader(404)
	}
}
