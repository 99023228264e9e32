package powerdns

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const theKey = "canary-key"

// fake is the API of PowerDNS 4.7.3 as it was measured: it refuses what that
// refuses, and beyond that fields, paths and parameters that it does not know.
type fake struct {
	mu    sync.Mutex
	zones map[string]*fakeZone // by id
	calls []call
	fault string // "", "lose", "down", "hang", "ignore"
	after func() // once, when the zone was read
}

// call is a read of a whole zone, or a PATCH of so many sets.
type call struct{ sets int }

type fakeZone struct {
	kind, soaEditAPI string
	sets             map[[2]string]rrset // by name and type
}

// front is the API with its faults, and back the way in for the test.
func newFake(t *testing.T, zones ...string) (f *fake, front, back string) {
	f = &fake{zones: map[string]*fakeZone{}}
	for _, z := range zones {
		f.zones[z] = &fakeZone{kind: "Native", soaEditAPI: "DEFAULT", sets: map[[2]string]rrset{{z, "NS"}: {Name: z, Type: "NS", TTL: 3600, Records: []value{{Content: "ns1.example.net."}}}}}
	}
	a, b := httptest.NewServer(http.HandlerFunc(f.faulty)), httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(a.Close)
	t.Cleanup(b.Close)
	return f, a.URL, b.URL
}

func (f *fake) set(fault string) { f.mu.Lock(); defer f.mu.Unlock(); f.fault = fault }

// seen is the calls since it was asked last.
func (f *fake) seen() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

func (f *fake) faulty(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fault, after := f.fault, f.after
	f.mu.Unlock()
	write := r.Method != http.MethodGet
	switch {
	case fault == "down":
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case fault == "hang":
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	case fault == "lose" && write:
		f.serve(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case fault == "ignore" && write:
		w.WriteHeader(http.StatusNoContent)
	default:
		f.serve(w, r)
		whole := !write && strings.HasSuffix(r.URL.Path, ".") && r.URL.RawQuery == ""
		if whole && after != nil {
			f.mu.Lock()
			f.after = nil
			f.mu.Unlock()
			after()
		}
		if whole {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.calls = append(f.calls, call{})
		}
	}
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, known := strings.CutPrefix(r.URL.Path, "/api/v1/servers/localhost/zones")
	z := f.zones[strings.TrimPrefix(path, "/")]
	switch {
	case r.Header.Get("X-API-Key") != theKey:
		bare(w, http.StatusUnauthorized)
	case known && path == "" && r.Method == http.MethodGet:
		f.list(w, r.URL.Query().Get("zone"))
	case !known || z == nil:
		bare(w, http.StatusNotFound)
	case r.Method == http.MethodGet:
		z.show(w, strings.TrimPrefix(path, "/"), r)
	case r.Method == http.MethodPatch:
		n, said := z.patch(strings.TrimPrefix(path, "/"), r)
		f.calls = append(f.calls, call{n})
		if said != "" {
			reply(w, http.StatusUnprocessableEntity, map[string]string{"error": said})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		bare(w, http.StatusMethodNotAllowed)
	}
}

func bare(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprint(w, http.StatusText(status))
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (f *fake) list(w http.ResponseWriter, only string) {
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

func (z *fakeZone) show(w http.ResponseWriter, id string, r *http.Request) {
	all := map[string]any{"account": "", "dnssec": false, "id": id, "kind": z.kind, "name": id, "serial": 1, "soa_edit_api": z.soaEditAPI}
	only := r.URL.Query().Get("rrset_name")
	switch {
	case r.URL.RawQuery == "rrsets=false":
	case r.URL.RawQuery == "" || only != "":
		sets := []rrset{}
		for _, s := range z.sets {
			if only != "" {
				if s.Name != only {
					continue
				}
				s.Records = slices.DeleteFunc(slices.Clone(s.Records), func(v value) bool { return v.Disabled })
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
func (z *fakeZone) patch(id string, r *http.Request) (sets int, refused string) {
	var body struct {
		RRsets []struct {
			rrset
			Kind     string     `json:"changetype"`
			Comments *[]comment `json:"comments"`
		} `json:"rrsets"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return 0, err.Error()
	}
	next, done := map[[2]string]rrset{}, map[[2]string]bool{}
	for k, s := range z.sets {
		next[k] = s
	}
	for _, c := range body.RRsets {
		k := [2]string{c.Name, c.Type}
		s := rrset{Name: c.Name, Type: c.Type, TTL: c.TTL, Records: c.Records, Comments: next[k].Comments}
		if c.Comments != nil {
			s.Comments = *c.Comments
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
func unfit(id string, s rrset, all map[[2]string]rrset) string {
	if s.Name != id && !strings.HasSuffix(s.Name, "."+id) {
		return fmt.Sprintf("RRset %s IN %s: Name is out of zone", s.Name, s.Type)
	}
	var values []string
	for _, v := range s.Records {
		a, err := netip.ParseAddr(v.Content)
		if s.Type == "A" && (err != nil || !a.Is4()) || s.Type == "AAAA" && (err != nil || !a.Is6()) {
			return fmt.Sprintf("Record %s/%s '%s': Parsing record content (try 'pdnsutil check-zone'): unable to parse IP address", s.Name, s.Type, v.Content)
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
