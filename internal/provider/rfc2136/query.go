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

// query puts questions, and gives what is said to each of them.
func (s *session) query(ctx context.Context, questions []question) (map[question]*parsedAnswer, error) {
	msgs := make([][]byte, len(questions))
	for i, q := range questions {
		msgs[i] = newMessage(0, q.name.String(), q.typ)
	}
	all := make(map[question]*parsedAnswer, len(questions))
	err := s.exchange(ctx, msgs, func(i int, answer []byte) error {
		what, err := parseAnswer(answer, questions[i].name)
		all[questions[i]] = what
		return err
	})
	return all, err
}

// checkPrerequisites asks whether these conditions hold, and changes nothing: the one question
// to which a wildcard gives no answer.
func (s *session) checkPrerequisites(ctx context.Context, conditions ...updateMessage) ([]dnsmessage.RCode, error) {
	msgs := make([][]byte, len(conditions))
	for i, m := range conditions {
		msgs[i] = m.encode()
	}
	codes := make([]dnsmessage.RCode, len(conditions))
	return codes, s.exchange(ctx, msgs, func(i int, answer []byte) error {
		codes[i] = rcodeOf(answer)
		return nil
	})
}
