package cloudflare

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

// Credential is an API token, or a Global API key with the e-mail address of
// its user, or both: then the key is for what the token may not do.
type Credential struct {
	Token secret.String
	Key   secret.String
	Email string
}

// Malformed says why a credential cannot be right. Neither text holds any of it.
type Malformed struct {
	Reason string
	Hint   text.Hint // what to do about it
}

func (m *Malformed) Error() string { return m.Reason }

func (c Credential) validate() error {
	if c.Token.IsZero() && c.Key.IsZero() {
		return errors.New("there is neither an API token nor a Global API key")
	}
	if !c.Token.IsZero() {
		if err := CheckToken(c.Token); err != nil {
			return err
		}
	}
	if c.Key.IsZero() {
		return nil
	}
	return CheckKey(c.Key, c.Email)
}

// What a token can look like. Its length says nothing: Cloudflare has changed
// it (new formats of 2026: cfut_, cfat_, cfk_ and a checksum).
const (
	bearerPattern      = `^[A-Za-z0-9._~+/-]+=*$`                                                                         // b64token of RFC 6750, section 2.1
	oldKeyPattern      = `^[0-9a-f]{37}$`                                                                                 // of a Global API key before 2026
	namePattern        = `^([a-z0-9-]+\.)+[a-z]{2,24}$|(?i)^([a-z]+[-_])?(cloudflare|cf|api)[-_](api[-_])?token(_file)?$` // of a zone, a variable, a secret
	fillerPattern      = `(?i)^([x*.0_-]+|<.*>)$`                                                                         // "xxxxxxxx"
	fillerWordsPattern = `(?i)(^|[^a-z])(your|insert|replace|change)[-_ ]?(me$|my|with|here|an?|the|own|cf|cloudflare|api|token|key)|placeholder|token[-_ ]?here`
)

const tokenHint = "create an API token with the permission Zone · DNS · Edit at dash.cloudflare.com/profile/api-tokens, and copy it exactly"

// CheckToken says, without asking anyone, whether t can be an API token. Its
// error is a *Malformed.
func CheckToken(t secret.String) error {
	s := t.Reveal()
	refuse := func(reason string, hint text.Hint) error { return &Malformed{reason, hint} }
	switch {
	case s == "":
		return refuse("the API token is empty", tokenHint)
	case looksLikePath(s):
		return refuse("this is a path, and no API token", "write the token itself, or set {accounts.token_file} to the path")
	case matchesPattern(fillerPattern, s) || matchesPattern(fillerWordsPattern, s):
		return refuse("the API token is only a placeholder", tokenHint)
	case matchesPattern(namePattern, s):
		return refuse("this is a name, and no API token", tokenHint)
	case len(s) > 7 && strings.EqualFold(s[:7], "bearer "):
		return refuse(`the API token begins with "Bearer "`, "leave that word out; only the token itself belongs here")
	case strings.ContainsAny(s, "\"'`“”‘’"):
		return refuse("the API token has quotation marks in it", "leave them out; in an env file and in Compose lists they become part of the value")
	case strings.ContainsAny(s, " \t\r\n"):
		return refuse("the API token has a space or a line break in it", "copy the token alone, without what stands around it")
	case !matchesPattern(bearerPattern, s):
		return refuse("the API token has a character in it that no token has", tokenHint)
	case strings.HasPrefix(s, "cfk_") || matchesPattern(oldKeyPattern, s):
		return refuse("this is a Global API key, not an API token",
			"set {accounts.key} and {accounts.email} instead; better, "+tokenHint)
	case strings.HasPrefix(s, "v1.0-"):
		return refuse("this is an Origin CA key, not an API token", tokenHint)
	}
	return nil
}

// CheckKey says, without asking anyone, whether these can be a Global API key
// and the address of its user. Its error is a *Malformed.
func CheckKey(key secret.String, email string) error {
	s := key.Reveal()
	refuse := func(reason string, hint text.Hint) error { return &Malformed{reason, hint} }
	switch {
	case s == "":
		return refuse("the Global API key is empty", tokenHint)
	case looksLikePath(s):
		return refuse("this is a path, and no Global API key", "write the key itself, or set {accounts.key_file} to the path")
	case strings.HasPrefix(s, "cfut_") || strings.HasPrefix(s, "cfat_"):
		return refuse("this is an API token, not a Global API key", "set {accounts.token} instead, without an e-mail address")
	case !matchesPattern(bearerPattern, s) || matchesPattern(fillerPattern, s) || matchesPattern(fillerWordsPattern, s):
		return refuse("the Global API key has a character in it that no key has, or is only a placeholder",
			"copy it from dash.cloudflare.com/profile/api-tokens; better, "+tokenHint)
	case !strings.Contains(email, "@") || strings.ContainsFunc(email, isInvalidInEmail):
		return refuse("the Global API key needs the e-mail address of its user", "set {accounts.email} to the address you log in with")
	}
	return nil
}

func looksLikePath(s string) bool {
	return strings.HasPrefix(s, "/") || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "~/") || len(s) > 2 && s[1:3] == `:\`
}

func matchesPattern(pattern, s string) bool { return regexp.MustCompile(pattern).MatchString(s) }

func isInvalidInEmail(r rune) bool { return r <= ' ' || r >= 0x7f }

// authorize adds the credential to a request: the token, where there is one.
func (c Credential) authorize(r *http.Request) {
	h := r.Header
	if !c.Token.IsZero() {
		h.Set("Authorization", "Bearer "+c.Token.Reveal())
		return
	}
	h.Set("X-Auth-Email", c.Email)
	h.Set("X-Auth-Key", c.Key.Reveal())
}

// kindName returns what a person calls the one that authorize adds.
func (c Credential) kindName() string {
	if !c.Token.IsZero() {
		return "API token"
	}
	return "Global API key"
}
