package dyndns2

import (
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// answerFormat is how a service answers.
type answerFormat uint8

const (
	formatWord answerFormat = iota // dyndns2: the first word of a text
	formatStatus
	formatPattern // what the person says is good, or bad
	formatDDNSS
	formatDuckDNS
	formatFreeDNS
	formatNamecheap
	formatDynv6
)

// maxResponse is far more than a service has to say, in bytes.
const maxResponse = 16 << 10

// verdict is what an answer means. The zero one is that nobody knows.
type verdict struct {
	done      bool          // it holds what was asked
	unchanged bool          // and held it before
	pause     time.Duration // it has trouble, and is to be left alone for so long
	throttled bool          // it is to be left alone, as the status says or the word
	block     *block        // it refuses, until a person does something
}

// response is what came back to a request that said these addresses.
type response struct {
	status int
	body   string
	sent   *[numFamilies]string
}

func (a *response) isSuccess() bool { return a.status/100 == 2 }

// interpret finds out what an answer means at this service. A word that is understood counts
// before the status, which some have as 200 for everything.
func (p *Provider) interpret(a *response) verdict {
	switch p.service.form {
	case formatStatus:
		return verdictOfStatus(a, verdict{done: true})
	case formatPattern:
		return p.config.Custom.interpret(a)
	case formatDuckDNS:
		return parseDuckDNS(a)
	case formatDDNSS:
		return parseDDNSS(a)
	case formatFreeDNS:
		return parseSentence(a, "updated ", "no ip change detected", "has not changed", "error")
	case formatNamecheap:
		return parseNamecheap(a)
	case formatDynv6:
		return parseSentence(a, "addresses updated", "addresses unchanged", "unchanged", "-")
	}
	return parseReturnCode(a)
}

// parseReturnCode reads dyndns2: one line, of which the first word counts.
func parseReturnCode(a *response) verdict {
	word, rest, _ := strings.Cut(firstLine(a.body), " ")
	switch word = strings.ToLower(word); word {
	case "good", "successfully_changed": // the second is Infomaniak's
		return a.confirmAddrs(rest, verdict{done: true})
	case "nochg", "no_change":
		return a.confirmAddrs(rest, verdict{done: true, unchanged: true})
	case "911", "dnserr":
		return verdict{pause: troublePause}
	}
	if st := blockForCode(word); st != nil {
		return verdict{block: st}
	}
	return verdictOfStatus(a, verdict{})
}

// confirmAddrs returns v if the addresses that an answer names are those that were asked,
// each of its family. Of 127.0.0.1 it is known that it means a refused program.
func (a *response) confirmAddrs(rest string, v verdict) verdict {
	if !a.isSuccess() {
		return verdictOfStatus(a, verdict{})
	}
	for part := range strings.FieldsSeq(strings.ReplaceAll(rest, ",", " ")) {
		at, err := netip.ParseAddr(part)
		if err != nil {
			continue
		}
		f := ipv4
		if at.Is6() {
			f = ipv6
		}
		if asked := a.sent[f]; asked != at.String() && (asked != "" || at.IsLoopback()) {
			return verdict{block: blockOtherAddr()}
		}
	}
	return v
}

// verdictOfStatus returns what the status says where nothing else does; fine is what a
// success means then.
func verdictOfStatus(a *response, fine verdict) verdict {
	switch {
	case a.status == http.StatusNoContent && !fine.done: // selfHOST: nothing changed
		return verdict{done: true, unchanged: true}
	case a.isSuccess():
		return fine
	case a.status == http.StatusUnauthorized:
		return verdict{block: blockForCode("badauth")}
	case a.status == http.StatusTooManyRequests, a.status == http.StatusRequestTimeout, a.status < 400, a.status >= 500:
		return verdict{}
	}
	return verdict{block: blockRefused()}
}

// parseDuckDNS reads OK or KO, and behind it what it holds now.
func parseDuckDNS(a *response) verdict {
	said := strings.Fields(a.body + " -")
	rest := strings.Join(said[1:], " ")
	switch said[0] {
	case "KO":
		return verdict{block: blockKO()}
	case "OK":
		return a.confirmAddrs(rest, verdict{done: true, unchanged: strings.Contains(rest, "NOCHANGE")})
	}
	return verdictOfStatus(a, verdict{})
}

// parseDDNSS looks for the words in a text that may be a web page.
func parseDDNSS(a *response) verdict {
	for _, word := range []string{"badauth", "notfqdn", "nohost", "badysys"} {
		if strings.Contains(a.body, word) {
			return verdict{block: blockForCode(strings.Replace(word, "badysys", "badsys", 1))}
		}
	}
	if a.isSuccess() && strings.Contains(a.body, "Updated 1 hostname") {
		return verdict{done: true}
	}
	return verdictOfStatus(a, verdict{})
}

// parseSentence reads one that begins with what was done, or says that nothing was to
// be, in one of two ways, or begins with what is refused.
func parseSentence(a *response, done, same, alike, refused string) verdict {
	line := strings.ToLower(firstLine(a.body))
	switch {
	case !a.isSuccess():
	case strings.HasPrefix(line, done):
		return verdict{done: true}
	case strings.HasPrefix(line, same), strings.Contains(line, alike):
		return verdict{done: true, unchanged: true}
	case strings.HasPrefix(line, refused):
		return verdict{block: blockKO()}
	}
	return verdictOfStatus(a, verdict{})
}

// parseNamecheap reads XML, of which three elements count.
func parseNamecheap(a *response) verdict {
	count, wrong := xmlElementText(a.body, "ErrCount"), strings.ToLower(xmlElementText(a.body, "Err1"))
	switch {
	case !a.isSuccess() || count == "":
		return verdictOfStatus(a, verdict{})
	case strings.Contains(wrong, "passw"):
		return verdict{block: blockForCode("badauth")}
	case count != "0":
		return verdict{block: blockRefused()}
	}
	return a.confirmAddrs(xmlElementText(a.body, "IP"), verdict{done: true})
}

// xmlElementText returns the text of an XML element that holds no other.
func xmlElementText(body, name string) string {
	_, after, _ := strings.Cut(body, "<"+name+">")
	text, _, found := strings.Cut(after, "</"+name+">")
	if !found {
		return ""
	}
	return strings.TrimSpace(text)
}

// interpret goes by what the person wrote; where nothing says what is good the words
// of dyndns2 do.
func (c *Custom) interpret(a *response) verdict {
	text := strings.TrimSpace(a.body)
	switch {
	case c.Bad != nil && c.Bad.MatchString(text):
		return verdict{block: blockBadPattern()}
	case c.Good == nil:
		return parseReturnCode(a)
	case a.isSuccess() && c.Good.MatchString(text):
		return verdict{done: true}
	}
	v := parseReturnCode(a)
	v.done, v.unchanged = false, false
	return v
}

// quotableLine returns what a person is told of an answer: its first line, and of Namecheap's
// XML the error. A web page is nothing to read.
func quotableLine(body string) string {
	line := firstLine(body)
	if strings.HasPrefix(line, "<") {
		return xmlElementText(body, "Err1")
	}
	return line
}

// firstLine returns the first line of a text that is not empty.
func firstLine(body string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(body, "\ufeff \t\r\n"), "\n")
	return strings.TrimSpace(line)
}
