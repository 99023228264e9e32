package dyndns2

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/secret"
)

const (
	theUser     = "me"
	thePassword = "canary & pass/word"
	theAgent    = "homing-dns homing/test-1 homing@example.org"
)

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

// fake is a service on loopback with these name servers.
type fake struct {
	*dyntest.Server
	url     string
	servers []netip.AddrPort
}

// serve starts a service of a kind, with a name server for each lag.
func serve(t testing.TB, service string, lag []time.Duration, zones ...string) *fake {
	f := &fake{Server: dyntest.New(service, theUser, thePassword, zones...)}
	if s := serviceByKey(service); s.flags&noUser != 0 {
		f.User = ""
	}
	f.Lag = lag
	h := httptest.NewServer(f.Server)
	t.Cleanup(h.Close)
	f.url = h.URL
	for i := range lag {
		f.servers = append(f.servers, f.serveDNS(t, i))
	}
	return f
}

// serveDNS answers on a port of loopback, over UDP and TCP.
func (f *fake) serveDNS(t testing.TB, server int) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, err := net.ListenPacket("udp", l.Addr().String())
	if err != nil {
		l.Close()
		return f.serveDNS(t, server) // somebody else has that one
	}
	t.Cleanup(func() { l.Close(); p.Close() })
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := p.ReadFrom(buf)
			if err != nil {
				return
			}
			if a := f.AnswerDNS(server, buf[:n]); a != nil {
				_, _ = p.WriteTo(a, from)
			}
		}
	}()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go f.speak(c, server)
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String())
}

func (f *fake) speak(c net.Conn, server int) {
	defer c.Close()
	var length [2]byte
	if _, err := io.ReadFull(c, length[:]); err != nil {
		return
	}
	q := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(c, q); err != nil {
		return
	}
	if a := f.AnswerDNS(server, q); a != nil {
		_, _ = c.Write(slices.Concat(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a))
	}
}

// find is what the resolver of the system knows.
func (f *fake) find(_ context.Context, n dns.Name) ([]netip.AddrPort, error) {
	begins, err := f.Zone(n.String())
	if err != nil || !begins {
		return nil, err
	}
	return f.servers, nil
}

// provider is an account at it; change may make another of it.
func (f *fake) provider(t testing.TB, change ...func(*Config)) *Provider {
	t.Helper()
	c := Config{Service: f.Service, User: f.User, Password: secret.New(thePassword), BaseURL: f.url, Client: httpx.New(httpx.Options{UserAgent: theAgent}),
		Timeout: 5 * time.Second, Dial: (&net.Dialer{}).DialContext, Servers: f.find, Memory: &Memory{}}
	for _, do := range change {
		do(&c)
	}
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// recordOf is a record as the provider reads it.
func recordOf(n dns.Name, a netip.Addr) dns.Record {
	r := dns.Record{Name: n, Type: dns.A, Addr: a, TTL: dns.AutoTTL}
	if a.Is6() {
		r.Type = dns.AAAA
	}
	return r
}

// kept fails where a rule of the service was broken.
func (f *fake) kept(t testing.TB) {
	t.Helper()
	for _, b := range f.Broken() {
		t.Errorf("a rule was broken: %s", b)
	}
}

func addr(t testing.TB, s string) netip.Addr {
	t.Helper()
	a, err := netip.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
