package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Call is one call the API received.
type Call struct {
	Time       time.Time
	Method     string
	Path       string
	Query      url.Values
	Route      string // such as ListRecords; empty where there is none
	Zone       string // the name of the zone, where the path names one that exists
	Credential string // the token, or the e-mail address of the key, as it was sent
	Write      bool   // anything but a GET
	Body       []byte
	Status     int // what was answered; 0 as long as nothing was, and for ever when the answer was lost
}

// Calls is the calls received since the start or the last Reset for which all
// of these say yes, in the order in which they came.
func (c *Cloudflare) Calls(which ...func(Call) bool) []Call {
	c.mu.Lock()
	all := make([]Call, len(c.calls))
	for i, call := range c.calls {
		all[i] = *call
	}
	c.mu.Unlock()
	return slices.DeleteFunc(all, func(call Call) bool { return !All(which...)(call) })
}

// Reset forgets the calls. Zones, records, credentials and faults stay.
func (c *Cloudflare) Reset() {
	c.mu.Lock()
	c.calls = nil
	c.mu.Unlock()
}

// IsRead says yes to calls that change nothing.
func IsRead(call Call) bool { return !call.Write }

// IsWrite says yes to calls that change something.
func IsWrite(call Call) bool { return call.Write }

// ToRoute says yes to calls of one route: To(sim.Batch).
func ToRoute(route string) func(Call) bool {
	return func(call Call) bool { return call.Route == route }
}

// InZone says yes to calls that name this zone by its id in their path.
func InZone(name string) func(Call) bool { return func(call Call) bool { return call.Zone == name } }

// All says yes when all of these do; to everything when there are none.
func All(which ...func(Call) bool) func(Call) bool {
	return func(call Call) bool {
		return !slices.ContainsFunc(which, func(f func(Call) bool) bool { return !f(call) })
	}
}

func (c *Cloudflare) recordCall(r *http.Request, body []byte) (call *Call, latency time.Duration) {
	route, args := findRoute(r.Method, r.URL.Path)
	call = &Call{
		Time: time.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Route: route.name,
		Credential: r.Header.Get("X-Auth-Email"), Write: r.Method != http.MethodGet, Body: body,
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		call.Credential = token
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if z := c.zoneByID(args["zone"]); z != nil {
		call.Zone = z.Name
	}
	c.calls = append(c.calls, call)
	if call.Write {
		return call, c.options.WriteLatency
	}
	return call, c.options.ReadLatency
}

func (c *Cloudflare) setStatus(call *Call, status int) {
	c.mu.Lock()
	call.Status = status
	c.mu.Unlock()
}

// statusRecorder tells which status was sent.
type statusRecorder struct {
	http.ResponseWriter
	onStatus func(int)
}

func (o *statusRecorder) WriteHeader(status int) {
	o.onStatus(status)
	o.ResponseWriter.WriteHeader(status)
}

func (o *statusRecorder) Unwrap() http.ResponseWriter { return o.ResponseWriter }
