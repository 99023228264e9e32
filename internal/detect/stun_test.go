package detect

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/scaletest"
)

// attribute is one of a STUN message (RFC 8489, section 14).
func attribute(kind uint16, value []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, append(value, make([]byte, (4-len(value)%4)%4)...)...)
}

// xored is what XOR-MAPPED-ADDRESS says of an address, for a question.
func xored(question []byte, at netip.AddrPort) []byte {
	value := []byte{0, 1, 0, 0}
	if at.Addr().Is6() {
		value[1] = 2
	}
	binary.BigEndian.PutUint16(value[2:], at.Port()^0x2112)
	for i, c := range at.Addr().AsSlice() {
		value = append(value, c^question[4+i])
	}
	return value
}

func stunAnswer(question []byte, kind uint16, attributes ...[]byte) []byte {
	b := append([]byte{byte(kind >> 8), byte(kind), 0, 0}, question[4:20]...)
	for _, a := range attributes {
		b = append(b, a...)
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-20))
	return b
}

// stunServer answers on loopback what say makes of a question that is one.
func stunServer(t *testing.T, say func(question []byte, reply func([]byte))) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	n := &nameserver{datagram: func(q []byte, reply func([]byte)) {
		if len(q) != 20 || hex.EncodeToString(q[:8]) != "000100002112a442" {
			t.Errorf("asked %x", q)
			return
		}
		say(q, reply)
	}}
	n.serve(t)
	return n.dial
}

func TestSTUN(t *testing.T) {
	software := attribute(0x8022, []byte("Coturn-4.6.1"))
	lie := attribute(1, []byte{0, 1, 0, 9, 9, 9, 9, 9})
	for _, c := range []struct {
		name   string
		wanted Wanted
		say    func(q []byte, reply func([]byte))
		want   addr.Observation
		why    string
	}{
		{"IPv4", want4, func(q []byte, reply func([]byte)) {
			reply(stunAnswer(q, 0x0101, software, lie, attribute(0x20, xored(q, netip.MustParseAddrPort("8.8.4.4:4711")))))
		}, known("8.8.4.4"), ""},
		{"IPv6", want6, func(q []byte, reply func([]byte)) {
			reply(stunAnswer(q, 0x0101, attribute(0x20, xored(q, netip.MustParseAddrPort("[2a00:1450::1]:4711")))))
		}, known("2a00:1450::1"), ""},
		{"strays come first", want4, func(q []byte, reply func([]byte)) {
			other := append([]byte{}, q...)
			other[19]++
			forged := attribute(0x20, xored(other, netip.MustParseAddrPort("9.9.9.9:1")))
			reply(stunAnswer(other, 0x0101, forged)) // the number of another question
			reply(append(stunAnswer(q, 0x0101, forged), 0))
			reply(stunAnswer(q, 0x0011, forged)) // an indication
			reply([]byte{1})
			reply(nil)
			reply(stunAnswer(q, 0x0101, attribute(0x20, xored(q, netip.MustParseAddrPort("8.8.4.4:4711")))))
		}, known("8.8.4.4"), ""},
		{"a refusal", want4, func(q []byte, reply func([]byte)) { reply(stunAnswer(q, 0x0111)) }, addr.Observation{}, "the server refused"},
		{"only what routers rewrite", want4, func(q []byte, reply func([]byte)) { reply(stunAnswer(q, 0x0101, lie)) }, addr.Observation{}, "no XOR-MAPPED-ADDRESS"},
		{"the other family", want4, func(q []byte, reply func([]byte)) {
			reply(stunAnswer(q, 0x0101, attribute(0x20, xored(q, netip.MustParseAddrPort("[2a00:1450::1]:1")))))
		}, addr.Observation{}, "not an IPv4 address"},
		{"a private address", want4, func(q []byte, reply func([]byte)) {
			reply(stunAnswer(q, 0x0101, attribute(0x20, xored(q, netip.MustParseAddrPort("192.168.1.2:1")))))
		}, addr.Observation{}, "private"},
		{"a short address", want4, func(q []byte, reply func([]byte)) {
			reply(stunAnswer(q, 0x0101, attribute(0x20, []byte{0, 1, 0, 0, 1, 2, 3})))
		}, addr.Observation{}, "no known form"},
		{"an attribute beyond the end", want4, func(q []byte, reply func([]byte)) {
			reply(stunAnswer(q, 0x0101, []byte{0, 0x20, 0xff, 0xff, 0, 1, 0, 0, 1, 2, 3, 4}))
		}, addr.Observation{}, "no XOR-MAPPED-ADDRESS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := must(t)(STUN(c.wanted, stunServer(t, c.say), "stun.example.net:3478"))
			o := s.Observe(t.Context())
			if c.why == "" {
				wantSame(t, o, c.want)
			} else if o.Known() || !strings.Contains(o.Why().Error(), c.why) {
				t.Errorf("it is %s, want %s", o.Describe(), c.why)
			}
		})
	}
}

func TestSTUNAsksAgainWhereADatagramIsLost(t *testing.T) {
	asked := 0
	var first []byte
	dial := stunServer(t, func(q []byte, reply func([]byte)) {
		if asked++; asked == 1 {
			first = q
			return
		}
		if string(q) != string(first) {
			t.Errorf("asked %x and then %x", first, q)
		}
		reply(stunAnswer(q, 0x0101, attribute(0x20, xored(q, netip.MustParseAddrPort("8.8.4.4:1")))))
	})
	wantSame(t, must(t)(STUN(want4, dial, STUNServer)).Observe(t.Context()), known("8.8.4.4"))
}

func TestSTUNEndsWithTheTime(t *testing.T) {
	dial := stunServer(t, func([]byte, func([]byte)) {})
	cause := &TimedOut{After: 20 * time.Millisecond}
	ctx, cancel := context.WithTimeoutCause(t.Context(), cause.After, cause)
	defer cancel()
	if o := must(t)(STUN(want4, dial, STUNServer)).Observe(ctx); o.Known() || !strings.Contains(o.Why().Error(), cause.Error()) {
		t.Errorf("it is %s", o.Describe())
	}
}

func TestSTUNServersAreHostsAndPorts(t *testing.T) {
	for _, bad := range []string{"", "stun.example.net", "stun.example.net:", ":3478", "stun.example.net:0", "stun.example.net:70000", "2001:db8::1"} {
		if _, err := STUN(want4, nil, bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for good, operator := range map[string]string{"stun.example.net:3478": "example.net", "[2001:db8::1]:3478": "2001:db8::1", STUNServer: cloudflareOperator} {
		if v := must(t)(STUN(want4, nil, good)).Voter(); v.Operator != operator || !v.Weak || v.Authenticated {
			t.Errorf("%s: %+v", good, v)
		}
	}
}

// Whoever answers for a STUN server in its place can neither publish an address
// nor keep another out, and two such servers are not worth more.
func TestSTUNIsNeverEnoughAlone(t *testing.T) {
	lies := func() Source {
		return must(t)(STUN(want4, stunServer(t, func(q []byte, reply func([]byte)) {
			reply(stunAnswer(q, 0x0101, attribute(0x20, xored(q, netip.MustParseAddrPort("9.9.9.9:1")))))
		}), "stun.example.net:3478"))
	}
	honest := func(name string) Source {
		return &routeSource{voter: addr.Voter{Source: name, Operator: name, Route: name, Authenticated: true}, ask: func(context.Context) ([]netip.Prefix, error) {
			return truth.Prefixes(), nil
		}}
	}
	look := func(sources ...Source) addr.Observation {
		p := New(Config{Family: addr.IPv4, Sources: sources, Rule: addr.First(), Timeout: time.Second})
		return p.Confirm(t.Context(), p.Observe(t.Context()))
	}
	if o := look(lies(), lies()); o.Known() {
		t.Errorf("two are believed: %s", o.Describe())
	}
	if o := look(lies(), lies(), lies(), honest("a")); o.Known() {
		t.Errorf("with one that disagrees: %s", o.Describe())
	}
	wantSame(t, look(lies(), honest("a"), lies(), honest("b")), truth)
}

func FuzzSTUN(f *testing.F) {
	q, _ := hex.DecodeString("000100002112a442000102030405060708090a0b")
	f.Add(stunAnswer(q, 0x0101, attribute(0x8022, []byte("x")), attribute(0x20, xored(q, netip.MustParseAddrPort("8.8.4.4:1")))))
	f.Add(stunAnswer(q, 0x0101, attribute(0x20, xored(q, netip.MustParseAddrPort("[2a00:1450::1]:1")))))
	f.Add(stunAnswer(q, 0x0111, attribute(9, []byte{0, 0, 4, 0})))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := parseSTUN(body, q[4:])
		if (err == nil) != a.IsValid() {
			t.Errorf("%v beside %v", a, err)
		}
	})
}

func TestSTUNTakesTimeInProportion(t *testing.T) {
	q, _ := hex.DecodeString("000100002112a442000102030405060708090a0b")
	scaletest.Linear(t, "STUN", 250, func(n int) func() {
		body := stunAnswer(q, 0x0101, []byte(strings.Repeat("\x80\x22\x00\x00", n)))
		return func() {
			for range 100 {
				_, _ = parseSTUN(body, q[4:])
			}
		}
	})
}
