package rfc2136

import (
	"errors"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
)

// said is what a server answers to a question for a name.
type said struct {
	code    dnsmessage.RCode
	sure    bool         // it speaks for the zone
	here    []dns.Record // A, AAAA and CNAME at the name itself
	renamed bool         // by a DNAME above
	cut     []dns.Record // NS that delegate the name, or one above
	soa     string       // whose zone it speaks for
}

// answered says that here is all there is of what was asked.
func (s said) answered() bool {
	return s.sure && (s.code == dnsmessage.RCodeSuccess || s.code == dnsmessage.RCodeNameError)
}

// readAnswer reads the answer to a question for n. It asks the parser for types
// one by one: what can unpack every type of record links code for all of them.
func readAnswer(msg []byte, n dns.Name) (said, error) {
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	if err != nil {
		return said{}, errMessage
	}
	s := said{code: h.RCode, sure: h.Authoritative}
	if err := p.SkipAllQuestions(); err != nil {
		return said{}, errMessage
	}
	for {
		switch head, err := p.AnswerHeader(); {
		case errors.Is(err, dnsmessage.ErrSectionDone):
			return s, s.readAuthority(&p)
		case err != nil:
			return said{}, errMessage
		default:
			if err := s.take(&p, head, n); err != nil {
				return said{}, errMessage
			}
		}
	}
}

// take reads one record of the answer section.
func (s *said) take(p *dnsmessage.Parser, head dnsmessage.ResourceHeader, n dns.Name) error {
	owner := bare(head.Name.String())
	r := dns.Record{Name: n, Type: typeOf(head.Type), TTL: int(head.TTL & MaxTTL)}
	switch {
	case head.Class != dnsmessage.ClassINET:
	case head.Type == dnsmessage.TypeSOA:
		s.soa = owner
	case head.Type == typeDNAME:
		s.renamed = true
	case owner != n.String():
	case head.Type == dnsmessage.TypeA:
		body, err := p.AResource()
		r.Addr = netip.AddrFrom4(body.A)
		s.here = append(s.here, r)
		return err
	case head.Type == dnsmessage.TypeAAAA:
		body, err := p.AAAAResource()
		r.Addr = netip.AddrFrom16(body.AAAA)
		s.here = append(s.here, r)
		return err
	case head.Type == dnsmessage.TypeCNAME:
		body, err := p.CNAMEResource()
		r.Text = bare(body.CNAME.String())
		s.here = append(s.here, r)
		return err
	}
	return p.SkipAnswer()
}

// readAuthority reads whose the answer is.
func (s *said) readAuthority(p *dnsmessage.Parser) error {
	for {
		head, err := p.AuthorityHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return nil
		}
		if err != nil {
			return errMessage
		}
		if head.Type == dnsmessage.TypeSOA && s.soa == "" {
			s.soa = bare(head.Name.String())
		}
		if head.Type != dnsmessage.TypeNS || s.sure {
			if err := p.SkipAuthority(); err != nil {
				return errMessage
			}
			continue
		}
		body, err := p.NSResource()
		if err != nil {
			return errMessage
		}
		if owner, err := dns.ParseName(bare(head.Name.String())); err == nil {
			s.cut = append(s.cut, dns.Record{Name: owner, Type: dns.NS, Text: bare(body.NS.String()), TTL: int(head.TTL & MaxTTL)})
		}
	}
}

func typeOf(t dnsmessage.Type) dns.Type {
	return dns.Type(strings.TrimPrefix(t.String(), "Type"))
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
	}
	return 0
}
