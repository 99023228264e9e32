package detect

import (
	"net/http"
	"net/url"
	"strings"
)

// A server may send back what it was sent: an echo of the headers, a redirect
// with the query. hidden is an error that may quote such an answer, without
// what is secret in it.
type redactedError struct {
	error
	secrets []string
}

func (h *redactedError) Error() string {
	text := h.error.Error()
	for _, s := range h.secrets {
		text = redactSecret(text, s)
	}
	return text
}

// redactSecret returns text with what begins like the secret taken out, up to a blank or
// a quote: what is quoted of an answer may have been cut.
func redactSecret(text, secret string) string {
	head := secret[:minSecretLength]
	before, rest, found := strings.Cut(text, head)
	if !found {
		return text
	}
	if whole, ok := strings.CutPrefix(rest, secret[len(head):]); ok {
		return before + "…" + redactSecret(whole, secret)
	}
	end := strings.IndexAny(rest, " \"'")
	if end < 0 {
		end = len(rest)
	}
	return before + "…" + redactSecret(rest[end:], secret)
}

func (h *redactedError) Unwrap() error { return h.error }

// minSecretLength is how long a part has to be to be taken for a secret; what is
// shorter stands in every text.
const minSecretLength = 4

// secretsOf returns what must not be seen of a request: the values of its headers,
// whole and word by word, its password, and the query as it is and decoded.
func secretsOf(u *url.URL, h http.Header) []string {
	var parts []string
	for _, values := range h {
		for _, v := range values {
			parts = append(append(parts, v), strings.Fields(v)...)
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		parts = append(parts, password, u.User.Username())
	}
	parts = append(parts, u.RawQuery)
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	var secrets []string
	for _, p := range parts {
		if len(p) >= minSecretLength {
			secrets = append(secrets, p)
		}
	}
	return secrets
}
