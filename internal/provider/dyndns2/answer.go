package dyndns2

import (
	"net/http"
	"net/netip"
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
	tired bool          // it is to be left alone, as the status says or the word
	stop  *stop         // it refuses, until a person does something
}

// answer is what came back to a request that said these addresses.
type answer struct {
	status int
	body   string
	asked  *[families]string
}

func (a *answer) good() bool { return a.status/100 == 2 }

// judge is what an answer means at this service. A word that is understood counts
// before the status, which some have as 200 for everything.
func (p *Provider) judge(a *answer) verdict {
	switch p.service.form {
	case byStatus:
		return ofStatus(a, verdict{done: true})
	case byPattern:
		return p.c.Custom.judge(a)
	case ofDuckDNS:
		return duckDNS(a)
	case ofDDNSS:
		return ddnss(a)
	case ofFreeDNS:
		return bySentence(a, "updated ", "no ip change detected", "has not changed", "error")
	case ofNamecheap:
		return namecheap(a)
	case ofDynv6:
		return bySentence(a, "addresses updated", "addresses unchanged", "unchanged", "-")
	}
	return words(a)
}

// words reads dyndns2: one line, of which the first word counts.
func words(a *answer) verdict {
	word, rest, _ := strings.Cut(firstLine(a.body), " ")
	switch word = strings.ToLower(word); word {
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

// held is v where the addresses that an answer names are those that were asked,
// each of its family. Of 127.0.0.1 it is known that it means a refused program.
func (a *answer) held(rest string, v verdict) verdict {
	if !a.good() {
		return ofStatus(a, verdict{})
	}
	for part := range strings.FieldsSeq(strings.ReplaceAll(rest, ",", " ")) {
		at, err := netip.ParseAddr(part)
		if err != nil {
			continue
		}
		f := four
		if at.Is6() {
			f = six
		}
		if asked := a.asked[f]; asked != at.String() && (asked != "" || at.IsLoopback()) {
			return verdict{stop: stopOther()}
		}
	}
	return v
}

// ofStatus is what the status says where nothing else does; fine is what a
// success means then.
func ofStatus(a *answer, fine verdict) verdict {
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

// duckDNS reads OK or KO, and behind it what it holds now.
func duckDNS(a *answer) verdict {
	said := strings.Fields(a.body + " -")
	rest := strings.Join(said[1:], " ")
	switch said[0] {
	case "KO":
		return verdict{stop: stopKO()}
	case "OK":
		return a.held(rest, verdict{done: true, same: strings.Contains(rest, "NOCHANGE")})
	}
	return ofStatus(a, verdict{})
}

// ddnss looks for the words in a text that may be a web page.
func ddnss(a *answer) verdict {
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

// bySentence reads one that begins with what was done, or says that nothing was to
// be, in one of two ways, or begins with what is refused.
func bySentence(a *answer, done, same, alike, refused string) verdict {
	line := strings.ToLower(firstLine(a.body))
	switch {
	case !a.good():
	case strings.HasPrefix(line, done):
		return verdict{done: true}
	case strings.HasPrefix(line, same), strings.Contains(line, alike):
		return verdict{done: true, same: true}
	case strings.HasPrefix(line, refused):
		return verdict{stop: stopKO()}
	}
	return ofStatus(a, verdict{})
}

// namecheap reads XML, of which three elements count.
func namecheap(a *answer) verdict {
	count, wrong := element(a.body, "ErrCount"), strings.ToLower(element(a.body, "Err1"))
	switch {
	case !a.good() || count == "":
		return ofStatus(a, verdict{})
	case strings.Contains(wrong, "passw"):
		return verdict{stop: stopFor("badauth")}
	case count != "0":
		return verdict{stop: stopRefused()}
	}
	return a.held(element(a.body, "IP"), verdict{done: true})
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

// judge goes by what the person wrote; where nothing says what is good the words
// of dyndns2 do.
func (c *Custom) judge(a *answer) verdict {
	text := strings.TrimSpace(a.body)
	switch {
	case c.Bad != nil && c.Bad.MatchString(text):
		return verdict{stop: stopBad()}
	case c.Good == nil:
		return words(a)
	case a.good() && c.Good.MatchString(text):
		return verdict{done: true}
	}
	v := words(a)
	v.done, v.same = false, false
	return v
}

// quotable is what a person is told of an answer: its first line, and of Namecheap's
// XML the error. A web page is nothing to read.
func quotable(body string) string {
	line := firstLine(body)
	if strings.HasPrefix(line, "<") {
		return element(body, "Err1")
	}
	return line
}

// firstLine is the first line of a text that is not empty.
func firstLine(body string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(body, "\ufeff \t\r\n"), "\n")
	return strings.TrimSpace(line)
}
