package resolve

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// Type and Class are of a record, as RFC 1035 numbers them.
type (
	Type  = dnsmessage.Type
	Class = dnsmessage.Class
)

const (
	A     = dnsmessage.TypeA
	AAAA  = dnsmessage.TypeAAAA
	CNAME = dnsmessage.TypeCNAME
	NS    = dnsmessage.TypeNS
	TXT   = dnsmessage.TypeTXT

	Internet = dnsmessage.ClassINET
	Chaos    = dnsmessage.ClassCHAOS
)

// Question is what a server is asked.
type Question struct {
	Name  string // whole, without the dot at its end
	Type  Type
	Class Class
	// Recursive is set for a resolver, which may refuse what is not asked of it
	// as one.
	Recursive bool
}

// pack returns the question as it goes over the wire.
func (q Question) pack(id uint16) ([]byte, error) {
	name, err := dnsmessage.NewName(q.Name + ".")
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: id, RecursionDesired: q.Recursive})
	err = errors.Join(err, b.StartQuestions(), b.Question(dnsmessage.Question{Name: name, Type: q.Type, Class: q.Class}))
	msg, finish := b.Finish()
	if err = errors.Join(err, finish); err != nil {
		return nil, fmt.Errorf("write a question for %q: %w", q.Name, err)
	}
	return msg, nil
}

func (q Question) matches(n dnsmessage.Name, t Type, c Class) bool {
	return strings.EqualFold(n.String(), q.Name+".") && t == q.Type && c == q.Class
}
