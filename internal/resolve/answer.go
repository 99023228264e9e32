package resolve

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// Answer is what a server said to a question without refusing it.
type Answer struct {
	Records       []Record   // of its answer section, in its order
	Authoritative bool       // it speaks for the name (AA, RFC 1035, section 4.1.1)
	Delegation    Delegation // who is to be asked instead; zero where nobody is
}

// HasAnswer reports whether a record is of what was asked.
func (a *Answer) HasAnswer() bool {
	for i := range a.Records {
		if a.Records[i].MatchesQuestion {
			return true
		}
	}
	return false
}

// Delegation is where a zone begins for which the server does not speak.
type Delegation struct {
	Zone       string // of that zone
	NameServer string // the first of its name servers
}

// Record is one record of an answer. Of types that are not among this package's
// it holds no content.
type Record struct {
	MatchesQuestion bool // its name, type and class are those of the question
	Type            Type
	TTL             uint32     // seconds
	Addr            netip.Addr // of A and AAAA
	Text            []string   // the strings of TXT; of CNAME and NS the one name
}

// Refusal is an answer that gives a code instead of records.
type Refusal struct {
	Code          dnsmessage.RCode
	Authoritative bool // as in Answer
}

// NameDoesNotExist reports whether the server speaks for the name and says that there is no
// such name.
func (r *Refusal) NameDoesNotExist() bool {
	return r.Authoritative && r.Code == dnsmessage.RCodeNameError
}

func (r *Refusal) Error() string {
	return "the server refused with " + strings.TrimPrefix(r.Code.String(), "RCode")
}

// unexpectedAnswer is why a message does not answer the question that was asked. Who
// listens on an open socket can go on listening.
type unexpectedAnswer string

func (s unexpectedAnswer) Error() string { return string(s) }

// errTruncated is an answer that did not fit.
var errTruncated = errors.New("it is cut short")

// parse reads the answer to q with this id.
func (q Question) parse(body []byte, id uint16) (Answer, error) {
	var p dnsmessage.Parser
	h, err := p.Start(body)
	if err != nil {
		return Answer{}, unexpectedAnswer("it is not a DNS message: " + err.Error())
	}
	if err := q.checkHeader(h, &p, id); err != nil {
		return Answer{}, err
	}
	switch {
	case h.Truncated:
		return Answer{}, errTruncated
	case h.RCode != dnsmessage.RCodeSuccess:
		return Answer{}, &Refusal{h.RCode, h.Authoritative}
	}
	a, err := q.readRecords(&p)
	if err == nil && !h.Authoritative && len(a.Records) == 0 {
		a.Delegation, err = firstDelegation(&p)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("its answer cannot be read: %w", err)
	}
	a.Authoritative = h.Authoritative
	return a, nil
}

// firstDelegation returns the first delegation of the authority section.
func firstDelegation(p *dnsmessage.Parser) (Delegation, error) {
	for {
		h, err := p.AuthorityHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return Delegation{}, nil
		}
		if err != nil {
			return Delegation{}, err
		}
		if h.Type == NS {
			body, err := p.NSResource()
			return Delegation{trimDot(h.Name), trimDot(body.NS)}, err
		}
		if err := p.SkipAuthority(); err != nil {
			return Delegation{}, err
		}
	}
}

func trimDot(n dnsmessage.Name) string { return strings.TrimSuffix(n.String(), ".") }

// checkHeader wants an answer that repeats the question as it was asked. All of
// its errors are stray.
func (q Question) checkHeader(h dnsmessage.Header, p *dnsmessage.Parser, id uint16) error {
	switch {
	case h.ID != id:
		return unexpectedAnswer("it answers another question: the id differs")
	case !h.Response:
		return unexpectedAnswer("it is a question, not an answer")
	case h.OpCode != 0:
		return unexpectedAnswer("it answers another kind of question")
	}
	qs, err := p.AllQuestions()
	if err != nil {
		return unexpectedAnswer("its question cannot be read: " + err.Error())
	}
	if len(qs) != 1 || !q.matches(qs[0].Name, qs[0].Type, qs[0].Class) {
		return unexpectedAnswer("it answers another question")
	}
	return nil
}

// readRecords reads the answer section. It asks the parser for types one by one:
// what can unpack every type of record links code for all of them.
func (q Question) readRecords(p *dnsmessage.Parser) (Answer, error) {
	var a Answer
	for {
		h, err := p.AnswerHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return a, nil
		}
		if err != nil {
			return Answer{}, err
		}
		r := Record{MatchesQuestion: q.matches(h.Name, h.Type, h.Class), Type: h.Type, TTL: h.TTL}
		if err := r.readContent(p); err != nil {
			return Answer{}, err
		}
		a.Records = append(a.Records, r)
	}
}

// readContent takes the content of the next record.
func (r *Record) readContent(p *dnsmessage.Parser) error {
	switch r.Type {
	case A:
		body, err := p.AResource()
		r.Addr = netip.AddrFrom4(body.A)
		return err
	case AAAA:
		body, err := p.AAAAResource()
		r.Addr = netip.AddrFrom16(body.AAAA)
		return err
	case TXT:
		body, err := p.TXTResource()
		r.Text = body.TXT
		return err
	case CNAME:
		body, err := p.CNAMEResource()
		r.Text = []string{body.CNAME.String()}
		return err
	case NS:
		body, err := p.NSResource()
		r.Text = []string{body.NS.String()}
		return err
	}
	return p.SkipAnswer()
}
