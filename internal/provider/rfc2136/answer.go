package rfc2136

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
)

// said is what a server answers to a question for a name.
type said struct {
	code    dnsmessage.RCode
	sure    bool         // it speaks for the zone
	here    []dns.Record // A, AAAA, TXT and CNAME at the name itself
	renamed bool         // by a DNAME above
	cut     []dns.Record // NS that delegate the name, or one above
	soa     string       // whose zone it speaks for
	serial  uint32       // of that, where it was asked for; zero: not told
}

// answered says that here is all there is of what was asked.
func (s *said) answered() bool {
	return s.sure && (s.code == dnsmessage.RCodeSuccess || s.code == dnsmessage.RCodeNameError)
}

// readAnswer reads the answer to a question for n: the records it gives, and whose
// it is.
func readAnswer(msg []byte, n dns.Name) (*said, error) {
	if len(msg) < headerSize {
		return nil, errMessage
	}
	count := func(at int) int { return int(binary.BigEndian.Uint16(msg[at:])) }
	s := &said{code: codeOf(msg), sure: msg[2]&4 != 0}
	w := walk{msg, headerSize}
	for range count(4) {
		if _, err := w.question(); err != nil {
			return nil, err
		}
	}
	for i := range count(6) + count(8) {
		h, err := w.record()
		if err != nil {
			return nil, err
		}
		if h.class != dnsmessage.ClassINET {
			continue
		}
		take := s.take
		if i >= count(6) {
			take = s.takeOwner
		}
		if err := take(&h, n); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// take reads one record of the answer section.
func (s *said) take(h *head, n dns.Name) error {
	owner := dotted(h.name)
	r := dns.Record{Name: n, TTL: int(h.ttl & MaxTTL)}
	switch {
	case h.typ == dnsmessage.TypeSOA:
		s.soa, s.serial = owner, h.readSerial()
		return nil
	case h.typ == typeDNAME:
		s.renamed = true
		return nil
	case owner != n.String():
		return nil
	case h.typ == dnsmessage.TypeA:
		r.Type = dns.A
	case h.typ == dnsmessage.TypeAAAA:
		r.Type = dns.AAAA
	case h.typ == dnsmessage.TypeCNAME:
		r.Type = dns.CNAME
	case h.typ == dnsmessage.TypeTXT:
		r.Type = dns.TXT
	default:
		return nil
	}
	if err := h.read(&r); err != nil {
		return err
	}
	s.here = append(s.here, r)
	return nil
}

// takeOwner reads one record of the authority section.
func (s *said) takeOwner(h *head, _ dns.Name) error {
	if h.typ == dnsmessage.TypeSOA && s.soa == "" {
		s.soa = dotted(h.name)
	}
	if h.typ != dnsmessage.TypeNS || s.sure {
		return nil
	}
	r := dns.Record{Type: dns.NS, TTL: int(h.ttl & MaxTTL)}
	if err := h.read(&r); err != nil {
		return err
	}
	var err error
	if r.Name, err = dns.ParseName(dotted(h.name)); err == nil {
		s.cut = append(s.cut, r)
	}
	return nil
}

// read takes the data of a record of this type: an address, strings, or a name.
func (h *head) read(r *dns.Record) error {
	if r.Type == dns.TXT {
		strs, err := stringsOf(h.data.msg[h.data.at:h.end])
		*r = r.Saying(dns.OfStrings(strs...))
		return err
	}
	if !r.Type.IsAddress() {
		to, err := h.data.name()
		if err != nil || h.data.at != h.end {
			return errMessage
		}
		r.Text = dotted(to)
		return nil
	}
	raw := h.data.msg[h.data.at:h.end]
	a, ok := netip.AddrFromSlice(raw)
	if !ok || a.Is4() != (r.Type == dns.A) {
		return errMessage
	}
	r.Addr = a
	return nil
}

// stringsOf is the strings of a TXT record in wire form; there is one at least.
func stringsOf(data []byte) (strs []string, err error) {
	w := walk{data, 0}
	for {
		n, err := w.take(1)
		if err != nil {
			return nil, err
		}
		s, err := w.take(int(n[0]))
		if err != nil {
			return nil, err
		}
		if strs = append(strs, string(s)); w.at == len(data) {
			return strs, nil
		}
	}
}

// wireType is a type as messages number it; zero for one that is not kept here.
func wireType(t dns.Type) dnsmessage.Type {
	switch t {
	case dns.A:
		return dnsmessage.TypeA
	case dns.AAAA:
		return dnsmessage.TypeAAAA
	case dns.CNAME:
		return dnsmessage.TypeCNAME
	case dns.TXT:
		return dnsmessage.TypeTXT
	}
	return 0
}
