package detect

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
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
	ask            question // an address is asked for by the type of its family
	v4, v6         []string
}

func dnsServices() []dnsService {
	const inet = dnsmessage.ClassINET
	opendns := newQuestion("myip.opendns.com.", dnsmessage.TypeA, inet)
	opendns.recursive = true
	return []dnsService{
		{"cloudflare.dns", cloudflare, whoami(),
			[]string{"1.1.1.1", "1.0.0.1"}, []string{"2606:4700:4700::1111", "2606:4700:4700::1001"}},
		{"opendns", "opendns.com", opendns,
			[]string{"208.67.222.222", "208.67.220.220"}, []string{"2620:119:35::35", "2620:119:53::53"}},
		{"google.dns", "google.com", newQuestion("o-o.myaddr.l.google.com.", dnsmessage.TypeTXT, inet),
			[]string{"216.239.32.10", "216.239.34.10"}, []string{"2001:4860:4802:32::a", "2001:4860:4802:34::a"}},
		{"akamai.dns", "akamai.com", newQuestion("whoami.akamai.net.", dnsmessage.TypeA, inet),
			[]string{"193.108.88.1"}, nil},
	}
}

// PlainDNS is the source of this word: cloudflare.dns, opendns, google.dns or
// akamai.dns. Each server of the operator is a way of its own. Whoever sits on
// the way to them can forge what they say. A nil dial is a net.Dialer; it is
// asked for "udp4", "tcp4" and so on, and never for a name.
func PlainDNS(w Wanted, dial httpx.Dial, word string) (Source, error) {
	all := dnsServices()
	i := slices.IndexFunc(all, func(s dnsService) bool { return s.word == word })
	if i < 0 {
		return nil, fmt.Errorf("there is no DNS service %q", word)
	}
	s := all[i]
	servers := s.v4
	if w.Family == addr.IPv6 {
		servers = s.v6
		if s.ask.Type == dnsmessage.TypeA {
			s.ask.Type = dnsmessage.TypeAAAA
		}
	}
	if len(servers) == 0 {
		return nil, errors.New("it answers over IPv4 only; for IPv6 take another source")
	}
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	var ways []Source
	for _, server := range servers {
		d := &dnsServer{server, s.ask, w, dial}
		voter := addr.Voter{Source: word, Operator: s.operator, Way: server + " over DNS"}
		ways = append(ways, &way{voter: voter, ask: d.observe})
	}
	return newHedge(ways[0].Voter(), ways), nil
}

// A dnsServer is asked for w. It gets a fresh socket for each question, so
// that the port the answer must go to cannot be told from the one before.
type dnsServer struct {
	server string
	question
	w    Wanted
	dial httpx.Dial
}

func (d *dnsServer) observe(ctx context.Context) ([]netip.Prefix, error) {
	p, err := d.over(ctx, "udp", d.byDatagram)
	if errors.Is(err, errTruncated) {
		p, err = d.over(ctx, "tcp", d.byStream)
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", d.server, err)
	}
	return []netip.Prefix{p}, nil
}

// over connects and lets talk speak, until ctx is done. A connected socket
// takes datagrams from the address it is connected to only.
func (d *dnsServer) over(ctx context.Context, protocol string, talk func(net.Conn) (netip.Prefix, error)) (netip.Prefix, error) {
	conn, err := d.dial(ctx, d.w.network(protocol), net.JoinHostPort(d.server, "53"))
	var p netip.Prefix
	if err == nil {
		defer conn.Close()
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		p, err = talk(conn)
	}
	if err != nil && ctx.Err() != nil {
		return p, context.Cause(ctx)
	}
	return p, err
}

// repeatAfter is when a datagram is sent again: some are lost, and a server
// that did not answer for so long did not get it.
const repeatAfter = time.Second

// byDatagram asks, and listens until the server says something about the
// question. What is no answer to it is passed over: were it taken for one,
// anybody could end the question with a datagram in the server's name.
func (d *dnsServer) byDatagram(conn net.Conn) (netip.Prefix, error) {
	id := newID()
	msg, buf := d.pack(id), make([]byte, maxAnswer+1)
	for next := time.Now(); ; {
		if now := time.Now(); !now.Before(next) {
			if _, err := conn.Write(msg); err != nil {
				return netip.Prefix{}, err
			}
			next = now.Add(repeatAfter)
			if err := conn.SetReadDeadline(next); err != nil {
				return netip.Prefix{}, err
			}
		}
		n, err := conn.Read(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return netip.Prefix{}, err
		}
		p, err := d.address(buf[:n], id, d.w)
		if _, ok := errors.AsType[stray](err); ok {
			continue
		}
		if n > maxAnswer {
			return netip.Prefix{}, &httpx.TooLarge{Limit: maxAnswer}
		}
		return p, err
	}
}

// byStream asks once; each message follows its length, RFC 1035, section 4.2.2.
func (d *dnsServer) byStream(conn net.Conn) (netip.Prefix, error) {
	id := newID()
	msg := d.pack(id)
	if _, err := conn.Write(slices.Concat(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg)); err != nil {
		return netip.Prefix{}, err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return netip.Prefix{}, err
	}
	body := make([]byte, binary.BigEndian.Uint16(length[:]))
	if len(body) > maxAnswer {
		return netip.Prefix{}, &httpx.TooLarge{Limit: maxAnswer}
	}
	if _, err := io.ReadFull(conn, body); err != nil {
		return netip.Prefix{}, err
	}
	return d.address(body, id, d.w)
}

// newID is one nobody can guess: the generator is seeded by the system.
func newID() uint16 { return uint16(rand.Uint32()) }
