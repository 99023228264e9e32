package detect

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/resolve"
)

func askDNS(t *testing.T, w Wanted, word string, n *nameserver) addr.Observation {
	t.Helper()
	n.serve(t)
	return must(t)(PlainDNS(w, n.dial, word)).Observe(t.Context())
}

// What is asked of whom, written apart from the code under test.
func TestPlainDNSAsksTheServersOfItsOperator(t *testing.T) {
	const txtCH = `Name: dnsmessage.MustNewName("whoami.cloudflare."), Type: dnsmessage.TypeTXT, Class: dnsmessage.ClassCHAOS`
	const txtIN = `Name: dnsmessage.MustNewName("o-o.myaddr.l.google.com."), Type: dnsmessage.TypeTXT, Class: dnsmessage.ClassINET`
	for _, c := range []struct {
		word, says, question string
		recursive            bool
		servers              []string
	}{
		{"cloudflare.dns", "8.8.4.4", txtCH, false, []string{"1.1.1.1", "1.0.0.1"}},
		{"cloudflare.dns", "2a00:1450::1", txtCH, false, []string{"2606:4700:4700::1111", "2606:4700:4700::1001"}},
		{"google.dns", "8.8.4.4", txtIN, false, []string{"216.239.32.10", "216.239.34.10"}},
		{"google.dns", "2a00:1450::1", txtIN, false, []string{"2001:4860:4802:32::a", "2001:4860:4802:34::a"}},
		{"opendns", "8.8.4.4", `Name: dnsmessage.MustNewName("myip.opendns.com."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET`, true,
			[]string{"208.67.222.222", "208.67.220.220"}},
		{"opendns", "2a00:1450::1", `Name: dnsmessage.MustNewName("myip.opendns.com."), Type: dnsmessage.TypeAAAA, Class: dnsmessage.ClassINET`, true,
			[]string{"2620:119:35::35", "2620:119:53::53"}},
		{"akamai.dns", "8.8.4.4", `Name: dnsmessage.MustNewName("whoami.akamai.net."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET`, false,
			[]string{"193.108.88.1"}},
	} {
		t.Run(c.word+" "+c.says, func(t *testing.T) {
			n := &nameserver{datagram: func(query []byte, reply func([]byte)) {
				q := asked(t, query)
				if got := q.Questions[0].GoString(); got != "dnsmessage.Question{"+c.question+"}" || q.RecursionDesired != c.recursive || q.Response || len(q.Additionals) != 0 {
					t.Errorf("asked %s", q.GoString())
				}
				reply(answerTo(t, query, c.says, nil))
			}}
			n.serve(t)
			w, network := want4, "udp4"
			if strings.Contains(c.says, ":") {
				w, network = want6, "udp6"
			}
			s := must(t)(PlainDNS(w, n.dial, c.word))
			var want []string
			for _, server := range c.servers {
				wantSame(t, s.Observe(t.Context()), known(c.says))
				want = append(want, network+" "+net.JoinHostPort(server, "53"))
			}
			if got := n.Dialed(); !slices.Equal(got, want) {
				t.Errorf("dialled %v, want %v", got, want)
			}
		})
	}
}

func TestPlainDNSRefuses(t *testing.T) {
	type message = dnsmessage.Message
	a := func(ip string) dnsmessage.ResourceBody {
		return &dnsmessage.AResource{A: netip.MustParseAddr(ip).As4()}
	}
	txt := func(s ...string) dnsmessage.ResourceBody { return &dnsmessage.TXTResource{TXT: s} }
	for _, c := range []struct {
		name, word string
		wanted     Wanted
		change     func(*message)
		says       string
	}{
		{"an error", "opendns", want4, func(m *message) { m.RCode = dnsmessage.RCodeNameError }, "ask 208.67.222.222: the server refused with NameError"},
		{"a refusal", "google.dns", want4, func(m *message) { m.RCode = dnsmessage.RCodeRefused }, "the server refused with Refused"},
		{"no record", "opendns", want4, func(m *message) { m.Answers = nil }, "holds 0 records"},
		{"two addresses", "opendns", want4, func(m *message) { m.Answers = append(m.Answers, m.Answers[0]) }, "holds 2 records"},
		{"an alias", "opendns", want4, func(m *message) {
			m.Answers[0].Body = &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName("a.example.")}
		}, "not the one that was asked for"},
		{"a record of another type", "opendns", want6, func(m *message) { m.Answers[0].Body = a("8.8.4.4") }, "not the one that was asked for"},
		{"a record of another name", "akamai.dns", want4, func(m *message) { m.Answers[0].Header.Name = dnsmessage.MustNewName("a.example.") }, "not the one that was asked for"},
		{"a record of another class", "cloudflare.dns", want4, func(m *message) { m.Answers[0].Header.Class = dnsmessage.ClassINET }, "not the one that was asked for"},
		{"no string", "google.dns", want4, func(m *message) { m.Answers[0].Body = txt() }, "0 strings"},
		{"an empty string", "google.dns", want4, func(m *message) { m.Answers[0].Body = txt("") }, `"" is not an address`},
		{"two strings", "google.dns", want4, func(m *message) { m.Answers[0].Body = txt("8.8.4.4", "8.8.8.8") }, "2 strings"},
		{"what a resolver between adds", "google.dns", want4, func(m *message) {
			m.Answers = append(m.Answers, m.Answers[0])
			m.Answers[1].Body = txt("edns0-client-subnet 8.8.4.0/24")
		}, "holds 2 records"},
		{"that alone", "google.dns", want4, func(m *message) { m.Answers[0].Body = txt("edns0-client-subnet 8.8.4.4") }, "is not an address"},
		{"a network", "google.dns", want4, func(m *message) { m.Answers[0].Body = txt("8.8.4.4/32") }, "is not an address"},
		{"a web page", "google.dns", want4, func(m *message) { m.Answers[0].Body = txt(portal) }, "is not an address"},
		{"a zone", "google.dns", want6, func(m *message) { m.Answers[0].Body = txt("2a00:1450::1%eth0") }, "has a zone"},
		{"control characters", "google.dns", want4, func(m *message) { m.Answers[0].Body = txt("\x1b[2J") }, `"\x1b[2J" is not an address`},
		{"another family", "cloudflare.dns", want4, func(m *message) { m.Answers[0].Body = txt("2a00:1450::1") }, "not an IPv4 address"},
		{"IPv4 inside IPv6", "opendns", want6, func(m *message) {
			m.Answers[0].Body = &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr("::ffff:8.8.4.4").As16()}
		}, "inside IPv6"},
		{"a private address", "opendns", want4, func(m *message) { m.Answers[0].Body = a("192.168.1.2") }, "RFC 1918"},
		{"CGNAT", "akamai.dns", want4, func(m *message) { m.Answers[0].Body = a("100.64.0.1") }, "(CGNAT), so nobody can reach this one and no updater can help"},
		{"Cloudflare's own", "cloudflare.dns", want4, func(m *message) { m.Answers[0].Body = txt("172.64.0.1") }, "Cloudflare's own network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := map[addr.Family]string{addr.IPv4: "8.8.4.4", addr.IPv6: "2a00:1450::1"}[c.wanted.Family]
			o := askDNS(t, c.wanted, c.word, says(t, said, c.change))
			wantRefused(t, o, c.says)
			if strings.ContainsRune(o.Why().Error(), 0x1b) {
				t.Errorf("%q", o.Why())
			}
		})
	}
}

// Whoever is not the server cannot even end the question.
func TestPlainDNSPassesOverWhatIsNoAnswerToIt(t *testing.T) {
	lies := func(change func(*dnsmessage.Message)) func(*testing.T, []byte) []byte {
		return func(t *testing.T, query []byte) []byte { return answerTo(t, query, "9.9.9.9", change) }
	}
	for name, forged := range map[string]func(*testing.T, []byte) []byte{
		"another id":            lies(func(m *dnsmessage.Message) { m.ID++ }),
		"an error of another":   lies(func(m *dnsmessage.Message) { m.ID++; m.RCode = dnsmessage.RCodeRefused }),
		"a question":            lies(func(m *dnsmessage.Message) { m.Response = false }),
		"another kind":          lies(func(m *dnsmessage.Message) { m.OpCode = 4 }),
		"another name":          lies(func(m *dnsmessage.Message) { m.Questions[0].Name = dnsmessage.MustNewName("a.example.") }),
		"another type":          lies(func(m *dnsmessage.Message) { m.Questions[0].Type = dnsmessage.TypeTXT }),
		"another class":         lies(func(m *dnsmessage.Message) { m.Questions[0].Class = dnsmessage.ClassCHAOS }),
		"no question":           lies(func(m *dnsmessage.Message) { m.Questions = nil }),
		"two questions":         lies(func(m *dnsmessage.Message) { m.Questions = append(m.Questions, m.Questions[0]) }),
		"nothing":               func(*testing.T, []byte) []byte { return nil },
		"no message":            func(*testing.T, []byte) []byte { return []byte("8.8.4.4") },
		"one that ends early":   func(t *testing.T, q []byte) []byte { return answerTo(t, q, "9.9.9.9", nil)[:14] },
		"more than there is of": func(*testing.T, []byte) []byte { return make([]byte, 5000) },
	} {
		t.Run(name, func(t *testing.T) {
			n := &nameserver{datagram: func(query []byte, reply func([]byte)) {
				for range 3 {
					reply(forged(t, query))
				}
				reply(answerTo(t, query, "8.8.4.4", nil))
			}}
			wantSame(t, askDNS(t, want4, "opendns", n), truth)
			if got := n.Dialed(); len(got) != 1 {
				t.Errorf("dialled %v", got)
			}
		})
	}
}

func TestPlainDNSHearsOnlyTheAddressItAsked(t *testing.T) {
	other, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	n := &nameserver{}
	n.datagram = func(query []byte, reply func([]byte)) {
		// Who reads the line knows the id and the port, but has another address.
		to := n.From()[0]
		if _, err := other.WriteTo(answerTo(t, query, "9.9.9.9", nil), net.UDPAddrFromAddrPort(to)); err != nil {
			t.Error(err)
		}
		reply(answerTo(t, query, "8.8.4.4", nil))
	}
	wantSame(t, askDNS(t, want4, "opendns", n), truth)
}

func TestPlainDNSCannotBeGuessed(t *testing.T) {
	var mu sync.Mutex
	ids := map[uint16]bool{}
	n := &nameserver{datagram: func(query []byte, reply func([]byte)) {
		mu.Lock()
		ids[asked(t, query).ID] = true
		mu.Unlock()
		reply(answerTo(t, query, "8.8.4.4", nil))
	}}
	n.serve(t)
	s := must(t)(PlainDNS(want4, n.dial, "opendns"))
	const questions = 20
	for range questions {
		wantSame(t, s.Observe(t.Context()), truth)
	}
	ports := map[uint16]bool{}
	for _, f := range n.From() {
		ports[f.Port()] = true
	}
	mu.Lock()
	defer mu.Unlock()
	if len(ids) < questions-2 || len(ports) < questions/2 {
		t.Errorf("%d questions had %d ids and came from %d ports", questions, len(ids), len(ports))
	}
}

func TestPlainDNSAsksOverTCPWhatDidNotFit(t *testing.T) {
	cut := func(m *dnsmessage.Message) { m.Truncated, m.Answers = true, nil }
	for _, c := range []struct {
		name   string
		stream func(t *testing.T, query []byte, conn io.Writer)
		says   string // empty: the truth
	}{
		{"an answer", func(t *testing.T, q []byte, conn io.Writer) { conn.Write(framed(answerTo(t, q, "8.8.4.4", nil))) }, ""},
		{"one that comes a byte at a time", func(t *testing.T, q []byte, conn io.Writer) {
			for _, b := range framed(answerTo(t, q, "8.8.4.4", nil)) {
				conn.Write([]byte{b})
			}
		}, ""},
		{"cut short again", func(t *testing.T, q []byte, conn io.Writer) { conn.Write(framed(answerTo(t, q, "8.8.4.4", cut))) }, "cut short"},
		{"another id", func(t *testing.T, q []byte, conn io.Writer) {
			conn.Write(framed(answerTo(t, q, "8.8.4.4", func(m *dnsmessage.Message) { m.ID++ })))
		}, "the id differs"},
		{"no message", func(_ *testing.T, _ []byte, conn io.Writer) { conn.Write(framed([]byte("8.8.4.4"))) }, "not a DNS message"},
		{"more than 4 KiB", func(_ *testing.T, _ []byte, conn io.Writer) { conn.Write(framed(make([]byte, maxAnswer+1))) }, "longer than 4096 bytes"},
		{"one that breaks off", func(t *testing.T, q []byte, conn io.Writer) {
			conn.Write(framed(answerTo(t, q, "8.8.4.4", nil))[:20])
			conn.(net.Conn).Close()
		}, "unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := says(t, "8.8.4.4", cut)
			n.stream = func(query []byte, conn io.Writer) { c.stream(t, query, conn) }
			o := askDNS(t, want4, "akamai.dns", n)
			if c.says == "" {
				wantSame(t, o, truth)
			} else {
				wantRefused(t, o, "ask 193.108.88.1: ")
				wantRefused(t, o, c.says)
			}
			if got := n.Dialed(); !slices.Equal(got, []string{"udp4 193.108.88.1:53", "tcp4 193.108.88.1:53"}) {
				t.Errorf("dialled %v", got)
			}
		})
	}
}

// datagramsInBubble is a server on which synctest can wait: each write to a
// pipe is a datagram.
func datagramsInBubble(t *testing.T, answer func(nth int, query []byte, conn net.Conn)) (dial func(context.Context, string, string) (net.Conn, error)) {
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		serving.Go(func() {
			defer theirs.Close()
			b := make([]byte, 512)
			for nth := 0; ; nth++ {
				n, err := theirs.Read(b)
				if err != nil {
					return
				}
				answer(nth, slices.Clone(b[:n]), theirs)
			}
		})
		return ours, nil
	}
}

func TestPlainDNSAsksAgainWhatWasLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := datagramsInBubble(t, func(nth int, query []byte, conn net.Conn) {
			if nth == 2 {
				conn.Write(answerTo(t, query, "8.8.4.4", nil))
			}
		})
		start := time.Now()
		wantSame(t, panelOf(addr.First(), must(t)(PlainDNS(want4, dial, "akamai.dns"))).Observe(t.Context()), truth)
		if took := time.Since(start); took != 2*resolve.ResendAfter {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAHostileNameserverCostsAtMostTheTimeout(t *testing.T) {
	flood := func(_ int, query []byte, conn net.Conn) {
		for range 100 {
			if _, err := conn.Write(answerTo(t, query, "9.9.9.9", func(m *dnsmessage.Message) { m.ID++ })); err != nil {
				return
			}
		}
	}
	for what, host := range map[string]func(int, []byte, net.Conn){
		"hangs":  func(int, []byte, net.Conn) {},
		"floods": flood,
		"trickles": func(_ int, _ []byte, conn net.Conn) {
			for range 10 {
				time.Sleep(time.Second)
				if _, err := conn.Write([]byte{1}); err != nil {
					return
				}
			}
		},
	} {
		for _, word := range []string{"cloudflare.dns", "opendns", "google.dns", "akamai.dns"} {
			t.Run(word+" "+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := panelOf(addr.First(), must(t)(PlainDNS(want4, datagramsInBubble(t, host), word)))
					start := time.Now()
					wantRefused(t, p.Observe(t.Context()), "no answer within 5s")
					if took := time.Since(start); took != 5*time.Second {
						t.Errorf("it took %v", took)
					}
				})
			})
		}
	}
}

// On real sockets: whatever a server does, no goroutine and no socket is left.
func TestHostileNameserversLeaveNothing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	cut := func(t *testing.T) func([]byte, func([]byte)) {
		return says(t, "8.8.4.4", func(m *dnsmessage.Message) { m.Truncated, m.Answers = true, nil }).datagram
	}
	for what, server := range map[string]func(*testing.T) *nameserver{
		"hangs":          func(*testing.T) *nameserver { return &nameserver{} },
		"hangs over TCP": func(t *testing.T) *nameserver { return &nameserver{datagram: cut(t)} },
		"trickles over TCP": func(t *testing.T) *nameserver {
			return &nameserver{datagram: cut(t), stream: func(_ []byte, conn io.Writer) { conn.Write([]byte{0}) }}
		},
		"resets TCP": func(t *testing.T) *nameserver {
			return &nameserver{datagram: cut(t), stream: func(_ []byte, conn io.Writer) {
				conn.(*net.TCPConn).SetLinger(0)
				conn.(*net.TCPConn).Close()
			}}
		},
		"answers 4 MB over TCP": func(t *testing.T) *nameserver {
			return &nameserver{datagram: cut(t), stream: func(_ []byte, conn io.Writer) {
				for range 1 << 10 {
					if _, err := conn.Write(make([]byte, 4<<10)); err != nil {
						return
					}
				}
			}}
		},
		"floods": func(t *testing.T) *nameserver {
			return &nameserver{datagram: func(_ []byte, reply func([]byte)) {
				for range 1000 {
					reply([]byte(portal))
				}
			}}
		},
	} {
		t.Run(what, func(t *testing.T) {
			n := server(t)
			n.serve(t)
			p := panelOf(addr.First(), must(t)(PlainDNS(want4, n.dial, "opendns")))
			p.Timeout = 100 * ms
			start := time.Now()
			wantRefused(t, p.Confirm(t.Context(), p.Observe(t.Context())), "")
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// Nobody listens: the answer of the kernel ends the question.
func TestPlainDNSFailsWhereNobodyListens(t *testing.T) {
	n := &nameserver{}
	t.Run("listen and leave", func(t *testing.T) { n.serve(t) })
	start := time.Now()
	o := panelOf(addr.First(), must(t)(PlainDNS(want4, n.dial, "akamai.dns"))).Observe(t.Context())
	wantRefused(t, o, "refused")
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestPlainDNSSaysWhoVotes(t *testing.T) {
	for word, want := range map[string]struct{ operator, ways string }{
		"cloudflare.dns": {cloudflareOperator, "1.1.1.1 over DNS, 1.0.0.1 over DNS"},
		"opendns":        {"opendns.com", "208.67.222.222 over DNS, 208.67.220.220 over DNS"},
		"google.dns":     {"google.com", "216.239.32.10 over DNS, 216.239.34.10 over DNS"},
		"akamai.dns":     {"akamai.com", "193.108.88.1 over DNS"},
	} {
		s := must(t)(PlainDNS(want4, nil, word))
		if got := s.Voter(); got != (addr.Voter{Source: word, Operator: want.operator}) {
			t.Errorf("%s is %+v", word, got)
		}
		var ways []string
		for _, w := range routesOf(s) {
			v := w.Voter()
			ways = append(ways, v.Route)
			if v.Authenticated || v.Certain || v.Operator != want.operator || v.Source != word {
				t.Errorf("%+v", v)
			}
		}
		if got := strings.Join(ways, ", "); got != want.ways {
			t.Errorf("the ways of %s are %s", word, got)
		}
	}
}

func TestPlainDNSRefusesWhatDoesNotExist(t *testing.T) {
	if _, err := PlainDNS(want6, nil, "akamai.dns"); err == nil || err.Error() != "it answers over IPv4 only; for IPv6 take another source" {
		t.Errorf("got %v", err)
	}
	if _, err := PlainDNS(want4, nil, "quad9"); err == nil || err.Error() != `there is no DNS service "quad9"` {
		t.Errorf("got %v", err)
	}
}

// One that answers over a channel nobody can forge must be among those that agree.
func TestPlainDNSAloneIsNoAgreement(t *testing.T) {
	n := says(t, "8.8.4.4", nil)
	n.serve(t)
	var sources []Source
	for _, word := range []string{"opendns", "google.dns", "akamai.dns"} {
		sources = append(sources, must(t)(PlainDNS(want4, n.dial, word)))
	}
	for _, rule := range []addr.Rule{addr.Majority(), addr.AtLeast(1), addr.AtLeast(3)} {
		wantRefused(t, panelOf(rule, sources...).Observe(t.Context()), "only sources whose answers can be forged agree")
		c := onLoopback(t, &world{hosts: map[string]http.HandlerFunc{"cloudflare-dns.com": resolver(t, "8.8.4.4", nil)}})
		safe := must(t)(DoH(want4, c, "http://cloudflare-dns.com/")).(*routeSource)
		safe.voter.Authenticated = true // as over https
		wantSame(t, panelOf(rule, append(sources, safe)...).Observe(t.Context()), truth)
	}
}

// Whatever a server sends: no panic, and no address that is not public, of the
// right family, and in the one record that was asked for.
func FuzzDNS(f *testing.F) {
	words := []string{"cloudflare.dns", "opendns", "google.dns", "akamai.dns"}
	f.Fuzz(func(t *testing.T, body []byte, nth uint8, four bool) {
		w, word := want6, words[int(nth)%len(words)]
		if four || word == "akamai.dns" {
			w = want4
		}
		s := must(t)(PlainDNS(w, saying(body), word))
		o := routesOf(s)[0].Observe(t.Context())
		for _, p := range o.Prefixes() {
			checkPublic(t, w, p)
		}
		var m dnsmessage.Message
		if err := m.Unpack(body); err == nil && o.Known() && (len(m.Answers) != 1 || !m.Response) {
			t.Errorf("%s out of %s", o.Describe(), m.GoString())
		}
	})
}

// saying reaches a server that answers everything with body, in which it puts
// the id of the question, and leaves.
func saying(body []byte) httpx.Dial {
	return func(_ context.Context, network, _ string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			query := make([]byte, 512)
			n, err := theirs.Read(query)
			said := slices.Clone(body)
			switch {
			case err != nil:
			case strings.HasPrefix(network, "tcp"):
				copy(said, query[2:min(n, 4)])
				theirs.Write(framed(said))
			default:
				copy(said, query[:min(n, 2)])
				theirs.Write(said)
			}
		}()
		return ours, nil
	}
}
