// Package route53test is the API of Amazon Route 53 as its reference describes it
// (version 2013-04-01, read 2026-11), for tests and for the demo: hosted zones,
// RRsets in pages, change batches with their limits, PENDING and INSYNC, and
// Signature Version 4. It refuses elements, paths and parameters that it does not
// know. The official SDK is held against it in tools/sdk/route53.
package route53test

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server is an AWS account. What is exported is set before it is asked.
type Server struct {
	KeyID, Secret, Token string
	Region               string // that requests are signed for; empty: us-east-1
	Rate                 int    // calls a second that are taken; 0: any number

	mu      sync.Mutex
	zones   []*zone
	changes map[string]bool // by id: all name servers have it
	calls   []string
	times   []time.Time
	fault   Fault
	denied  string // a right
	busy    int    // batches that are still refused
	expired bool
	after   func()
}

// Fault is how a Server fails.
type Fault uint8

// None is the lack of one. Of Lose the answer to a write is lost.
const (
	None Fault = iota
	Lose
	Down
	Hang
)

type zone struct {
	id, name string
	private  bool
	sets     []Set // in the order of the API
}

// Set is an RRset. One with a field beyond Values is more than that.
type Set struct {
	Name, Type string // with the dot at the end
	TTL        int
	Values     []string

	Alias       string // the name it leads to; then there are no values and no TTL
	ID          string // of one of several sets of a name and type
	Weight      int
	Region      string
	Failover    string
	Country     string
	MultiValue  bool
	HealthCheck string
}

func (s *Set) policy() bool {
	return s.Alias != "" || s.ID != "" || s.HealthCheck != ""
}

// New is a server that takes this key, without zones.
func New(keyID, secret string) *Server {
	return &Server{KeyID: keyID, Secret: secret, changes: map[string]bool{}}
}

// Add makes a zone with the sets at its apex that each has.
func (f *Server) Add(id, name string, private bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	z := &zone{id: id, name: name, private: private}
	z.put(Set{Name: name, Type: "NS", TTL: 172800, Values: []string{"ns-1.awsdns-00.com.", "ns-513.awsdns-00.net."}})
	z.put(Set{Name: name, Type: "SOA", TTL: 900, Values: []string{"ns-1.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}})
	f.zones = append(f.zones, z)
}

// Put stores a set as it is given; one with no value and no alias is gone.
func (f *Server) Put(id string, s Set) {
	f.mu.Lock()
	defer f.mu.Unlock()
	z := f.zone(id)
	z.remove(s)
	if len(s.Values) > 0 || s.Alias != "" {
		z.put(s)
	}
}

// Sets is what a zone holds at a name.
func (f *Server) Sets(id, name string) (all []Set) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.zone(id).sets {
		if s.Name == name {
			all = append(all, s)
		}
	}
	return all
}

// Fail makes calls fail from now on.
func (f *Server) Fail(fault Fault) { f.set(func() { f.fault = fault }) }

// Deny takes a right away from the key: "route53:ListHostedZones".
func (f *Server) Deny(right string) { f.set(func() { f.denied = right }) }

// Busy refuses so many batches because an earlier one is not complete.
func (f *Server) Busy(batches int) { f.set(func() { f.busy = batches }) }

// Expire ends the session of the key.
func (f *Server) Expire() { f.set(func() { f.expired = true }) }

// After has then run once, when sets were read.
func (f *Server) After(then func()) { f.set(func() { f.after = then }) }

// Sync has all name servers answer with what was changed.
func (f *Server) Sync() {
	f.set(func() {
		for id := range f.changes {
			f.changes[id] = true
		}
	})
}

func (f *Server) set(how func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	how()
}

// Calls is the rights that calls needed since it was asked last.
func (f *Server) Calls() (calls []string) {
	f.set(func() { calls, f.calls = f.calls, nil })
	return calls
}

func (f *Server) zone(id string) *zone {
	for _, z := range f.zones {
		if z.id == id {
			return z
		}
	}
	return nil
}

func (z *zone) find(s Set) int {
	return slices.IndexFunc(z.sets, func(o Set) bool { return o.Name == s.Name && o.Type == s.Type && o.ID == s.ID })
}

func (z *zone) remove(s Set) {
	if i := z.find(s); i >= 0 {
		z.sets = slices.Delete(z.sets, i, i+1)
	}
}

func (z *zone) put(s Set) {
	i, _ := slices.BinarySearchFunc(z.sets, s, func(a, b Set) int { return a.compare(b.Name, b.Type, b.ID) })
	z.sets = slices.Insert(z.sets, i, s)
}

// compare is the order of the API: by names with their labels reversed, types, and
// identifiers.
func (s Set) compare(name, kind, id string) int {
	return cmp.Or(cmp.Compare(reversed(s.Name), reversed(name)), cmp.Compare(s.Type, kind), cmp.Compare(s.ID, id))
}

func reversed(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// ServeHTTP answers with the faults there are.
func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fault := f.fault
	f.mu.Unlock()
	switch {
	case fault == Down:
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
	case fault == Hang:
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	case fault == Lose && r.Method != http.MethodGet:
		f.serve(nowhere{http.Header{}}, r)
		panic(http.ErrAbortHandler)
	default:
		f.serve(w, r)
	}
}

// nowhere is where an answer is lost.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

// serve answers as a server that works.
func (f *Server) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	a := f.answer(r)
	after := f.after
	read := strings.HasPrefix(a.body, "<ListResourceRecordSetsResponse")
	if read {
		f.after = nil
	}
	f.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", "0a1b2c3d")
	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + a.body))
	if read && after != nil {
		after()
	}
}

type answer struct {
	status int
	body   string
}

// answer is what a request comes to.
func (f *Server) answer(r *http.Request) answer {
	body, bad := f.admit(r)
	if bad.status != 0 {
		return bad
	}
	path, known := strings.CutPrefix(r.URL.Path, "/2013-04-01/")
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	right, handle := "", (func() answer)(nil)
	switch shape := r.Method + " " + parts[0] + " " + strconv.Itoa(len(parts)); {
	case !known:
	case shape == "GET hostedzone 1":
		right, handle = "ListHostedZones", func() answer { return f.listZones(r.URL.Query()) }
	case shape == "GET hostedzone 2":
		right, handle = "GetHostedZone", func() answer { return f.getZone(parts[1]) }
	case shape == "GET change 2":
		right, handle = "GetChange", func() answer { return f.getChange(parts[1]) }
	case shape == "GET hostedzone 3" && parts[2] == "rrset":
		right, handle = "ListResourceRecordSets", func() answer { return f.listSets(parts[1], r.URL.Query()) }
	case shape == "POST hostedzone 3" && parts[2] == "rrset":
		right, handle = "ChangeResourceRecordSets", func() answer { return f.change(parts[1], body) }
	}
	if handle == nil {
		return refuse(http.StatusNotFound, "UnknownOperationException", "")
	}
	f.calls = append(f.calls, right)
	if f.denied == "route53:"+right {
		resource := ""
		if len(parts) > 1 {
			resource = " on resource: arn:aws:route53:::" + parts[0] + "/" + parts[1]
		}
		return refuse(http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::123456789012:user/homing is not authorized to perform: "+f.denied+resource+
			" because no identity-based policy allows the "+f.denied+" action")
	}
	return handle()
}

// refuse is a refusal in the usual form.
func refuse(status int, code, message string) answer {
	return answer{status, "<ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Error><Type>Sender</Type>" + tag("Code", code) + tag("Message", message) +
		"</Error><RequestId>0a1b2c3d</RequestId></ErrorResponse>"}
}
