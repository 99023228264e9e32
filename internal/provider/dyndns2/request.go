package dyndns2

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// updateRequest is what a request is to say of a name: the new addresses, of the families
// that change, and what stands there. said is what it says of each family: an
// address, the word that keeps it, or nothing. unsure says that what stands there may
// be another address: the answer to that was lost.
type updateRequest struct {
	name, zone                     dns.Name
	newAddrs, currentAddrs, params [numFamilies]string
	uncertain                      [numFamilies]bool
}

func familyName(f int) string {
	if f == ipv6 {
		return "IPv6"
	}
	return "IPv4"
}

// fillParams works out what a request says of each family. It fails where that could
// change one that is not to change.
func (s *service) fillParams(n *updateRequest) *provider.Error {
	for f := range numFamilies {
		if n.newAddrs[f] != "" && !s.supports(f) {
			return newError(provider.Rejected, "take the type out of {records.types} of this name, or use the service url, if there is another address for it",
				"%s takes no %s at its update address", s.name, familyName(f))
		}
	}
	for f := range numFamilies {
		to, here, kept := n.newAddrs[f], n.currentAddrs[f], s.keep
		switch {
		case to != "":
			n.params[f] = to
		case !s.supports(f) || s.flags&(oneFamilyPerRequest|keepsUnsaid) != 0:
		case kept != "":
			n.params[f] = kept
		case n.uncertain[f]:
			return newError(provider.Unavailable, hintUnsure, "%s would change %s as well, of which it is not known yet what it holds", s.name, familyName(f))
		case strings.Contains(here, " "):
			return newError(provider.Rejected, hintOne, "%s would change %s as well, of which there are several here, and it takes one", s.name, familyName(f))
		case here == "" && f == ipv4 && s.flags&emptyIfUnknown == 0 && strings.Contains(s.query, atIPv4): // it would take the address of the connection
			return newError(provider.Rejected, "keep IPv4 at this name as well, or take it out of the settings", "%s may set IPv4 by itself where a request says IPv6 alone, and there is no IPv4 here", s.name)
		default:
			n.params[f] = here
		}
	}
	return nil
}

// newCall makes the request for n, with value in its places.
func (p *Provider) newCall(value *strings.Replacer) rest.Call {
	c := rest.Call{Method: http.MethodGet, Text: true, Limit: maxResponse}
	if p.config.Custom != nil {
		c.Method, c.Path = p.config.Custom.Method, value.Replace(p.config.Custom.URL.Reveal())
		return c
	}
	c.Path = value.Replace(p.service.path)
	sep := "?"
	for part := range strings.SplitSeq(p.service.query, "&") {
		if full := value.Replace(part); !strings.HasSuffix(full, "=") { // of a family of which it says nothing
			c.Path += sep + full
			sep = "&"
		}
	}
	return c
}

// newReplacer puts what is known into places.
func (p *Provider) newReplacer(n *updateRequest) *strings.Replacer {
	both := strings.Trim(n.params[ipv4]+","+n.params[ipv6], ",")
	name := n.name.String()
	host := strings.TrimSuffix(strings.TrimSuffix(name, n.zone.String()), ".")
	if host == "" {
		host = "@"
	}
	return strings.NewReplacer(atName, name, atIPv4, n.params[ipv4], atIPv6, n.params[ipv6], atBoth, both,
		atUser, escapeParam(p.userFor(n)), atPassword, escapeParam(p.config.Password.Reveal()),
		atLabel, strings.TrimSuffix(name, ".duckdns.org"), atHost, host, atZone, n.zone.String())
}

// escapeParam escapes s for a path or a query.
func escapeParam(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (p *Provider) userFor(n *updateRequest) string {
	if p.config.User == "" && p.service.flags&userIsName != 0 {
		return n.name.String()
	}
	return p.config.User
}

// authorize makes a request that is sent once, with the credential of the name.
func (p *Provider) authorize(r *http.Request, n *updateRequest, value *strings.Replacer) {
	r.Close = true // on a connection that was used before, net/http sends a GET again by itself where the answer does not come
	if p.config.Custom != nil {
		p.config.Custom.applyTo(r, value)
	}
	if user := p.userFor(n); p.service.flags&noBasicAuth == 0 && (user != "" || !p.config.Password.IsZero()) {
		r.SetBasicAuth(user, p.config.Password.Reveal())
	}
}

// secrets returns what must be redacted in every text.
func (p *Provider) secrets() []secret.String {
	all := []secret.String{p.config.Password, secret.New(escapeParam(p.config.Password.Reveal()))}
	if p.config.Custom != nil {
		all = append(all, p.config.Custom.secrets()...)
	}
	return all
}

// newError makes the error for a failure that came with no answer of a service.
//
//go:noinline // many callers: see dependencies.md
func newError(kind provider.Kind, hint hint, format string, args ...any) *provider.Error {
	return &provider.Error{Kind: kind, Hint: hint, Err: fmt.Errorf(format, args...)}
}
