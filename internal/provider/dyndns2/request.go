package dyndns2

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// pair is something of IPv4 and of IPv6.
type pair[T any] struct{ four, six T }

func (p *pair[T]) of(t dns.Type) *T {
	if t == dns.AAAA {
		return &p.six
	}
	return &p.four
}

// news is what a request is to say of a name: the new addresses, the zero one
// where a family does not change, and what stands there.
type news struct {
	name, zone dns.Name
	to         pair[netip.Addr]
	here       pair[[]netip.Addr]
}

// asked is the addresses that become new.
func (n *news) asked() (all []netip.Addr) {
	for _, a := range []netip.Addr{n.to.four, n.to.six} {
		if a.IsValid() {
			all = append(all, a)
		}
	}
	return all
}

// said is what a request says of each family: an address, the word that keeps it,
// or nothing. It fails where that could change one that is not to change.
func (s *service) said(n *news) (said pair[string], err *provider.Error) {
	for _, t := range []dns.Type{dns.A, dns.AAAA} {
		to, here, text := *n.to.of(t), *n.here.of(t), said.of(t)
		other := *n.to.of(otherThan(t))
		switch {
		case to.IsValid() && !s.takes(t == dns.AAAA):
			return said, failed(provider.Rejected, "take "+hintTypes(t)+" out of {records.types} of this name, or use the service url, if the service has another address for them",
				"%s takes no %s over its update address", s.name, familyOf(t))
		case to.IsValid() && other.IsValid() && s.has(apart):
			return said, failed(provider.Rejected, "", "%s takes one family a request", s.name)
		case to.IsValid():
			*text = to.String()
		case !s.takes(t == dns.AAAA) || s.has(apart|leaves):
		case s.keep != "":
			*text = s.keep
		case len(here) == 1:
			*text = here[0].String()
		case len(here) > 1:
			return said, failed(provider.Rejected, hintOne, "%s would change %s as well, of which there are %d here, and it takes one", s.name, familyOf(t), len(here))
		case t == dns.A && !s.has(empty) && strings.Contains(s.query, atIPv4): // it would take the address of the connection
			return said, failed(provider.Rejected, hintBoth, "%s may set IPv4 by itself where a request says IPv6 alone, and there is no IPv4 here", s.name)
		}
	}
	return said, nil
}

func otherThan(t dns.Type) dns.Type {
	if t == dns.AAAA {
		return dns.A
	}
	return dns.AAAA
}

func familyOf(t dns.Type) string {
	if t == dns.AAAA {
		return "IPv6"
	}
	return "IPv4"
}

// call is the request that says n.
func (p *Provider) call(n *news) (rest.Call, *provider.Error) {
	said, err := p.service.said(n)
	if err != nil {
		return rest.Call{}, err
	}
	value := p.filler(n, said)
	c := rest.Call{What: "update " + n.name.Describe(), Method: http.MethodGet, Text: true, Limit: maxAnswer}
	if p.custom != nil {
		c.Method, c.Path = p.custom.Method, value.Replace(p.custom.URL.Reveal())
		return c, nil
	}
	c.Path = value.Replace(p.service.path) + "?" + p.service.parameters(value)
	return c, nil
}

// filler puts what is known into places.
func (p *Provider) filler(n *news, said pair[string]) *strings.Replacer {
	both := said.four
	if both == "" {
		both = said.six
	} else if said.six != "" {
		both += "," + said.six
	}
	host := strings.TrimSuffix(strings.TrimSuffix(n.name.String(), n.zone.String()), ".")
	if host == "" {
		host = "@"
	}
	return strings.NewReplacer(atName, n.name.String(), atIPv4, said.four, atIPv6, said.six, atBoth, both,
		atUser, url.QueryEscape(p.userOf(n.name)), atPassword, url.QueryEscape(p.password.Reveal()),
		atLabel, strings.TrimSuffix(n.name.String(), ".duckdns.org"), atHost, host, atZone, n.zone.String())
}

// parameters is the query, without the families of which it says nothing.
func (s *service) parameters(value *strings.Replacer) string {
	var all []string
	for part := range strings.SplitSeq(s.query, "&") {
		if full := value.Replace(part); !strings.HasSuffix(full, "=") {
			all = append(all, full)
		}
	}
	return strings.Join(all, "&")
}

func (p *Provider) userOf(n dns.Name) string {
	if p.user == "" && p.service.has(byName) {
		return n.String()
	}
	return p.user
}

// authorize makes a request that is sent once, with the credential of the name.
func (p *Provider) authorize(n *news, said *strings.Replacer) func(*http.Request) {
	return func(r *http.Request) {
		r.Close = true // on a connection that was used before, net/http sends a GET again by itself where the answer does not come
		if p.custom != nil {
			p.custom.dress(r, said)
		}
		if user := p.userOf(n.name); !p.service.has(bare) && (user != "" || !p.password.IsZero()) {
			r.SetBasicAuth(user, p.password.Reveal())
		}
	}
}

// secrets is what no text may hold.
func (p *Provider) secrets() []secret.String {
	all := []secret.String{p.password}
	if escaped := url.QueryEscape(p.password.Reveal()); escaped != p.password.Reveal() {
		all = append(all, secret.New(escaped))
	}
	if p.custom != nil {
		all = append(all, p.custom.secrets()...)
	}
	return all
}

// failed is a failure that no answer of a service tells of.
//
//go:noinline // many callers: see dependencies.md
func failed(kind provider.Kind, hint hint, format string, args ...any) *provider.Error {
	return &provider.Error{Kind: kind, Hint: hint, Err: fmt.Errorf(format, args...)}
}
