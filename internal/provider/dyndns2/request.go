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

// news is what a request is to say of a name: the new addresses, of the families
// that change, and what stands there. said is what it says of each family: an
// address, the word that keeps it, or nothing. unsure says that what stands there may
// be another address: the answer to that was lost.
type news struct {
	name, zone     dns.Name
	to, here, said [families]string
	unsure         [families]bool
}

func called(f int) string {
	if f == six {
		return "IPv6"
	}
	return "IPv4"
}

// say works out what a request says of each family. It fails where that could
// change one that is not to change.
func (s *service) say(n *news) *provider.Error {
	for f := range families {
		if n.to[f] != "" && !s.takes(f) {
			return failed(provider.Rejected, "take the type out of {records.types} of this name, or use the service url, if there is another address for it",
				"%s takes no %s at its update address", s.name, called(f))
		}
	}
	for f := range families {
		to, here, kept := n.to[f], n.here[f], s.keep
		switch {
		case to != "":
			n.said[f] = to
		case !s.takes(f) || s.flags&(apart|leaves) != 0:
		case kept != "":
			n.said[f] = kept
		case n.unsure[f]:
			return failed(provider.Unavailable, hintUnsure, "%s would change %s as well, of which it is not known yet what it holds", s.name, called(f))
		case strings.Contains(here, " "):
			return failed(provider.Rejected, hintOne, "%s would change %s as well, of which there are several here, and it takes one", s.name, called(f))
		case here == "" && f == four && s.flags&empty == 0 && strings.Contains(s.query, atIPv4): // it would take the address of the connection
			return failed(provider.Rejected, "keep IPv4 at this name as well, or take it out of the settings", "%s may set IPv4 by itself where a request says IPv6 alone, and there is no IPv4 here", s.name)
		default:
			n.said[f] = here
		}
	}
	return nil
}

// call is the request that says n, with value in its places.
func (p *Provider) call(value *strings.Replacer) rest.Call {
	c := rest.Call{Method: http.MethodGet, Text: true, Limit: maxAnswer}
	if p.c.Custom != nil {
		c.Method, c.Path = p.c.Custom.Method, value.Replace(p.c.Custom.URL.Reveal())
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

// filler puts what is known into places.
func (p *Provider) filler(n *news) *strings.Replacer {
	both := strings.Trim(n.said[four]+","+n.said[six], ",")
	name := n.name.String()
	host := strings.TrimSuffix(strings.TrimSuffix(name, n.zone.String()), ".")
	if host == "" {
		host = "@"
	}
	return strings.NewReplacer(atName, name, atIPv4, n.said[four], atIPv6, n.said[six], atBoth, both,
		atUser, escaped(p.userOf(n)), atPassword, escaped(p.c.Password.Reveal()),
		atLabel, strings.TrimSuffix(name, ".duckdns.org"), atHost, host, atZone, n.zone.String())
}

// escaped is s as it may stand in a path and in a query.
func escaped(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (p *Provider) userOf(n *news) string {
	if p.c.User == "" && p.service.flags&byName != 0 {
		return n.name.String()
	}
	return p.c.User
}

// authorize makes a request that is sent once, with the credential of the name.
func (p *Provider) authorize(r *http.Request, n *news, value *strings.Replacer) {
	r.Close = true // on a connection that was used before, net/http sends a GET again by itself where the answer does not come
	if p.c.Custom != nil {
		p.c.Custom.dress(r, value)
	}
	if user := p.userOf(n); p.service.flags&bare == 0 && (user != "" || !p.c.Password.IsZero()) {
		r.SetBasicAuth(user, p.c.Password.Reveal())
	}
}

// secrets is what no text may hold.
func (p *Provider) secrets() []secret.String {
	all := []secret.String{p.c.Password, secret.New(escaped(p.c.Password.Reveal()))}
	if p.c.Custom != nil {
		all = append(all, p.c.Custom.secrets()...)
	}
	return all
}

// failed is a failure that no answer of a service tells of.
//
//go:noinline // many callers: see dependencies.md
func failed(kind provider.Kind, hint hint, format string, args ...any) *provider.Error {
	return &provider.Error{Kind: kind, Hint: hint, Err: fmt.Errorf(format, args...)}
}
