package dyntest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// rule is what a service wants of a request, as its makers describe it.
type rule struct {
	path      string
	name      string            // the parameter that names the host
	four, six string            // those of the addresses; alike where one holds both
	fixed     map[string]string // what else there must be
	open      map[string]string // parameters that hold the user and the password, which are "user" and "password"
	keeps     string            // the word that keeps a family
	alone     bool              // one family a request
	stays     bool              // what is not said stays
}

const dyn = "/nic/update"

func ruleOf(service string) rule {
	joined := rule{path: dyn, name: "hostname", four: "myip", six: "myip"}
	single := joined
	single.alone, single.stays = true, true
	switch service {
	case "no-ip", "dyn", "strato":
		return joined
	case "he.net", "infomaniak", "selfhost", "spdyn", "nsupdate.info":
		return single
	case "dynu":
		return rule{path: dyn, name: "hostname", four: "myip", six: "myipv6", keeps: "no"}
	case "dns-o-matic":
		return rule{path: dyn, name: "hostname", four: "myip", fixed: map[string]string{"wildcard": "NOCHG", "mx": "NOCHG", "backmx": "NOCHG"}}
	case "ovh":
		return rule{path: dyn, name: "hostname", four: "myip", fixed: map[string]string{"system": "dyndns"}}
	case "ionos":
		return rule{path: "/dns/v1/dyndns", four: "ipv4", six: "ipv6", open: map[string]string{"q": "password"}}
	case "inwx":
		return rule{path: dyn, name: "hostname", four: "myip", six: "myipv6"}
	case "loopia":
		return rule{path: "/", name: "hostname", four: "myip"}
	case "all-inkl":
		return rule{path: "/", name: "host", four: "myip", six: "myip6"}
	case "ddnss":
		return rule{path: "/upd.php", name: "host", four: "ip", six: "ip6", open: map[string]string{"user": "user", "pwd": "password"}}
	case "desec":
		return rule{path: "/", name: "hostname", four: "myipv4", six: "myipv6", keeps: "preserve"}
	case "duckdns":
		return rule{path: "/update", name: "domains", four: "ip", six: "ipv6", open: map[string]string{"token": "password"}, fixed: map[string]string{"verbose": "true"}}
	case "freedns":
		return rule{path: "/u/{password}/", four: "address", open: map[string]string{}}
	case "namecheap":
		return rule{path: "/update", name: "host", four: "ip", open: map[string]string{"password": "password"}}
	case "dynv6":
		return rule{path: "/api/update", name: "zone", four: "ipv4", six: "ipv6", open: map[string]string{"token": "password"}, stays: true}
	}
	return rule{path: "/up", name: "h", four: "ip", six: "ip6", open: map[string]string{}} // of the service url
}

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
		s.breaks("%s: an update within the half hour", name)
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

// said is what a request says of each family: "=" keeps it.
func said(rule rule, q url.Values) (four, six, why string) {
	if rule.four == rule.six {
		four, six, err := families(q.Get(rule.four))
		switch {
		case err != nil:
			return "", "", "no address: " + q.Get(rule.four)
		case rule.alone && four != "" && six != "":
			return "", "", "two families at once"
		}
		return orStays(rule, four), orStays(rule, six), ""
	}
	four, six = "", ""
	for _, f := range []struct {
		key string
		to  *string
	}{{rule.four, &four}, {rule.six, &six}} {
		value := q.Get(f.key)
		a, b, err := families(value)
		switch {
		case f.key == "" || value == "" && rule.stays || rule.keeps != "" && value == rule.keeps:
			*f.to = "="
		case value == "": // it is deleted: the nastiest there is
		case err != nil || (f.to == &four) != (a != "") || a != "" && b != "":
			return "", "", "no address of the family: " + value
		default:
			*f.to = value
		}
	}
	return four, six, ""
}

func orStays(rule rule, value string) string {
	if value == "" && rule.stays {
		return "="
	}
	return value
}

// stop is an answer that says no; after it nothing may come for the name, or for
// the account.
func (s *Server) stop(name, word string) (int, string) {
	switch {
	case word == "911" || word == "dnserr":
		s.quiet = time.Now().Add(30 * time.Minute)
	case slices.Contains([]string{"badauth", "!donator", "abuse", "badagent", "badsys"}, word):
		s.barred[""] = word
	case slices.Contains([]string{"nohost", "!yours", "notfqdn", "numhost", "!active"}, word):
		s.barred[name] = word
	}
	return s.no(word)
}

func (s *Server) no(word string) (int, string) {
	switch s.Service {
	case "duckdns":
		return 200, "KO"
	case "freedns":
		return 200, "ERROR: Unable to locate this record"
	case "namecheap":
		text := map[string]string{"badauth": "Passwords do not match"}[word]
		if text == "" {
			text = "No Records updated. A record not Found;"
		}
		return 200, "<?xml version=\"1.0\"?><interface-response><Command>SETDNSHOST</Command><ErrCount>1</ErrCount><errors><Err1>" + text + "</Err1></errors></interface-response>"
	case "dynv6":
		if word == "badauth" {
			return 401, "invalid authentication token"
		}
		return 404, "zone not found"
	case "ionos":
		if word == "badauth" {
			return 401, ""
		}
		return 400, ""
	case "ddnss":
		return 200, "<html><body>" + word + "</body></html>"
	case "infomaniak":
		return 400, word
	case "desec":
		if word == "badauth" {
			return 401, `{"detail":"Invalid token."}`
		}
	}
	return 200, word
}

// say is an answer that says yes.
func (s *Server) say(word, four, six string) (int, string) {
	var told []string
	for _, a := range []string{four, six} {
		if a != "" && a != "=" {
			told = append(told, a)
		}
	}
	same := word == "nochg"
	switch s.Service {
	case "duckdns":
		return 200, "OK\n" + strings.TrimPrefix(four, "=") + "\n" + strings.TrimPrefix(six, "=") + "\n" + map[bool]string{true: "NOCHANGE", false: "UPDATED"}[same]
	case "freedns":
		if same {
			return 200, "No IP change detected for the host."
		}
		return 200, "Updated the host from 192.0.2.1 to " + told[0]
	case "namecheap":
		return 200, "<?xml version=\"1.0\"?><interface-response><IP>" + told[0] + "</IP><ErrCount>0</ErrCount><Done>true</Done></interface-response>"
	case "dynv6":
		return 200, map[bool]string{true: "addresses unchanged", false: "addresses updated"}[same]
	case "ddnss":
		return 200, "<html><body>Updated 1 hostname.</body></html>"
	case "ionos":
		return 200, ""
	case "desec":
		return 200, "good"
	case "selfhost":
		if same {
			return 204, ""
		}
	case "infomaniak":
		word = map[bool]string{true: "no_change", false: "successfully_changed"}[same]
	case "url":
		return 200, "ok"
	}
	return 200, word + " " + strings.Join(told, ",") + "\n"
}
