package dyntest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

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

// trouble is an answer after which nothing may come for a while.
func (s *Server) trouble() (int, string) {
	pause := time.Minute
	if n, err := strconv.Atoi(s.after); err == nil {
		pause = max(pause, time.Duration(n)*time.Second)
	}
	s.quiet = time.Now().Add(pause)
	return s.status, "<html><body>" + http.StatusText(s.status) + "</body></html>"
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
