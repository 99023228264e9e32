// Package hoststest stands for the DNS hosts, at the wire, in tests.
package hoststest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// World stands for the six hosts: one zone, example.org, behind the API of each. They
// are written from the descriptions of the hosts, and refuse what is not in them:
//
//	OVH       https://api.ovh.com/console/ (/domain/zone)
//	ClouDNS   https://www.cloudns.net/wiki/article/41/
//	IONOS     https://developer.hosting.ionos.com/docs/dns
//	GoDaddy   https://developer.godaddy.com/doc/endpoint/domains
//	NameSilo  https://www.namesilo.com/api-reference (DNS)
//	netcup    https://ccp.netcup.net/run/webservice/servers/endpoint.php
type World struct {
	mu      sync.Mutex // of ServeHTTP alone
	Records []Record
	last    int
	Calls   int
	Writes  int
	Fault   func(w *World, r *http.Request) (*http.Response, error) // nil, nil: goes on
	Lose    bool                                                    // the answer to a write
}

// Record is one that is stored.
type Record struct {
	id         int
	Host, Kind string // host: relative, "" for the zone itself
	Data       string
	TTL        int
}

// Zone is the only one.
const Zone = "example.org"

// New is one with the NS record of its zone.
func New() *World {
	w := &World{}
	w.Put(Record{Kind: "NS", Data: "ns1.example.net", TTL: 3600})
	return w
}

// Put stores a record.
func (w *World) Put(h Record) int {
	w.last++
	h.id = w.last
	w.Records = append(w.Records, h)
	w.Writes++
	return h.id
}

func (w *World) drop(gone func(Record) bool) (any bool) {
	n := len(w.Records)
	w.Records = slices.DeleteFunc(w.Records, gone)
	w.Writes++
	return len(w.Records) < n
}

// Stored is what stands at a host and type.
func (w *World) Stored(host, kind string) (all []string) {
	for _, h := range w.Records {
		if h.Host == host && h.Kind == kind {
			all = append(all, fmt.Sprintf("%s %d", h.Data, h.TTL))
		}
	}
	slices.Sort(all)
	return all
}

// RoundTrip answers as the host that is asked.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	w.Calls++
	if r.Body == nil {
		r.Body = http.NoBody
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if w.Fault != nil {
		if resp, err := w.Fault(w, r); resp != nil || err != nil {
			return resp, err
		}
	}
	before := w.Writes
	rec := httptest.NewRecorder()
	switch r.URL.Hostname() {
	case "eu.api.ovh.com":
		w.ovh(rec, r, body)
	case "api.cloudns.net":
		w.cloudns(rec, r)
	case "api.hosting.ionos.com":
		w.ionos(rec, r, body)
	case "api.godaddy.com":
		w.godaddy(rec, r, body)
	case "www.namesilo.com":
		w.namesilo(rec, r)
	case "ccp.netcup.net":
		w.netcup(rec, body)
	default:
		return nil, fmt.Errorf("there is no host %s", r.URL.Hostname())
	}
	if w.Lose && w.Writes > before {
		return nil, errors.New("the connection was reset")
	}
	return rec.Result(), nil
}

func answer(rec *httptest.ResponseRecorder, v any) {
	if err := json.NewEncoder(rec).Encode(v); err != nil {
		panic(err)
	}
}

// strictly reads JSON without fields that there are not.
func strictly(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

type object = map[string]any

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

func (w *World) cloudns(rec *httptest.ResponseRecorder, r *http.Request) {
	said := func(ok bool, text string) {
		answer(rec, object{"status": map[bool]string{true: "Success", false: "Failed"}[ok], "statusDescription": text})
	}
	if r.Method != "POST" || r.ParseForm() != nil || r.Form.Get("auth-id") != SecretOf("CLOUDNS_AUTH_ID") || r.Form.Get("auth-password") != SecretOf("CLOUDNS_AUTH_PASSWORD") {
		said(false, "Invalid authentication, incorrect auth-id or auth-password.")
		return
	}
	method := strings.TrimPrefix(r.URL.Path, "/dns/")
	if method == "list-zones.json" {
		answer(rec, []object{{"name": Zone, "type": "master", "zone": "domain", "status": "1"}})
		return
	}
	if r.Form.Get("domain-name") != Zone {
		said(false, "Missing domain-name")
		return
	}
	ttl, _ := strconv.Atoi(r.Form.Get("ttl"))
	id, _ := strconv.Atoi(r.Form.Get("record-id"))
	i := slices.IndexFunc(w.Records, func(h Record) bool { return h.id == id })
	allowed := slices.Contains([]int{60, 300, 900, 1800, 3600, 21600, 43200, 86400, 172800, 259200, 604800, 1209600, 2592000}, ttl)
	switch {
	case method == "records.json":
		all := object{}
		for _, h := range w.Records {
			all[strconv.Itoa(h.id)] = object{"id": strconv.Itoa(h.id), "type": h.Kind, "host": h.Host, "record": h.Data, "ttl": strconv.Itoa(h.TTL), "failover": "0", "status": 1}
		}
		answer(rec, all)
	case method == "add-record.json" && allowed:
		w.Put(Record{0, r.Form.Get("host"), r.Form.Get("record-type"), r.Form.Get("record"), ttl})
		said(true, "The record was added successfully.")
	case method == "mod-record.json" && allowed && i >= 0:
		w.Records[i].Host, w.Records[i].Data, w.Records[i].TTL = r.Form.Get("host"), r.Form.Get("record"), ttl
		w.Writes++
		said(true, "The record was modified successfully.")
	case method == "delete-record.json" && i >= 0:
		w.drop(func(h Record) bool { return h.id == id })
		said(true, "The record was deleted successfully.")
	default:
		said(false, "Invalid request")
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

func (w *World) namesilo(rec *httptest.ResponseRecorder, r *http.Request) {
	q := r.URL.Query()
	reply := func(code int, detail string, more object) {
		o := object{"code": code, "detail": detail}
		for k, v := range more {
			o[k] = v
		}
		answer(rec, object{"request": object{"operation": r.URL.Path, "ip": "192.0.2.77"}, "reply": o})
	}
	ttl, _ := strconv.Atoi(q.Get("rrttl"))
	id, _ := strconv.Atoi(q.Get("rrid"))
	i := slices.IndexFunc(w.Records, func(h Record) bool { return h.id == id })
	switch op := strings.TrimPrefix(r.URL.Path, "/api/"); {
	case q.Get("version") != "1" || q.Get("type") != "json" || q.Get("key") != SecretOf("NAMESILO_API_TOKEN"):
		reply(110, "Invalid API Key", nil)
	case q.Get("domain") != Zone:
		reply(200, "Domain is not active, or does not belong to this user", nil)
	case op == "dnsListRecords":
		all := []object{}
		for _, h := range w.Records {
			if h.Kind != "NS" {
				all = append(all, object{"record_id": strconv.Itoa(h.id), "type": h.Kind, "host": strings.TrimPrefix(h.Host+"."+Zone, "."), "value": h.Data, "ttl": strconv.Itoa(h.TTL), "distance": 0})
			}
		}
		reply(300, "success", object{"resource_record": all})
	case op == "dnsAddRecord" && ttl >= 3600:
		reply(300, "success", object{"record_id": w.Put(Record{0, q.Get("rrhost"), q.Get("rrtype"), q.Get("rrvalue"), ttl})})
	case op == "dnsUpdateRecord" && i >= 0 && ttl >= 3600:
		w.Records[i].Host, w.Records[i].Data, w.Records[i].TTL = q.Get("rrhost"), q.Get("rrvalue"), ttl
		w.Writes++
		reply(300, "success", nil)
	case op == "dnsDeleteRecord" && i >= 0:
		w.drop(func(h Record) bool { return h.id == id })
		reply(300, "success", nil)
	default:
		reply(280, "DNS modification error", nil)
	}
}

func (w *World) netcup(rec *httptest.ResponseRecorder, body []byte) {
	type row struct {
		ID           string `json:"id"`
		Hostname     string `json:"hostname"`
		Type         string `json:"type"`
		Priority     string `json:"priority"`
		Destination  string `json:"destination"`
		DeleteRecord bool   `json:"deleterecord"`
	}
	var q struct {
		Action string
		Param  struct {
			DomainName, CustomerNumber, APIKey, APIPassword, APISessionID string
			DNSRecordSet                                                  struct{ DNSRecords []row }
		}
	}
	reply := func(ok bool, text string, data any) {
		answer(rec, object{"action": q.Action, "status": map[bool]string{true: "success", false: "error"}[ok], "shortmessage": text, "longmessage": "", "responsedata": data})
	}
	list := func() object {
		all := []row{}
		for _, h := range w.Records {
			if h.Kind != "NS" {
				all = append(all, row{strconv.Itoa(h.id), at(h.Host), h.Kind, "0", h.Data, false})
			}
		}
		return object{"dnsrecords": all}
	}
	p := &q.Param
	switch err := strictly(body, &q); {
	case err != nil:
		reply(false, "Malformed request: "+err.Error(), "")
	case p.CustomerNumber != SecretOf("NETCUP_CUSTOMER_NUMBER") || p.APIKey != SecretOf("NETCUP_API_KEY"):
		reply(false, "Validation Error.", "")
	case q.Action == "login" && p.APIPassword == SecretOf("NETCUP_API_PASSWORD"):
		reply(true, "Login successful", object{"apisessionid": "session"})
	case p.APISessionID != "session":
		reply(false, "The session id is not in a valid format.", "")
	case q.Action == "logout":
		reply(true, "Logout successful", "")
	case p.DomainName != Zone:
		reply(false, "Domain not found", "")
	case q.Action == "infoDnsZone":
		reply(true, "DNS zone found", object{"name": Zone, "ttl": "86400", "serial": "1"})
	case q.Action == "infoDnsRecords":
		reply(true, "DNS records found", list())
	case q.Action == "updateDnsRecords":
		for _, r := range p.DNSRecordSet.DNSRecords {
			id, _ := strconv.Atoi(r.ID)
			i := slices.IndexFunc(w.Records, func(h Record) bool { return h.id == id })
			switch h := (Record{id, strings.TrimPrefix(r.Hostname, "@"), r.Type, r.Destination, 0}); {
			case r.DeleteRecord:
				w.drop(func(h Record) bool { return h.id == id })
			case i >= 0:
				w.Records[i] = h
				w.Writes++
			default:
				w.Put(h)
			}
		}
		reply(true, "DNS records successful updated", list())
	default:
		reply(false, "Unknown action", "")
	}
}

func at(host string) string {
	if host == "" {
		return "@"
	}
	return host
}

// SecretOf is the value of a variable in the tests; it has letters that are written
// otherwise in an address.
func SecretOf(name string) string {
	if name == "OVH_ENDPOINT" {
		return "ovh-eu"
	}
	return "canary+/" + url.PathEscape(strings.ToLower(name))
}

// ServeHTTP answers as OVH, whose library can be pointed elsewhere.
func (w *World) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r.URL.Host = "eu.api.ovh.com"
	resp, err := w.RoundTrip(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	rw.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(rw, resp.Body)
}
