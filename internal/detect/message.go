package detect

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// A question is one that a DNS server answers with the address it came from.
type question struct {
	dnsmessage.Question
	recursive bool // the server is a resolver and may refuse what is not asked of it as one
}

// newQuestion takes a constant name, in its full form with a dot at the end.
func newQuestion(name string, t dnsmessage.Type, c dnsmessage.Class) question {
	return question{Question: dnsmessage.Question{Name: dnsmessage.MustNewName(name), Type: t, Class: c}}
}

// whoami is Cloudflare's: TXT, class CHAOS; the family it is asked over decides.
func whoami() question {
	return newQuestion("whoami.cloudflare.", dnsmessage.TypeTXT, dnsmessage.ClassCHAOS)
}

// pack is the question as it goes over the wire.
func (q question) pack(id uint16) []byte {
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: id, RecursionDesired: q.recursive})
	err := errors.Join(b.StartQuestions(), b.Question(q.Question))
	msg, finish := b.Finish()
	if err = errors.Join(err, finish); err != nil {
		panic("detect: a constant question cannot be packed: " + err.Error())
	}
	return msg
}

// stray is why a message does not answer the question that was asked. Who
// listens on an open socket can go on listening.
type stray string

func (s stray) Error() string { return string(s) }

// errTruncated is an answer that did not fit.
var errTruncated = errors.New("it is cut short")

// address takes the one address out of the answer to q with this id.
func (q question) address(body []byte, id uint16, w Wanted) (netip.Prefix, error) {
	var p dnsmessage.Parser
	h, err := p.Start(body)
	if err != nil {
		return netip.Prefix{}, stray("it is not a DNS message: " + err.Error())
	}
	if err := q.answeredBy(h, &p, id); err != nil {
		return netip.Prefix{}, err
	}
	switch {
	case h.Truncated:
		return netip.Prefix{}, errTruncated
	case h.RCode != dnsmessage.RCodeSuccess:
		return netip.Prefix{}, fmt.Errorf("the server refused with %s", strings.TrimPrefix(h.RCode.String(), "RCode"))
	}
	text, err := q.only(&p)
	if err != nil {
		return netip.Prefix{}, err
	}
	return parseOne(text, w)
}

// answeredBy wants an answer that repeats the question as it was asked. All of
// its errors are stray.
func (q question) answeredBy(h dnsmessage.Header, p *dnsmessage.Parser, id uint16) error {
	switch {
	case h.ID != id:
		return stray("it answers another question: the id differs")
	case !h.Response:
		return stray("it is a question, not an answer")
	case h.OpCode != 0:
		return stray("it answers another kind of question")
	}
	qs, err := p.AllQuestions()
	if err != nil {
		return stray("its question cannot be read: " + err.Error())
	}
	if len(qs) != 1 || !q.same(qs[0].Name, qs[0].Type, qs[0].Class) {
		return stray("it answers another question")
	}
	return nil
}

// only wants one record, of what was asked. It asks the parser for that type
// alone: what can unpack every type of record links code for all of them.
func (q question) only(p *dnsmessage.Parser) (string, error) {
	n, err := countAnswers(*p)
	if err != nil {
		return "", fmt.Errorf("its answer cannot be read: %w", err)
	}
	if n != 1 {
		return "", fmt.Errorf("it holds %d records instead of one", n)
	}
	h, err := p.AnswerHeader()
	if err != nil {
		return "", fmt.Errorf("its answer cannot be read: %w", err)
	}
	if !q.same(h.Name, h.Type, h.Class) {
		return "", errors.New("its record is not the one that was asked for")
	}
	text, err := textOf(p, h.Type)
	if err != nil {
		return "", fmt.Errorf("its answer cannot be read: %w", err)
	}
	return text, nil
}

// textOf is what the next record holds: an address, or the string of a TXT.
func textOf(p *dnsmessage.Parser, t dnsmessage.Type) (string, error) {
	switch t {
	case dnsmessage.TypeA:
		r, err := p.AResource()
		return netip.AddrFrom4(r.A).String(), err
	case dnsmessage.TypeAAAA:
		r, err := p.AAAAResource()
		return netip.AddrFrom16(r.AAAA).String(), err
	}
	r, err := p.TXTResource()
	if err != nil {
		return "", err
	}
	if len(r.TXT) != 1 {
		return "", fmt.Errorf("its record holds %d strings instead of one", len(r.TXT))
	}
	return r.TXT[0], nil
}

// countAnswers works on a copy of the parser, which stays where it is.
func countAnswers(p dnsmessage.Parser) (int, error) {
	for n := 0; ; n++ {
		switch err := p.SkipAnswer(); {
		case errors.Is(err, dnsmessage.ErrSectionDone):
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

func (q question) same(n dnsmessage.Name, t dnsmessage.Type, c dnsmessage.Class) bool {
	return strings.EqualFold(n.String(), q.Name.String()) && t == q.Type && c == q.Class
}
