package rfc2136

import (
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
)

// query is the answer to a question, as an authoritative server gives it.
func (s *server) query(msg []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	q, err2 := p.Question()
	if err != nil || err2 != nil || h.RecursionDesired || q.Class != dnsmessage.ClassINET {
		return header(msg, dnsmessage.RCodeFormatError)
	}
	name := canonicalName(q.Name.String())
	apex := s.apexOf(name)
	if apex == "" {
		return header(msg, dnsmessage.RCodeRefused)
	}
	r := s.look(apex, name, q.Type)
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: h.ID, Response: true, Authoritative: r.cut == nil, RCode: r.code})
	b.EnableCompression()
	must(b.StartQuestions())
	must(b.Question(q))
	must(b.StartAnswers())
	for _, x := range r.here {
		put(&b, name, x)
	}
	if r.soa && q.Type == dnsmessage.TypeSOA && name == apex {
		soa(&b, apex, s.serials[apex])
	}
	must(b.StartAuthorities())
	for _, x := range r.cut {
		put(&b, x.Name.String(), x)
	}
	if r.soa && !(q.Type == dnsmessage.TypeSOA && name == apex) {
		soa(&b, apex, s.serials[apex])
	}
	out, err := b.Finish()
	must(err)
	return out
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// looked is what is found for a question.
type looked struct {
	code dnsmessage.RCode
	here []dns.Record
	cut  []dns.Record
	soa  bool
}

func (s *server) apexOf(name string) (apex string) {
	for z := range s.zones {
		if (name == z || strings.HasSuffix(name, "."+z)) && len(z) > len(apex) {
			apex = z
		}
	}
	return apex
}

// look finds an answer as RFC 1034, section 4.3.2, has it.
func (s *server) look(apex, name string, t dnsmessage.Type) looked {
	z := s.zones[apex]
	labels := strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, apex), "."), ".")
	for i := len(labels) - 1; i >= 0 && name != apex; i-- {
		if cut := ofType(z[strings.Join(labels[i:], ".")+"."+apex], dnsmessage.TypeNS); len(cut) > 0 {
			return looked{cut: cut}
		}
	}
	if name == apex || exists(z, name) {
		return pick(z[name], t)
	}
	for i := 1; i <= len(labels); i++ {
		encloser := strings.TrimPrefix(strings.Join(labels[i:], ".")+"."+apex, ".")
		if encloser != apex && !exists(z, encloser) {
			continue
		}
		if wild := z["*."+encloser]; len(wild) > 0 {
			return pick(wild, t)
		}
		break
	}
	return looked{code: dnsmessage.RCodeNameError, soa: true}
}

// exists says whether there is anything at a name or below it.
func exists(z map[string][]dns.Record, name string) bool {
	for n, records := range z {
		if len(records) > 0 && (n == name || strings.HasSuffix(n, "."+name)) {
			return true
		}
	}
	return false
}

// pick is what of these records answers a question of this type.
func pick(records []dns.Record, t dnsmessage.Type) looked {
	here := ofType(records, t)
	if alias := ofType(records, dnsmessage.TypeCNAME); len(alias) > 0 {
		here = alias
	}
	return looked{here: here, soa: len(here) == 0}
}

// put adds a record to an answer.
func put(b *dnsmessage.Builder, owner string, r dns.Record) {
	h := dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(owner + "."), Class: dnsmessage.ClassINET, TTL: uint32(r.TTL)}
	switch r.Type {
	case dns.A:
		must(b.AResource(h, dnsmessage.AResource{A: r.Addr.As4()}))
	case dns.AAAA:
		must(b.AAAAResource(h, dnsmessage.AAAAResource{AAAA: r.Addr.As16()}))
	case dns.CNAME:
		must(b.CNAMEResource(h, dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(r.Text + ".")}))
	case dns.NS:
		must(b.NSResource(h, dnsmessage.NSResource{NS: dnsmessage.MustNewName(r.Text + ".")}))
	case dns.TXT:
		must(b.TXTResource(h, dnsmessage.TXTResource{TXT: r.Data().Strings()}))
	default:
		panic("no " + r.Type)
	}
}

func soa(b *dnsmessage.Builder, apex string, serial uint32) {
	n := dnsmessage.MustNewName(apex + ".")
	must(b.SOAResource(dnsmessage.ResourceHeader{Name: n, Class: dnsmessage.ClassINET, TTL: 60}, dnsmessage.SOAResource{NS: n, MBox: n, Serial: serial}))
}

// seed stores records as somebody else would.
func (s *server) seed(records ...dns.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		z := s.zones[s.apexOf(r.Name.String())]
		n := r.Name.String()
		z[n] = append(slices.Clone(z[n]), r)
		s.serials[s.apexOf(n)]++
	}
}

func (s *server) stored(n dns.Name) []dns.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.zones[s.apexOf(n.String())][n.String()])
}

// set changes the server while it runs.
func (s *server) set(edit func(*server)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	edit(s)
}
