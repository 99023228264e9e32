package rfc2136

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
)

// parsedAnswer is what a server answers to a question for a name.
type parsedAnswer struct {
	code          dnsmessage.RCode
	authoritative bool         // it speaks for the zone
	records       []dns.Record // A, AAAA, TXT and CNAME at the name itself
	hasDNAME      bool         // by a DNAME above
	delegations   []dns.Record // NS that delegate the name, or one above
	zoneApex      string       // whose zone it speaks for
	serial        uint32       // of that, where it was asked for; zero: not told
}

// isConclusive reports whether records is all there is of what was asked.
func (s *parsedAnswer) isConclusive() bool {
	return s.authoritative && (s.code == dnsmessage.RCodeSuccess || s.code == dnsmessage.RCodeNameError)
}

// parseAnswer reads the answer to a question for n: the records it gives, and whose
// it is.
func parseAnswer(msg []byte, n dns.Name) (*parsedAnswer, error) {
	if len(msg) < headerSize {
		return nil, errNotDNSMessage
	}
	count := func(at int) int { return int(binary.BigEndian.Uint16(msg[at:])) }
	s := &parsedAnswer{code: rcodeOf(msg), authoritative: msg[2]&4 != 0}
	w := wireReader{msg, headerSize}
	for range count(4) {
		if _, err := w.readQuestion(); err != nil {
			return nil, err
		}
	}
	for i := range count(6) + count(8) {
		h, err := w.readRecord()
		if err != nil {
			return nil, err
		}
		if h.class != dnsmessage.ClassINET {
			continue
		}
		take := s.addAnswerRecord
		if i >= count(6) {
			take = s.addAuthorityRecord
		}
		if err := take(&h, n); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// addAnswerRecord reads one record of the answer section.
func (s *parsedAnswer) addAnswerRecord(h *rrHeader, n dns.Name) error {
	owner := nameToText(h.name)
	r := dns.Record{Name: n, TTL: int(h.ttl & MaxTTL)}
	switch {
	case h.typ == dnsmessage.TypeSOA:
		s.zoneApex, s.serial = owner, h.parseSOASerial()
		return nil
	case h.typ == typeDNAME:
		s.hasDNAME = true
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
	if err := h.decodeData(&r); err != nil {
		return err
	}
	s.records = append(s.records, r)
	return nil
}

// addAuthorityRecord reads one record of the authority section.
func (s *parsedAnswer) addAuthorityRecord(h *rrHeader, _ dns.Name) error {
	if h.typ == dnsmessage.TypeSOA && s.zoneApex == "" {
		s.zoneApex = nameToText(h.name)
	}
	if h.typ != dnsmessage.TypeNS || s.authoritative {
		return nil
	}
	r := dns.Record{Type: dns.NS, TTL: int(h.ttl & MaxTTL)}
	if err := h.decodeData(&r); err != nil {
		return err
	}
	var err error
	if r.Name, err = dns.ParseName(nameToText(h.name)); err == nil {
		s.delegations = append(s.delegations, r)
	}
	return nil
}

// decodeData takes the data of a record of this type: an address, strings, or a name.
func (h *rrHeader) decodeData(r *dns.Record) error {
	if r.Type == dns.TXT {
		strs, err := parseTXTStrings(h.data.msg[h.data.offset:h.end])
		*r = r.WithData(dns.DataOfStrings(strs...))
		return err
	}
	if !r.Type.IsAddress() {
		to, err := h.data.readName()
		if err != nil || h.data.offset != h.end {
			return errNotDNSMessage
		}
		r.Text = nameToText(to)
		return nil
	}
	raw := h.data.msg[h.data.offset:h.end]
	a, ok := netip.AddrFromSlice(raw)
	if !ok || a.Is4() != (r.Type == dns.A) {
		return errNotDNSMessage
	}
	r.Addr = a
	return nil
}

// parseTXTStrings returns the strings of a TXT record in wire form; there is one at least.
func parseTXTStrings(data []byte) (strs []string, err error) {
	w := wireReader{data, 0}
	for {
		n, err := w.readBytes(1)
		if err != nil {
			return nil, err
		}
		s, err := w.readBytes(int(n[0]))
		if err != nil {
			return nil, err
		}
		if strs = append(strs, string(s)); w.offset == len(data) {
			return strs, nil
		}
	}
}

// toWireType returns a type as messages number it; zero for one that is not kept here.
func toWireType(t dns.Type) dnsmessage.Type {
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
