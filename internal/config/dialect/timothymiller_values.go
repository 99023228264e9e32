package dialect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

// account is the name of the account with the credential of a zone. Zones with
// the same credential share one, and so its limits.
func (l *legacy) account(z *node, name string) string {
	auth := z.field("authentication")
	at, byToken := name+".authentication.api_token", auth.field("api_token")
	c := credential{token: written(byToken)}
	if pair := auth.field("api_key"); c.token == "" {
		c.key, c.email = written(pair.field("api_key")), written(pair.field("account_email"))
		if isToken(c.key) {
			at, byToken = name+".authentication.api_key.api_key", pair.field("api_key")
			c = credential{token: c.key}
		}
	}
	for _, known := range l.accounts {
		if c.token == known.token && c.key == known.key && c.email == known.email {
			return known.name
		}
	}
	c.name = "default"
	if n := len(l.accounts); n > 0 {
		c.name = fmt.Sprintf("account%d", n+1)
	}
	l.accounts = append(l.accounts, c)
	path := "accounts." + c.name + "."
	if text := l.in.Env("CLOUDFLARE_BASE_URL"); text != "" {
		l.set(path+"base_url", text, originOf("CLOUDFLARE_BASE_URL"))
	}
	switch {
	case c.token != "":
		l.set(path+"token", c.token, l.origin(at, byToken))
	case c.key != "" && c.email != "":
		pair := auth.field("api_key")
		l.set(path+"key", c.key, l.origin(name+".authentication.api_key.api_key", pair.field("api_key")))
		l.set(path+"email", c.email, l.origin(name+".authentication.api_key.account_email", pair.field("account_email")))
	default:
		l.set(path+"provider", "cloudflare", l.implied()) // so that there is an account that the problem is about
		l.wrong(path+"token", name+".authentication", orElse(auth, z), "there is neither a token in it, nor a key with its email",
			"create a token at https://dash.cloudflare.com/profile/api-tokens with the template \"Edit zone DNS\", and write it as \"api_token\"")
	}
	return c.name
}

// origin is where a value comes from: the file, or a variable that was put
// into it.
func (l *legacy) origin(name string, n *node) *config.Origin {
	if n.from != "" {
		return config.Variable(n.from)
	}
	return l.file.origin(name, n.start)
}

// written is a text that is not one of the example's.
func written(n *node) string {
	if n == nil || n.kind != jsonText || slices.Contains([]string{"api_token_here", "api_key_here", "your_email_here"}, n.text) {
		return ""
	}
	return strings.TrimSpace(n.text)
}

// boolean is the value of a key that is true or false; nil where it is not
// there, or is something else, which is a problem.
func (l *legacy) boolean(n *node, parent, key string) *node {
	v := n.field(key)
	switch {
	case v == nil || v.kind == jsonNull:
		return nil
	case (v.kind == jsonBoolean || v.kind == jsonText) && (v.text == "true" || v.text == "false"):
		return v
	}
	at := l.file.origin(parent+key, v.start)
	for _, p := range l.Draft.Problems {
		if p.Origin == *at {
			return nil // it was looked at before
		}
	}
	l.Draft.Wrong("record_defaults.proxied", at, "", "it is neither true nor false", "write true or false")
	return nil
}

// tellUnknown says which keys have no effect, such as the load_balancer of
// earlier versions.
func (l *legacy) tellUnknown(n *node, parent string, known ...string) {
	for _, f := range n.fields {
		if !slices.Contains(known, f.name) {
			at := l.file.origin("", f.start)
			l.notice("%s:%d: %s%.40s has no effect", at.File, at.Line, parent, f.name)
		}
	}
}

// substitute puts variables into the texts below n. What is put in is not
// looked at again.
func (l *legacy) substitute(n *node, name string) {
	for _, f := range n.fields {
		l.substitute(f.value, strings.TrimPrefix(name+"."+f.name, "."))
	}
	for i, item := range n.items {
		l.substitute(item, fmt.Sprintf("%s[%d]", name, i))
	}
	if n.kind != jsonText {
		return
	}
	if name, rest := variableAt(strings.TrimPrefix(n.text, "$")); rest == "" && strings.HasPrefix(n.text, "$") {
		n.from = name
	}
	var missing string
	if n.text, missing = l.in.substituted(n.text); missing != "" {
		n.unset = true
		l.wrong("records", name, n, "the variable "+missing+" is not set", "set it, or write the value itself")
	}
}

// substituted is a text with the variables in it filled in; missing is one that
// is not set.
func (in *Input) substituted(text string) (out, missing string) {
	var b strings.Builder
	for {
		head, rest, found := strings.Cut(text, "$")
		b.WriteString(head)
		if !found {
			return b.String(), missing
		}
		name, after := variableAt(rest)
		switch value := in.Env(name); {
		case name == "":
			b.WriteByte('$')
			text = rest
			continue
		case value == "":
			missing = name
		default:
			b.WriteString(value)
		}
		text = after
	}
}

// variableAt is the variable that text, what stands behind a "$", begins with,
// in braces or without; empty when there is none.
func variableAt(text string) (name, after string) {
	inside, braced := strings.CutPrefix(text, "{")
	end := strings.IndexFunc(inside, func(c rune) bool {
		return !('A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_')
	})
	if end < 0 {
		end = len(inside)
	}
	name, after = inside[:end], inside[end:]
	if braced {
		closed := false
		if after, closed = strings.CutPrefix(after, "}"); !closed {
			return "", ""
		}
	}
	if !strings.HasPrefix(name, "CF_DDNS_") {
		return "", ""
	}
	return name, after
}
