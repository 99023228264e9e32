package dyntest

import (
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// AnswerDNS is what one of the name servers answers, as an authoritative server
// does; nil where it hangs.
func (s *Server) AnswerDNS(server int, question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == Hang {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.RecursionDesired = true, false, false
	m.RCode, m.Additionals = dnsmessage.RCodeRefused, nil
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	switch zone := s.zoneOf(name); {
	case s.fault == Down:
		m.RCode = dnsmessage.RCodeServerFailure
	case zone != "":
		m.RCode = dnsmessage.RCodeSuccess
		s.lookUp(&m, server, zone, name, q.Type)
	}
	if q.Type == dnsmessage.TypeA && server == 0 {
		s.trace = append(s.trace, "read")
	}
	answer, err := m.Pack()
	if err != nil {
		return nil
	}
	return answer
}

// zoneOf is the longest zone a name lies in.
func (s *Server) zoneOf(name string) (longest string) {
	for _, z := range s.zones {
		if (name == z || strings.HasSuffix(name, "."+z)) && len(z) > len(longest) {
			longest = z
		}
	}
	return longest
}

func (s *Server) lookUp(m *dnsmessage.Message, server int, zone, name string, t dnsmessage.Type) {
	if at, to := s.cut(server, zone, name); at != "" {
		m.Authorities = append(m.Authorities, resource(at, Record{"NS", to}, s.TTL))
		return
	}
	m.Authoritative = true
	if name == zone && t == dnsmessage.TypeNS {
		m.Answers = append(m.Answers, resource(zone, Record{"NS", "ns1." + zone}, s.TTL))
		return
	}
	records, exists := s.at(server, zone, name)
	if name == "ns1."+zone {
		records, exists = []Record{{"A", s.At}}, true // of the server itself
	}
	if !exists {
		m.RCode = dnsmessage.RCodeNameError
		return
	}
	for _, r := range records {
		if "Type"+r.Type == t.String() || r.Type == "CNAME" {
			m.Answers = append(m.Answers, resource(name, r, s.TTL))
		}
	}
}

// cut is the delegation next to the zone that takes a name out of it.
func (s *Server) cut(server int, zone, name string) (at, to string) {
	for up := name; up != zone; _, up, _ = strings.Cut(up, ".") {
		if h := s.hosts[up]; h != nil {
			for _, r := range s.seen(h, server) {
				if r.Type == "NS" {
					at, to = up, r.Data
				}
			}
		}
	}
	return at, to
}

// at is what a name server answers with for a name: what stands there, or at the
// wildcard above it.
func (s *Server) at(server int, zone, name string) (records []Record, exists bool) {
	if h := s.hosts[name]; h != nil && len(s.seen(h, server)) > 0 || name == zone {
		if h == nil {
			return nil, true
		}
		return s.seen(h, server), true
	}
	for n, h := range s.hosts {
		if strings.HasSuffix(n, "."+name) && len(s.seen(h, server)) > 0 {
			return nil, true // something lies below it
		}
	}
	for _, up, _ := strings.Cut(name, "."); ; _, up, _ = strings.Cut(up, ".") {
		if h := s.hosts["*."+up]; h != nil && len(s.seen(h, server)) > 0 && !strings.HasPrefix(name, "*.") {
			return s.seen(h, server), true
		}
		if up == zone || up == "" {
			return nil, false
		}
	}
}

func resource(name string, r Record, ttl time.Duration) dnsmessage.Resource {
	h := dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name + "."), Class: dnsmessage.ClassINET, TTL: uint32(ttl / time.Second)}
	var body dnsmessage.ResourceBody
	switch r.Type {
	case "A":
		body = &dnsmessage.AResource{A: netip.MustParseAddr(r.Data).As4()}
	case "AAAA":
		body = &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr(r.Data).As16()}
	case "CNAME":
		body = &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(r.Data + ".")}
	case "NS":
		body = &dnsmessage.NSResource{NS: dnsmessage.MustNewName(r.Data + ".")}
	default:
		body = &dnsmessage.TXTResource{TXT: []string{r.Data}}
	}
	return dnsmessage.Resource{Header: h, Body: body}
}
