// Package dyntest is a service with an update address, and the name servers of
// its zones, for tests. It keeps the rules that such services have in writing:
// whoever breaks one is blocked, and told of by Broken. Its name servers are late.
package dyntest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Record is what stands at a name: an address, or a CNAME, NS or TXT.
type Record struct{ Type, Data string }

// Fault is what every following call comes to.
type Fault int

const (
	None Fault = iota
	Lose       // an update is made, and its answer lost
	Down       // nothing can be reached
	Hang       // nobody answers
)

// Server is one account at one service. Its fields are set before the first call.
type Server struct {
	Service        string // the word of its row
	User, Password string
	TTL            time.Duration
	At             string // the address of its name servers, as the DNS has it
	// Lag is how late each of its name servers shows an update; one for each server.
	Lag []time.Duration
	// Wild says that any name below its zones is in the account.
	Wild bool

	mu     sync.Mutex
	zones  []string
	hosts  map[string]*host
	fault  Fault
	says   map[string]string // what is said to an update of a name; "" is every name
	calls  []Call
	broken []string
	barred map[string]string // name, or "": why nothing may come any more
	quiet  time.Time         // nothing may come before that
	status int               // what every update is answered with; 0: as it is
	after  string            // the Retry-After beside it
	trace  []string
}

// host is a name.
type host struct {
	records []Record
	before  []change // what name servers that are late still show
	inside  bool     // it is in the account
	nochg   int
}

// change is what stood there before an update.
type change struct {
	records []Record
	at      time.Time
}

// Call is an update that came.
type Call struct{ Name, Query, Answer string }

// New is a service of this kind whose zones these are.
func New(service, user, password string, zones ...string) *Server {
	return &Server{Service: service, User: user, Password: password, TTL: time.Minute, At: "127.0.0.1", Lag: []time.Duration{0}, zones: zones,
		hosts: map[string]*host{}, says: map[string]string{}, barred: map[string]string{}}
}

// Join puts names into the account.
func (s *Server) Join(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range names {
		s.host(n).inside = true
	}
}

// Delegate gives the service another zone.
func (s *Server) Delegate(zone string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zones = append(s.zones, zone)
}

// Late has the name servers be so late from now on.
func (s *Server) Late(lag ...time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Lag = lag
}

// Forgive forgets what was refused, as for a person who comes anew.
func (s *Server) Forgive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.barred)
	s.quiet = time.Time{}
}

// Put has somebody else store records at a name, for all to see at once.
func (s *Server) Put(name string, records ...Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.host(name)
	h.records, h.before = append(h.records, records...), nil
}

// Set has somebody else store these records at a name in the place of all others.
func (s *Server) Set(name string, records ...Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.host(name)
	h.records, h.before = records, nil
}

// Stored is what the service holds at a name.
func (s *Server) Stored(name string) []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.host(name).records)
}

// Fail has every following call come to this.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Say has updates of a name answered with this word; of all names where it is
// empty. An empty word ends that, and the refusals of before.
func (s *Server) Say(name, word string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.says[name] = word
	if word == "" {
		delete(s.says, name)
		clear(s.barred)
	}
}

// Answer has every update answered with this status and this Retry-After, which may
// be empty, and none of them made. Whoever comes again before that time, or a
// minute, is blocked. The status 0 ends that, and that time.
func (s *Server) Answer(status int, after string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.after, s.quiet = status, after, time.Time{}
}

// Calls are the updates that came so far.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Broken are the rules that were broken.
func (s *Server) Broken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.broken)
}

// Trace is what came since it was asked last: "read" for a look at a name, "write"
// for an update.
func (s *Server) Trace() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	words := s.trace
	s.trace = nil
	return words
}

// Zone says whether a zone begins at this name, unless nothing can be reached.
func (s *Server) Zone(name string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == Down {
		return false, fmt.Errorf("look up the name servers of %s: no answer", name)
	}
	return slices.Contains(s.zones, name), nil
}

func (s *Server) host(name string) *host {
	if s.hosts[name] == nil {
		s.hosts[name] = &host{inside: s.Wild}
	}
	return s.hosts[name]
}

func (s *Server) breaks(format string, args ...any) {
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

// seen is what a name server shows of a host.
func (s *Server) seen(h *host, server int) []Record {
	now, lag := time.Now(), s.Lag[server]
	for _, c := range h.before {
		if now.Sub(c.at) < lag {
			return c.records // the oldest update that it does not know
		}
	}
	return h.records
}

// update stores addresses; an empty one deletes a family, and "=" keeps it. It says
// whether anything changed.
func (h *host) update(four, six string) bool {
	before, changed := slices.Clone(h.records), false
	for i, to := range []string{four, six} {
		t := []string{"A", "AAAA"}[i]
		have := addresses(h.records, t)
		if to == "=" || to == "" && len(have) == 0 || len(have) == 1 && have[0] == to {
			continue
		}
		changed = true
		h.records = slices.DeleteFunc(slices.Clone(h.records), func(r Record) bool { return r.Type == t })
		if to != "" {
			h.records = append(h.records, Record{t, to})
		}
	}
	if changed {
		h.before = append(h.before, change{before, time.Now()})
	}
	return changed
}

func addresses(records []Record, t string) (all []string) {
	for _, r := range records {
		if r.Type == t {
			all = append(all, r.Data)
		}
	}
	return all
}

// families sorts addresses by family; an error names what is none.
func families(list string) (four, six string, err error) {
	for text := range strings.SplitSeq(list, ",") {
		a, err := netip.ParseAddr(text)
		switch {
		case err != nil:
			return "", "", err
		case a.Is4():
			four = text
		default:
			six = text
		}
	}
	return four, six, nil
}
