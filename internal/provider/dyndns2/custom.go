package dyndns2

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// Custom is an update address that a person writes, for the service url.
type Custom struct {
	URL     secret.String // with {name}, {ipv4} and {ipv6}
	Method  string        // empty: GET
	Headers secret.String // one a line; with the same places
	Body    secret.String // with the same places
	Good    *regexp.Regexp
	Bad     *regexp.Regexp // nil: none
}

// ExampleURL is how an update address may look.
const ExampleURL = "https://example.net/update?host={name}&ip={ipv4}&ip6={ipv6}"

// CheckURL says, without asking anyone, what is wrong with an update address;
// allowHTTP is as in rest.CheckBaseURL.
func CheckURL(s string, allowHTTP bool) error {
	plain, _, _ := strings.Cut(strings.NewReplacer(atName, "name", atIPv4, "192.0.2.1", atIPv6, "2001:db8::1").Replace(s), "#")
	u, err := url.Parse(plain)
	switch {
	case err != nil, u.Host == "":
		return errors.New("it is not an address such as " + ExampleURL) // what url.Parse says quotes it
	case strings.ContainsAny(plain, "{}"):
		return errors.New("it has a place that nothing stands for: there are {name}, {ipv4} and {ipv6}")
	case u.User != nil:
		return errors.New("it holds a user or a password")
	}
	u.RawQuery = ""
	if _, err := rest.CheckBaseURL(u.String(), ExampleURL, allowHTTP); err != nil {
		return errors.New("it must begin with https://, or everyone on the way can read it; http:// is only for this machine itself")
	}
	return nil
}

// CheckMethod checks the method of a request.
func CheckMethod(s string) error {
	switch s {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch:
		return nil
	}
	return errors.New("it is none of GET, POST, PUT and PATCH")
}

// toService returns the service of this address: what it says of a family that is not known is
// nothing, as a router says it.
func (c *Custom) toService() service {
	return service{key: ByURL, name: "the service", query: c.allText(), form: formatPattern, flags: emptyIfUnknown}
}

// allText returns all texts that may hold places.
func (c *Custom) allText() string {
	return c.URL.Reveal() + "\n" + c.Headers.Reveal() + "\n" + c.Body.Reveal()
}

// applyTo gives a request its headers and its body.
func (c *Custom) applyTo(r *http.Request, value *strings.Replacer) {
	for line := range strings.Lines(value.Replace(c.Headers.Reveal())) {
		if name, text, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			r.Header.Add(name, strings.TrimSpace(text))
		}
	}
	if body := value.Replace(c.Body.Reveal()); body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		if r.Header.Get("Content-Type") == "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
}

// minSecretLength is how long a part of an address is that may be a secret: a shorter
// one is a word, which may stand in an answer.
const minSecretLength = 8

// secrets returns the parts of what is sent that may be some. The host is none: name
// servers are asked for it, and who cannot reach it has to see it.
func (c *Custom) secrets() (all []secret.String) {
	host := strings.Split(hostName(c.URL.Reveal()), ":")[0]
	for _, part := range strings.FieldsFunc(c.allText(), func(r rune) bool { return strings.ContainsRune("/?&=: \r\n\"", r) }) {
		if len(part) >= minSecretLength && part != host && !strings.Contains(part, "{") {
			all = append(all, secret.New(part))
		}
	}
	return all
}
