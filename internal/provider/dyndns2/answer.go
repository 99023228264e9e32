package dyndns2

import (
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// form is how a service answers.
type form uint8

const (
	byWord form = iota // dyndns2: the first word of a text
	byStatus
	byPattern // what the person says is good, or bad
	ofDDNSS
	ofDuckDNS
	ofFreeDNS
	ofNamecheap
	ofDynv6
)

// maxAnswer is far more than a service has to say, in bytes.
const maxAnswer = 16 << 10

// verdict is what an answer means. The zero one is that nobody knows.
type verdict struct {
	done  bool          // it holds what was asked
	same  bool          // and held it before
	later time.Duration // it has trouble, and is to be left alone for so long
	stop  *stop         // it refuses, until a person does something
}

// answer is what came back.
type answer struct {
	status int
	body   string
	asked  []netip.Addr
}

func (a answer) good() bool { return a.status/100 == 2 }

// judge is what an answer means at this service. A word that is understood counts
// before the status, which some have as 200 for everything.
func (s *service) judge(a answer, good, bad *regexp.Regexp) verdict {
	switch s.form {
	case byStatus:
		return ofStatus(a, verdict{done: true})
	case byPattern:
		return ofPattern(a, good, bad)
	case ofDuckDNS:
		return duckDNS(a)
	case ofDDNSS:
		return ddnss(a)
	case ofFreeDNS:
		return freeDNS(a)
	case ofNamecheap:
		return namecheap(a)
	case ofDynv6:
		return dynv6(a)
	}
	return words(a)
}

// words reads dyndns2: one line, of which the first word counts.
func words(a answer) verdict {
	line := firstLine(a.body)
	word, rest, _ := strings.Cut(line, " ")
	word = strings.ToLower(word)
	switch word {
	case "good", "successfully_changed": // the second is Infomaniak's
		return a.held(rest, verdict{done: true})
	case "nochg", "no_change":
		return a.held(rest, verdict{done: true, same: true})
	case "911", "dnserr":
		return verdict{later: halfAnHour}
	}
	if st := stopFor(word); st != nil {
		return verdict{stop: st}
	}
	return ofStatus(a, verdict{})
}

// held is v where the addresses that an answer names are those that were asked.
// Of 127.0.0.1 it is known that it means a refused program.
func (a answer) held(rest string, v verdict) verdict {
	if !a.good() {
		return ofStatus(a, verdict{})
	}
	for part := range strings.FieldsFuncSeq(rest, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
		if at, err := netip.ParseAddr(part); err == nil && !slices.Contains(a.asked, at) {
			return verdict{stop: stopOther()}
		}
	}
	return v
}

// ofStatus is what the status says where nothing else does; fine is what a
// success means then.
func ofStatus(a answer, fine verdict) verdict {
	switch {
	case a.status == http.StatusNoContent && !fine.done: // selfHOST: nothing changed
		return verdict{done: true, same: true}
	case a.good():
		return fine
	case a.status == http.StatusUnauthorized:
		return verdict{stop: stopFor("badauth")}
	case a.status == http.StatusTooManyRequests, a.status == http.StatusRequestTimeout, a.status < 400, a.status >= 500:
		return verdict{}
	}
	return verdict{stop: stopRefused()}
}

// duckDNS reads OK or KO.
func duckDNS(a answer) verdict {
	lines := strings.Fields(a.body)
	if len(lines) == 0 || !a.good() {
		return ofStatus(a, verdict{})
	}
	switch lines[0] {
	case "KO":
		return verdict{stop: stopKO()}
	case "OK":
		for _, l := range lines[1:] {
			if at, err := netip.ParseAddr(l); err == nil && slices.ContainsFunc(a.asked, func(b netip.Addr) bool { return b.Is4() == at.Is4() && b != at }) {
				return verdict{stop: stopOther()}
			}
		}
		return verdict{done: true, same: slices.Contains(lines, "NOCHANGE")}
	}
	return verdict{}
}

// ddnss looks for the words in a text that may be a web page.
func ddnss(a answer) verdict {
	for _, word := range []string{"badauth", "notfqdn", "nohost", "badysys"} {
		if strings.Contains(a.body, word) {
			return verdict{stop: stopFor(strings.Replace(word, "badysys", "badsys", 1))}
		}
	}
	if a.good() && strings.Contains(a.body, "Updated 1 hostname") {
		return verdict{done: true}
	}
	return ofStatus(a, verdict{})
}

// freeDNS reads a sentence.
func freeDNS(a answer) verdict {
	line := strings.ToLower(firstLine(a.body))
	switch {
	case !a.good():
	case strings.HasPrefix(line, "updated "):
		return verdict{done: true}
	case strings.HasPrefix(line, "no ip change detected"), strings.Contains(line, "has not changed"):
		return verdict{done: true, same: true}
	case strings.HasPrefix(line, "error"):
		return verdict{stop: stopKO()}
	}
	return ofStatus(a, verdict{})
}

// namecheap reads XML, of which three elements count.
func namecheap(a answer) verdict {
	count, wrong, held := element(a.body, "ErrCount"), element(a.body, "Err1"), element(a.body, "IP")
	at, err := netip.ParseAddr(held)
	switch {
	case !a.good() || count == "":
		return ofStatus(a, verdict{})
	case strings.Contains(strings.ToLower(wrong), "passw"):
		return verdict{stop: stopFor("badauth")}
	case count != "0":
		return verdict{stop: stopRefused()}
	case err == nil && !slices.Contains(a.asked, at):
		return verdict{stop: stopOther()}
	}
	return verdict{done: true}
}

// element is what stands in an element of XML that holds no other.
func element(body, name string) string {
	_, after, _ := strings.Cut(body, "<"+name+">")
	text, _, found := strings.Cut(after, "</"+name+">")
	if !found {
		return ""
	}
	return strings.TrimSpace(text)
}

// dynv6 reads a sentence: addresses updated, or unchanged.
func dynv6(a answer) verdict {
	line := strings.ToLower(firstLine(a.body))
	switch {
	case a.good() && strings.Contains(line, "unchanged"):
		return verdict{done: true, same: true}
	case a.good() && strings.Contains(line, "updated"):
		return verdict{done: true}
	}
	return ofStatus(a, verdict{})
}

// ofPattern goes by what the person wrote; where no pattern says what is good the
// words of dyndns2 do.
func ofPattern(a answer, good, bad *regexp.Regexp) verdict {
	text := strings.TrimSpace(a.body)
	switch {
	case bad != nil && bad.MatchString(text):
		return verdict{stop: stopBad()}
	case good == nil:
		return words(a)
	case a.good() && good.MatchString(text):
		return verdict{done: true}
	}
	if v := words(a); v.stop != nil || v.later > 0 {
		return v
	}
	return verdict{}
}

// firstLine is the first line of a text that is not empty.
func firstLine(body string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(body, "\ufeff \t\r\n"), "\n")
	return strings.TrimSpace(line)
}
