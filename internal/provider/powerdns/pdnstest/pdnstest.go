// Package pdnstest is the API of a PowerDNS server as 4.7.3 was measured to be,
// for tests. It refuses what that refuses, and beyond that fields, paths and
// parameters that it does not know.
package pdnstest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is one with its zones.
type Server struct {
	Key string // that it takes; set before it is asked
	// Bare says that its backend keeps no comments, as LMDB; set before it is asked.
	Bare bool

	mu    sync.Mutex
	zones map[string]*zone // by id
	calls []Call
	fault Fault
	after func() // once, when a zone was read
}

// Fault is how a Server fails.
type Fault uint8

// None is the lack of one. Of Lose the answer to a write is lost, of Ignore the
// write itself.
const (
	None Fault = iota
	Lose
	Down
	Hang
	Ignore
)

// Call is a read of a whole zone, or a PATCH of so many sets.
type Call struct{ Sets int }

type zone struct {
	kind, soaEditAPI string
	sets             map[[2]string]RRset // by name and type
}

// RRset is one as the API writes it.
type RRset struct {
	Name     string    `json:"name"`
	Type     string    `json:"type"`
	TTL      int       `json:"ttl"`
	Records  []Value   `json:"records"`
	Comments []Comment `json:"comments"`
}

// Value is one of the values of a set.
type Value struct {
	Content  string `json:"content"`
	Disabled bool   `json:"disabled"`
}

// Comment is what somebody wrote about a set.
type Comment struct {
	Content string `json:"content"`
	Account string `json:"account"`
}

// New is a server with these zones, named as the API does ("example.org.").
func New(key string, zones ...string) *Server {
	f := &Server{Key: key, zones: map[string]*zone{}}
	for _, z := range zones {
		f.zones[z] = &zone{kind: "Native", soaEditAPI: "DEFAULT", sets: map[[2]string]RRset{}}
		f.Put(z, RRset{Name: z, Type: "NS", TTL: 3600, Records: []Value{{Content: "ns1.example.net."}}})
	}
	return f
}

// Be makes a zone one of this kind, with this soa_edit_api.
func (f *Server) Be(zone, kind, soaEditAPI string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.zones[zone].kind, f.zones[zone].soaEditAPI = kind, soaEditAPI
}

// Put stores a set as it is given; one without values and comments is gone.
func (f *Server) Put(zone string, s RRset) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := [2]string{s.Name, s.Type}
	if f.zones[zone].sets[k] = s; len(s.Records)+len(s.Comments) == 0 {
		delete(f.zones[zone].sets, k)
	}
}

// Served is what is served at a key, in order.
func (f *Server) Served(zone, name, kind string) (contents []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, v := range f.zones[zone].sets[[2]string{name, kind}].Records {
		if !v.Disabled {
			contents = append(contents, v.Content)
		}
	}
	slices.Sort(contents)
	return contents
}

// After has then run once, when the next read of a zone was answered.
func (f *Server) After(then func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.after = then
}

// Fail makes calls fail from now on.
func (f *Server) Fail(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

// Calls is those since it was asked last.
func (f *Server) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

// ServeHTTP answers with the faults there are.
func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fault, after := f.fault, f.after
	f.mu.Unlock()
	write := r.Method != http.MethodGet
	switch {
	case fault == Down:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case fault == Hang:
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	case fault == Lose && write:
		f.Serve(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case fault == Ignore && write:
		w.WriteHeader(http.StatusNoContent)
	default:
		f.Serve(w, r)
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
			f.calls = append(f.calls, Call{})
		}
	}
}

// Serve answers as a server that works.
func (f *Server) Serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, known := strings.CutPrefix(r.URL.Path, "/api/v1/servers/localhost/zones")
	z := f.zones[strings.TrimPrefix(path, "/")]
	switch {
	case r.Header.Get("X-API-Key") != f.Key:
		bare(w, http.StatusUnauthorized)
	case known && path == "" && r.Method == http.MethodGet:
		f.list(w, r.URL.Query().Get("zone"))
	case !known || z == nil:
		bare(w, http.StatusNotFound)
	case r.Method == http.MethodGet:
		z.show(w, strings.TrimPrefix(path, "/"), r)
	case r.Method == http.MethodPatch:
		n, said := z.patch(strings.TrimPrefix(path, "/"), r, f.Bare)
		f.calls = append(f.calls, Call{n})
		if said != "" {
			reply(w, http.StatusUnprocessableEntity, map[string]string{"error": said})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		bare(w, http.StatusMethodNotAllowed)
	}
}
