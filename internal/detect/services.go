package detect

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// A service is a host that shows the address it is asked from, and nothing
// else. Hosts and paths are those of 2026.
type service struct {
	word     string
	v4, v6   string // what to ask over each family; empty: it cannot be asked over that one
	field    string // where the address stands in a JSON answer; empty: the answer is text
	operator string
}

func services() [8]service {
	return [...]service{
		{"ipify", "https://api.ipify.org/", "https://api6.ipify.org/", "", "ipify.org"},
		{"icanhazip", "https://icanhazip.com/", "https://icanhazip.com/", "", cloudflareOperator}, // taken over in 2021
		{"ifconfig.co", "https://ifconfig.co/ip", "https://ifconfig.co/ip", "", "ifconfig.co"},
		{"ident.me", "https://4.ident.me/", "https://6.ident.me/", "", "ident.me"},
		{"ipinfo", "https://ipinfo.io/ip", "https://v6.ipinfo.io/ip", "", "ipinfo.io"},
		{"aws", "https://checkip.amazonaws.com/", "", "", "amazonaws.com"},
		{"myip.com", "https://api.myip.com/", "https://api.myip.com/", "ip", "myip.com"},
		{"seeip", "https://ipv4.seeip.org/", "https://ipv6.seeip.org/", "", "seeip.org"},
	}
}

// Services lists the words of Service, in the order of help.
func Services() []string {
	var words []string
	for _, s := range services() {
		words = append(words, s.word)
	}
	return words
}

// Hosts returns the hosts that are asked without a setting that names them.
func Hosts() []string {
	urls := append(TraceURLs(), DoHURL, "stun://"+STUNServer)
	for _, s := range services() {
		urls = append(urls, s.v4, s.v6)
	}
	var hosts []string
	for _, raw := range urls {
		if u, err := url.Parse(raw); err == nil && u.Host != "" && !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

// Service returns the source of this word: a host that shows the address it is
// asked from. The client must be pinned to the family that is wanted.
func Service(w Wanted, c *httpx.Client, word string) (Source, error) {
	for _, s := range services() {
		if s.word == word {
			return s.newSource(w, c)
		}
	}
	return nil, fmt.Errorf("there is no service %q", word)
}

func (s service) newSource(w Wanted, c *httpx.Client) (Source, error) {
	at := s.v4
	if w.Family == addr.IPv6 {
		at = s.v6
	}
	if at == "" {
		return nil, errors.New("it answers over IPv4 only; for IPv6 take another source")
	}
	u, err := url.Parse(at)
	if err != nil {
		return nil, err
	}
	p := page{url: u, name: u.Host, client: c, parse: func(body []byte) ([]netip.Prefix, error) { return s.parse(body, w) }}
	return p.newRoute(addr.Voter{Source: s.word, Operator: s.operator, Route: u.Host, Authenticated: true}), nil
}

// parse takes the one address out of an answer.
func (s service) parse(body []byte, w Wanted) ([]netip.Prefix, error) {
	parse := parseText
	if s.field != "" {
		parse = parseJSON(s.field)
	}
	ps, err := parse(body, w, publicCheck(0))
	switch {
	case err != nil:
		return nil, err
	case len(ps) > 1:
		return nil, fmt.Errorf("it holds %d addresses instead of one", len(ps))
	case ps[0] != w.toPrefix(ps[0].Addr()):
		return nil, errors.New("it holds a network instead of an address")
	}
	return ps, nil
}
