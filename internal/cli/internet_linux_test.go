//go:build check

package cli_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/sim"
)

const (
	home4 = "84.1.2.3"
	home6 = "2a02:8070::7"
	api   = "api.cloudflare.com"

	// Where all of Cloudflare's hosts are. Loopback is nowhere on the internet:
	// a name of theirs that leads there is not connected to.
	cloud4 = "192.0.2.80"
	cloud6 = "2001:db8:80::80"
)

// cloudflares are the hosts that homing speaks to when nothing is set.
func cloudflares() []string {
	return []string{api, "www.cloudflare.com", "connectivity.cloudflareclient.com", "cloudflare-dns.com"}
}

// echoes are hosts of others that tell whoever asks the address they see. They
// are there only in tests that ask for them.
func echoes() []string {
	return []string{"api.ipify.org", "api6.ipify.org", "4.ident.me", "6.ident.me", "ipinfo.io", "v6.ipinfo.io",
		"checkip.amazonaws.com", "ipv4.seeip.org", "ipv6.seeip.org", "ip.example.net"}
}

// internet is what there is of it in a namespace: Cloudflare's hosts on the
// loopback interface, over TLS, which see the home at its addresses; and a name
// server that knows nobody. It keeps a record of all that comes.
type internet struct {
	t     *testing.T
	home  *sim.Home
	cloud *sim.Cloudflare
	roots string // a file with the certificate of who vouches for the hosts

	mu     sync.Mutex
	conns  int
	visits []visit
	looked []string            // names the name server was asked for
	known  map[string][]string // the addresses of those it knows
}

// visit is one request.
type visit struct {
	conn   int // which connection it came on
	family addr.Family
	host   string
	sni    string
	proto  string
	agent  string
}

func newInternet(t *testing.T) *internet {
	w := &internet{t: t, cloud: sim.NewCloudflare(), home: sim.NewHome(netip.MustParseAddr(home4), netip.MustParseAddr(home6))}
	w.cloud.AddToken(sim.Token{Value: goodToken})
	ip(t, "link set lo up")
	if _, err := os.Stat("/etc/resolv.conf"); err == nil {
		cover(t, "/etc/resolv.conf", "nameserver 127.0.0.1\n")
	}
	ip(t, "addr add "+cloud4+"/32 dev lo")
	ip(t, "addr add "+cloud6+"/128 dev lo nodad")
	w.point(cloud4, cloud6)
	w.nameServer()
	cert := w.vouch()
	w.serve(addr.IPv4, cloud4+":443", cert)
	w.serve(addr.IPv6, "["+cloud6+"]:443", cert)
	return w
}

// point makes the names of all hosts lead there.
func (w *internet) point(ip4, ip6 string, more ...string) {
	w.t.Helper()
	names := strings.Join(append(cloudflares(), more...), " ")
	cover(w.t, "/etc/hosts", "127.0.0.1 localhost\n"+ip4+" "+names+"\n"+ip6+" "+names+"\n")
}

// vouch makes a certificate for all hosts, and the one behind it.
func (w *internet) vouch() tls.Certificate {
	return w.vouchFor(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
}

// vouchFor is vouch for a time of its own.
func (w *internet) vouchFor(from, until time.Time) tls.Certificate {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the test's own"},
		NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	ca := must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))))
	w.roots = filepath.Join(w.t.TempDir(), "roots.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})
	if err := os.WriteFile(w.roots, text, 0o644); err != nil {
		w.t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: append(cloudflares(), echoes()...), NotBefore: template.NotBefore, NotAfter: template.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der := must(x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), key))
	return tls.Certificate{Certificate: [][]byte{der, ca.Raw}, PrivateKey: key}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// connection is the key of a connection's number in a context.
type connection struct{}

// serve answers as all of Cloudflare's hosts do, over one family.
func (w *internet) serve(f addr.Family, at string, cert tls.Certificate) {
	l, err := net.Listen("tcp", at)
	if err != nil {
		w.t.Fatal(err)
	}
	pages := w.home.Handler(f)
	s := &http.Server{
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}},
		ErrorLog:  log.New(io.Discard, "", 0), // of clients that are killed
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.conns++
			return context.WithValue(ctx, connection{}, w.conns)
		},
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			w.note(f, r)
			if slices.Contains(echoes(), r.Host) {
				_, _ = fmt.Fprintln(rw, w.home.Addr(f)) // the caller misses it
				return
			}
			if r.Host == api && strings.HasPrefix(r.URL.Path, "/client/v4/") {
				w.cloud.ServeHTTP(rw, r)
			} else {
				pages.ServeHTTP(rw, r)
			}
		}),
	}
	var running sync.WaitGroup
	running.Go(func() { _ = s.ServeTLS(l, "", "") }) // it ends when it is closed
	w.t.Cleanup(func() {
		_ = s.Close()
		running.Wait()
	})
}

func (w *internet) note(f addr.Family, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.visits = append(w.visits, visit{r.Context().Value(connection{}).(int), f, r.Host, r.TLS.ServerName, r.Proto, r.UserAgent()})
}

// seen is the visits so far.
func (w *internet) seen() []visit {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.visits)
}

// answerDNS gives the addresses of a name, or of all names below a wildcard.
func answerDNS(m *dnsmessage.Message, known map[string][]string) {
	m.Response, m.RCode, m.Additionals = true, dnsmessage.RCodeNameError, nil
	for _, q := range m.Questions {
		name := q.Name.String()
		addrs, ok := known[name]
		for wild, at := range known {
			if below, is := strings.CutPrefix(wild, "*"); is && strings.HasSuffix(name, below) && !ok {
				addrs, ok = at, true
			}
		}
		if ok {
			m.RCode = dnsmessage.RCodeSuccess
		}
		for _, a := range addrs {
			at := netip.MustParseAddr(a)
			header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type, TTL: 60}
			switch {
			case at.Is4() && q.Type == dnsmessage.TypeA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: at.As4()}})
			case at.Is6() && q.Type == dnsmessage.TypeAAAA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: at.As16()}})
			}
		}
	}
}

// serveDNS answers every question at an address.
func serveDNS(t *testing.T, at string, answer func(*dnsmessage.Message)) {
	t.Helper()
	conn, err := net.ListenPacket("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		b := make([]byte, 1<<10)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil {
				continue
			}
			answer(&m)
			_, _ = conn.WriteTo(must(m.Pack()), from)
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		running.Wait()
	})
}

// nameServer knows the names it was told, and takes note of those it is asked for.
func (w *internet) nameServer() {
	serveDNS(w.t, "127.0.0.1:53", func(m *dnsmessage.Message) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, q := range m.Questions {
			w.looked = append(w.looked, q.Name.String())
		}
		answerDNS(m, w.known)
	})
}

// teach has the name server know these names, and nobody else: /etc/hosts is
// empty from then on.
func (w *internet) teach(resolvConf string, known map[string][]string) {
	w.t.Helper()
	cover(w.t, "/etc/hosts", "127.0.0.1 localhost\n")
	cover(w.t, "/etc/resolv.conf", resolvConf)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known, w.looked = known, nil
}

// asked is the names the name server was asked for.
func (w *internet) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.looked)
}

// until waits until something is so, and says how long that took. What it waits
// for happens in another process, so it has to look again and again.
func (w *internet) until(what string, within time.Duration, so func() bool) time.Duration {
	w.t.Helper()
	began := time.Now()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !so() {
		if <-look.C; time.Since(began) > within {
			w.t.Fatalf("after %v it still is not so that %s", within, what)
		}
	}
	return time.Since(began)
}

// zone adds a zone in which each of these names has records of another place.
func (w *internet) zone(zone string, names ...string) {
	w.cloud.AddZone(sim.Zone{Name: zone, Quota: 5000})
	for _, n := range names {
		w.cloud.AddRecord(zone, sim.Address(n, "192.0.2.1"))
		w.cloud.AddRecord(zone, sim.Address(n, "2001:db8::1"))
	}
}

// right reports whether the records of a name are those of the home.
func (w *internet) right(zone, name string) bool {
	want := []string{w.home.Addr(addr.IPv4).String(), w.home.Addr(addr.IPv6).String()}
	return slices.Equal(w.cloud.Contents(zone, name), want)
}

// wrote reports whether any call ever wanted to write this.
func (w *internet) wrote(text string) bool {
	return slices.ContainsFunc(w.cloud.Calls(sim.IsWrite), func(c sim.Call) bool { return bytes.Contains(c.Body, []byte(text)) })
}
