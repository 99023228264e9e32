package detect

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/resolve"
)

// A dnsService is an operator whose DNS servers say who asks them. The servers
// are addresses, so that no resolver has to be asked for them. As of 2026:
//
//	word            question                          server
//	cloudflare.dns  whoami.cloudflare TXT CH          1.1.1.1, the public resolver
//	opendns         myip.opendns.com A, AAAA          resolver1 and 2.opendns.com, public resolvers
//	google.dns      o-o.myaddr.l.google.com TXT       ns1 and ns2.google.com, authoritative
//	akamai.dns      whoami.akamai.net A               ns1-1.akamaitech.net, authoritative; it has no IPv6
//
// Google adds a second string, edns0-client-subnet, when a resolver stands
// between; whatever else comes with that is the address of the resolver.
type dnsService struct {
	word, operator string
	ask            resolve.Question // an address is asked for by the type of its family
	v4, v6         string           // servers, with blanks between them
}

const dnsPort = 53

func dnsServices() [4]dnsService {
	return [...]dnsService{
		{"cloudflare.dns", cloudflareOperator, resolve.Question{Name: "whoami.cloudflare", Type: resolve.TXT, Class: resolve.Chaos},
			"1.1.1.1 1.0.0.1", "2606:4700:4700::1111 2606:4700:4700::1001"},
		{"opendns", "opendns.com", resolve.Question{Name: "myip.opendns.com", Type: resolve.A, Class: resolve.Internet, Recursive: true},
			"208.67.222.222 208.67.220.220", "2620:119:35::35 2620:119:53::53"},
		{"google.dns", "google.com", resolve.Question{Name: "o-o.myaddr.l.google.com", Type: resolve.TXT, Class: resolve.Internet},
			"216.239.32.10 216.239.34.10", "2001:4860:4802:32::a 2001:4860:4802:34::a"},
		{"akamai.dns", "akamai.com", resolve.Question{Name: "whoami.akamai.net", Type: resolve.A, Class: resolve.Internet}, "193.108.88.1", ""},
	}
}

// whoamiQuestion returns Cloudflare's question: TXT, class CHAOS; the family it is asked over decides.
func whoamiQuestion() resolve.Question {
	return resolve.Question{Name: "whoami.cloudflare", Type: resolve.TXT, Class: resolve.Chaos}
}

// PlainDNS returns the source of this word: cloudflare.dns, opendns, google.dns or
// akamai.dns. Each server of the operator is a route of its own. Whoever sits on
// the way to them can forge what they say. dial is asked for "udp4", "tcp4" and so
// on, and never for a name.
func PlainDNS(w Wanted, dial httpx.Dial, word string) (Source, error) {
	for _, s := range dnsServices() {
		if s.word == word {
			return s.newSource(w, dial)
		}
	}
	return nil, fmt.Errorf("there is no DNS service %q", word)
}

func (s dnsService) newSource(w Wanted, dial httpx.Dial) (Source, error) {
	servers := strings.Fields(s.v4)
	if w.Family == addr.IPv6 {
		servers = strings.Fields(s.v6)
		if s.ask.Type == resolve.A {
			s.ask.Type = resolve.AAAA
		}
	}
	if len(servers) == 0 {
		return nil, errors.New("it answers over IPv4 only; for IPv6 take another source")
	}
	var ways []Source
	for _, server := range servers {
		d := &dnsServer{netip.AddrPortFrom(netip.MustParseAddr(server), dnsPort), s.ask, w, resolve.Client{Dial: dial}}
		voter := addr.Voter{Source: s.word, Operator: s.operator, Route: server + " over DNS"}
		ways = append(ways, &routeSource{voter: voter, ask: d.observe})
	}
	return newHedgedSource(ways[0].Voter(), ways), nil
}

// A dnsServer is asked for w.
type dnsServer struct {
	server netip.AddrPort
	ask    resolve.Question
	w      Wanted
	client resolve.Client
}

func (d *dnsServer) observe(ctx context.Context) ([]netip.Prefix, error) {
	answer, err := d.client.Ask(ctx, d.server, d.ask)
	if err != nil {
		return nil, err
	}
	p, err := singleAddress(answer, d.w)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", d.server.Addr(), err)
	}
	return []netip.Prefix{p}, nil
}

// singleAddress wants one record, of what was asked, with one address in it.
func singleAddress(a resolve.Answer, w Wanted) (netip.Prefix, error) {
	if n := len(a.Records); n != 1 {
		return netip.Prefix{}, fmt.Errorf("it holds %d records instead of one", n)
	}
	r := a.Records[0]
	switch {
	case !r.MatchesQuestion:
		return netip.Prefix{}, errors.New("its record is not the one that was asked for")
	case r.Addr.IsValid():
		return parseSingleAddr(r.Addr.String(), w)
	case len(r.Text) != 1:
		return netip.Prefix{}, fmt.Errorf("its answer cannot be read: its record holds %d strings instead of one", len(r.Text))
	}
	return parseSingleAddr(r.Text[0], w)
}
