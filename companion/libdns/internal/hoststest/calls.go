package hoststest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
)

// The hosts whose API is one address that takes a command.

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
