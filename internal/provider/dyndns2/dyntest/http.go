package dyntest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// agent is how a program says who it is (noip.com/integrate/request).
var agent = regexp.MustCompile(`^[^ /]+ [^ /]+/[^ /]+-[^ ]+ [^ @]+@[^ @]+\.[a-z]+$`)

// ServeHTTP answers an update.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	fault := s.fault
	if fault == Down || fault == Hang {
		s.mu.Unlock()
		if fault == Hang {
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	}
	status, body := s.answer(r)
	s.calls[len(s.calls)-1].Answer = strings.TrimSpace(body)
	if s.after != "" && status == s.status {
		w.Header().Set("Retry-After", s.after)
	}
	s.mu.Unlock()
	if fault == Lose {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/html; charset=UTF-8") // as those written in PHP say
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func (s *Server) answer(r *http.Request) (int, string) {
	rule, q := ruleOf(s.Service), r.URL.Query()
	name := s.nameOf(rule, q)
	s.calls, s.trace = append(s.calls, Call{Name: name, Query: r.URL.RawQuery}), append(s.trace, "write")
	if why := s.refuse(rule, r, q, name); why != "" {
		return s.stop(name, why)
	}
	h := s.host(name)
	four, six, why := said(rule, q)
	if why != "" {
		s.breaks("%s: %s", name, why)
		return s.stop(name, "badsys")
	}
	if s.status != 0 {
		return s.trouble()
	}
	if word := s.says[name] + s.says[""]; word != "" {
		return s.stop(name, word)
	}
	if !h.inside {
		return s.stop(name, "nohost")
	}
	if !h.update(four, six) {
		if h.nochg++; h.nochg > 1 {
			s.breaks("%s: nochg %d times in a row", name, h.nochg)
			return s.stop(name, "abuse")
		}
		return s.say("nochg", four, six)
	}
	h.nochg = 0
	return s.say("good", four, six)
}

// nameOf is the host that a request is about.
func (s *Server) nameOf(rule rule, q url.Values) string {
	switch name := q.Get(rule.name); {
	case rule.name == "":
		for n, h := range s.hosts {
			if h.inside {
				return n // the one of the token
			}
		}
		return ""
	case s.Service == "duckdns":
		return name + ".duckdns.org"
	case s.Service == "namecheap" && name == "@":
		return q.Get("domain")
	case s.Service == "namecheap":
		return name + "." + q.Get("domain")
	default:
		return name
	}
}

// refuse is the word that says no to a request, for itself.
func (s *Server) refuse(rule rule, r *http.Request, q url.Values, name string) string {
	switch {
	case r.Method != http.MethodGet:
		s.breaks("the method %s", r.Method)
		return "badsys"
	case !agent.MatchString(r.UserAgent()):
		s.breaks("the agent %q", r.UserAgent())
		return "badagent"
	case r.URL.Path != strings.Replace(rule.path, "{password}", s.Password, 1):
		if !strings.Contains(rule.path, "{password}") {
			s.breaks("the path %s", r.URL.Path)
		}
		return "badauth"
	case time.Now().Before(s.quiet):
		s.breaks("%s: an update before the time it asked for", name)
		return "abuse"
	case s.barred[""] != "" || s.barred[name] != "":
		s.breaks("%s: sent again after %s", name, s.barred[""]+s.barred[name])
		return "abuse"
	case strings.Contains(q.Get(rule.name), ","):
		s.breaks("several names: %s", q.Get(rule.name))
		return "numhost"
	case !s.allowed(rule, r, q, name):
		return "badauth"
	}
	for k, values := range q {
		_, open := rule.open[k]
		known := open || k == rule.name || k == rule.four || k == rule.six || rule.fixed[k] != "" || k == "domain" && s.Service == "namecheap"
		if !known || len(values) > 1 {
			s.breaks("the parameter %s", k)
			return "badsys"
		}
	}
	for k, want := range rule.fixed {
		if q.Get(k) != want {
			s.breaks("%s is %q", k, q.Get(k))
			return "badsys"
		}
	}
	return ""
}

// allowed says whether the credential is right, and stands where it belongs.
func (s *Server) allowed(rule rule, r *http.Request, q url.Values, name string) bool {
	user, password, basic := r.BasicAuth()
	if rule.open == nil {
		want := s.User
		if want == "" {
			want = name
		}
		return basic && user == want && password == s.Password
	}
	if basic && s.Service != "url" {
		s.breaks("Basic authentication, where there is none")
		return false
	}
	for k, what := range rule.open {
		if want := map[string]string{"user": s.User, "password": s.Password}[what]; q.Get(k) != want {
			return false
		}
	}
	return true
}
