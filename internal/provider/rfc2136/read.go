package rfc2136

import (
	"context"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
)

// question is what is asked about a name.
type question struct {
	name dns.Name
	typ  dnsmessage.Type
}

// ask puts questions, and gives what is said to each of them.
func (s *session) ask(ctx context.Context, questions []question) (map[question]*said, error) {
	msgs := make([][]byte, len(questions))
	for i, q := range questions {
		msgs[i] = begin(0, q.name.String(), q.typ)
	}
	all := make(map[question]*said, len(questions))
	err := s.exchange(ctx, msgs, func(i int, answer []byte) error {
		what, err := readAnswer(answer, questions[i].name)
		all[questions[i]] = what
		return err
	})
	return all, err
}

// holds asks whether these conditions hold, and changes nothing: the one question
// to which a wildcard gives no answer.
func (s *session) holds(ctx context.Context, conditions ...message) ([]dnsmessage.RCode, error) {
	msgs := make([][]byte, len(conditions))
	for i, m := range conditions {
		msgs[i] = m.bytes()
	}
	codes := make([]dnsmessage.RCode, len(conditions))
	return codes, s.exchange(ctx, msgs, func(i int, answer []byte) error {
		codes[i] = codeOf(answer)
		return nil
	})
}
