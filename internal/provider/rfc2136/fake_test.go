package rfc2136

import (
	"context"
	"encoding/binary"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/secret"
)

// flavour is in what servers differ, as measured at BIND 9.18, Knot DNS 3.2 and
// PowerDNS 4.7.
type flavour struct {
	name        string
	strictAlias bool // an address beside a CNAME is refused; else ignored
	keepsTTL    bool // a value that is added once more keeps its TTL
	bareOutside bool // what lies in no zone is refused without a signature
	bareRefusal bool // a wrong key, secret or clock is refused without a signature
	strangeKey  bool // what the key may not change makes it an unknown one
}

func flavours() []flavour {
	return []flavour{{name: "BIND"}, {name: "Knot", keepsTTL: true, bareOutside: true, strangeKey: true}, {name: "PowerDNS", strictAlias: true, bareRefusal: true}}
}

// server is a name server on loopback that takes DNS UPDATE, and refuses what it
// does not know.
type server struct {
	flavour
	t       testing.TB
	address string
	key     *tsigSigner
	clock   func() time.Time

	mu       sync.Mutex
	zones    map[string]map[string][]dns.Record // by zone and name
	serials  map[string]uint32                  // each is counted up by whatever changes the zone
	deny     func(name string) bool             // of names the key may not change
	before   func()                             // runs before the next update is looked at
	asks     bool                               // the key may only ask: Knot then says that it does not know it
	further  uint32                             // by which a change counts the serial up beside one
	lose     bool
	down     bool
	hang     bool
	ignore   bool
	answers  *tsigSigner // signs them
	unsigned bool
	updates  int // messages with changes
	sizes    []int
}

func testKey() Key {
	return Key{Name: "homing", Algorithm: "hmac-sha256", Secret: secret.New("aG9taW5nLXRlc3Qtc2VjcmV0LTMyLWJ5dGVzLWxvbmc=")}
}

func serve(t testing.TB, f flavour, zones ...string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	key, err := testKey().newSigner()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{flavour: f, t: t, address: l.Addr().String(), key: key, answers: key, clock: time.Now, zones: map[string]map[string][]dns.Record{}, serials: map[string]uint32{}}
	for _, z := range zones {
		s.zones[z], s.serials[z] = map[string][]dns.Record{}, 1
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	t.Cleanup(func() { cancel(); l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				stop := context.AfterFunc(ctx, func() { c.Close() })
				defer stop()
				defer c.Close()
				s.talk(ctx, c)
			})
		}
	})
	return s
}

// provider is one that reaches the server.
func (s *server) provider(edit ...func(*Config)) *Provider {
	s.t.Helper()
	c := Config{Servers: []string{s.address}, Key: testKey(), Dial: (&net.Dialer{}).DialContext}
	for _, e := range edit {
		e(&c)
	}
	p, err := New(c)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *server) talk(ctx context.Context, c net.Conn) {
	for {
		var length [2]byte
		if _, err := io.ReadFull(c, length[:]); err != nil {
			return
		}
		msg := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(c, msg); err != nil {
			return
		}
		s.mu.Lock()
		down, hang := s.down, s.hang
		s.mu.Unlock()
		if down {
			return
		}
		if hang {
			<-ctx.Done()
			return
		}
		answer := s.answer(msg)
		if answer == nil {
			return
		}
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

// answer is what is said to a message; nil where the answer is lost.
func (s *server) answer(msg []byte) []byte {
	t, ok, err := findTSIG(msg)
	if err != nil || !ok {
		return header(msg, dnsmessage.RCodeRefused)
	}
	now := s.clock()
	if s.asks && int(msg[2]>>3&15) == opUpdate {
		return unknown(msg, t, badKey)
	}
	bare, err := s.key.verify(msg, nil, now)
	if err != nil {
		return s.badly(msg, t, now)
	}
	var out []byte
	if int(bare[2]>>3&15) == opUpdate {
		code, lost := s.update(bare, len(msg))
		if lost {
			return nil
		}
		if s.strangeKey && code == dnsmessage.RCodeRefused {
			return unknown(msg, t, badKey)
		}
		out = header(bare, code)
	} else {
		out = s.query(bare)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsigned || s.bareOutside && rcodeOf(out) == dnsmessage.RCodeRefused {
		return out
	}
	signed, _ := s.answers.sign(out, prefixMACLength(t.mac), now)
	return signed
}

// badly is the answer to a message whose signature is not taken.
func (s *server) badly(msg []byte, t tsig, now time.Time) []byte {
	if s.bareRefusal {
		return header(msg, rcodeNotAuth)
	}
	out := header(msg, rcodeNotAuth)
	code := uint16(badSig)
	switch {
	case string(t.name) != string(s.key.name) || string(t.algorithm) != string(s.key.algorithm):
		code = badKey
	case uint64(now.Unix()) > t.signed+fudge || uint64(now.Unix())+fudge < t.signed:
		signed, _ := s.key.signWith(tsig{signed: t.signed, err: badTime, other: appendUint48(nil, uint64(now.Unix()))}, out, prefixMACLength(t.mac))
		return signed
	}
	return unknown(msg, t, code)
}

// unknown is an answer without a signature that says what is wrong with one.
func unknown(msg []byte, t tsig, code uint16) []byte {
	out := header(msg, rcodeNotAuth)
	empty := tsig{name: t.name, algorithm: t.algorithm, signed: t.signed, fudge: fudge, originalID: t.originalID, err: code}
	binary.BigEndian.PutUint16(out[10:], 1)
	out = append(append(out, empty.name...), 0, byte(typeTSIG), 0, byte(classAny), 0, 0, 0, 0)
	data := empty.rdata()
	return append(binary.BigEndian.AppendUint16(out, uint16(len(data))), data...)
}

// header is an answer that says no more than this code.
func header(msg []byte, code dnsmessage.RCode) []byte {
	out := make([]byte, headerSize)
	copy(out, msg[:3])
	out[2] |= 0x80
	out[3] = byte(code)
	return out
}

// line is one record of an update.
type wireLine struct {
	name  string
	typ   dnsmessage.Type
	class dnsmessage.Class
	ttl   int
	data  []byte
}

// typeOf is a type as records have it.
func typeOf(t dnsmessage.Type) dns.Type { return dns.Type(strings.TrimPrefix(t.String(), "Type")) }

func readLine(w *wireReader) (l wireLine, err error) {
	name, err := w.readName()
	if err != nil {
		return l, err
	}
	fixed, err := w.readBytes(10)
	if err != nil {
		return l, err
	}
	l = wireLine{nameToText(name), dnsmessage.Type(binary.BigEndian.Uint16(fixed)), dnsmessage.Class(binary.BigEndian.Uint16(fixed[2:])), int(binary.BigEndian.Uint32(fixed[4:])), nil}
	l.data, err = w.readBytes(int(binary.BigEndian.Uint16(fixed[8:])))
	return l, err
}

// update carries out a message, all of it or nothing.
func (s *server) update(msg []byte, size int) (code dnsmessage.RCode, lost bool) {
	s.mu.Lock()
	if before := s.before; before != nil {
		s.before = nil
		s.mu.Unlock()
		before()
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	w := wireReader{msg, headerSize}
	zone, err := w.readName()
	if err != nil {
		return dnsmessage.RCodeFormatError, false
	}
	kind, _ := w.readBytes(4)
	if binary.BigEndian.Uint16(kind) != uint16(dnsmessage.TypeSOA) || binary.BigEndian.Uint16(kind[2:]) != uint16(dnsmessage.ClassINET) {
		return dnsmessage.RCodeFormatError, false
	}
	z := s.zones[nameToText(zone)]
	if z == nil {
		return rcodeNotAuth, false
	}
	var conditions, changes []wireLine
	for i, list := range []*[]wireLine{&conditions, &changes} {
		for range binary.BigEndian.Uint16(msg[6+2*i:]) {
			l, err := readLine(&w)
			if err != nil {
				return dnsmessage.RCodeFormatError, false
			}
			if l.name != nameToText(zone) && !strings.HasSuffix(l.name, "."+nameToText(zone)) {
				return rcodeNotZone, false
			}
			*list = append(*list, l)
		}
	}
	if code := holding(z, conditions); code != 0 {
		return code, false
	}
	if len(changes) == 0 {
		return 0, false
	}
	s.updates, s.sizes = s.updates+1, append(s.sizes, size)
	if s.ignore {
		return 0, false
	}
	after, code := s.changed(z, changes)
	if code != 0 {
		return code, false
	}
	s.zones[nameToText(zone)] = after
	s.serials[nameToText(zone)] += 1 + s.further
	return 0, s.lose
}

// holding says whether conditions hold (RFC 2136, section 3.2).
func holding(z map[string][]dns.Record, conditions []wireLine) dnsmessage.RCode {
	type key struct {
		name string
		typ  dnsmessage.Type
	}
	exact := map[key][]string{}
	for _, c := range conditions {
		here := ofType(z[c.name], c.typ)
		switch {
		case c.ttl != 0:
			return dnsmessage.RCodeFormatError
		case c.class == dnsmessage.ClassINET:
			k := key{c.name, c.typ}
			exact[k] = append(exact[k], string(c.data))
		case len(c.data) != 0:
			return dnsmessage.RCodeFormatError
		case c.class == classAny && len(here) == 0:
			return rcodeNXRRSet
		case c.class == classNone && len(here) != 0:
			return rcodeYXRRSet
		case c.class != classAny && c.class != classNone:
			return dnsmessage.RCodeFormatError
		}
	}
	for k, want := range exact {
		var got []string
		for _, r := range ofType(z[k.name], k.typ) {
			got = append(got, string(encodeRData(&r)))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			return rcodeNXRRSet
		}
	}
	return 0
}

func ofType(records []dns.Record, t dnsmessage.Type) []dns.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r dns.Record) bool { return r.Type != typeOf(t) })
}

// changed is a zone after these changes (RFC 2136, section 3.4).
func (s *server) changed(z map[string][]dns.Record, changes []wireLine) (map[string][]dns.Record, dnsmessage.RCode) {
	after := maps.Clone(z)
	for _, c := range changes {
		if s.deny != nil && s.deny(c.name) {
			return nil, dnsmessage.RCodeRefused
		}
		here := after[c.name]
		switch c.class {
		case classAny:
			if c.ttl != 0 || len(c.data) != 0 {
				return nil, dnsmessage.RCodeFormatError
			}
			after[c.name] = slices.DeleteFunc(slices.Clone(here), func(r dns.Record) bool { return r.Type == typeOf(c.typ) })
		case dnsmessage.ClassINET:
			r := dns.Record{Type: typeOf(c.typ), TTL: c.ttl}
			if a, ok := netip.AddrFromSlice(c.data); r.Type.IsAddress() && (!ok || a.Is4() != (r.Type == dns.A)) {
				return nil, dnsmessage.RCodeFormatError
			} else if r.Addr = a; r.Type == dns.TXT {
				strs, err := parseTXTStrings(c.data)
				if err != nil {
					return nil, dnsmessage.RCodeFormatError
				}
				r.Addr, r.Text = netip.Addr{}, dns.DataOfStrings(strs...).Text
			} else if !r.Type.IsAddress() {
				return nil, dnsmessage.RCodeRefused
			}
			if len(ofType(here, dnsmessage.TypeCNAME)) > 0 {
				if s.strictAlias {
					return nil, dnsmessage.RCodeRefused
				}
				continue
			}
			n, err := dns.ParseName(c.name)
			if err != nil {
				return nil, dnsmessage.RCodeFormatError
			}
			r.Name = n
			after[c.name] = s.added(here, r)
		default:
			return nil, dnsmessage.RCodeFormatError
		}
	}
	return after, 0
}

// added is what stands at a name once r was added.
func (s *server) added(here []dns.Record, r dns.Record) []dns.Record {
	here = slices.Clone(here)
	for i, o := range here {
		if o.Type != r.Type {
			continue
		}
		if o.Data() == r.Data() && s.keepsTTL {
			return here
		}
		here[i].TTL = r.TTL
		if o.Data() == r.Data() {
			return here
		}
	}
	return append(here, r)
}
