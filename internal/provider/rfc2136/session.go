package rfc2136

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/provider"
)

const (
	// connectTimeout is for one server; then the next one is tried.
	connectTimeout = 5 * time.Second
	// maxInFlight is how many questions go out before the first answer is read: few
	// enough that neither side waits for the other to read.
	maxInFlight = 64
)

// session is a connection to one server. One goroutine uses it.
type session struct {
	p      *Provider
	conn   net.Conn
	server string
	nextID uint16 // of the next message: drawn ones would soon be the same on one connection

	verified bool // an answer was
	// onUnsignedRefusal is told of a refusal without a signature; nil where that ends all.
	onUnsignedRefusal func(i int, code dnsmessage.RCode)
}

// connect opens a connection; nothing is sent.
func (p *Provider) connect(ctx context.Context, server string) (*session, *provider.Error) {
	ctx, cancel := context.WithTimeoutCause(ctx, connectTimeout, fmt.Errorf("no connection within %s", connectTimeout))
	defer cancel()
	conn, err := p.dial(ctx, "tcp", server)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, unreachableError(server, err)
	}
	return &session{p: p, conn: conn, server: server, nextID: uint16(rand.Uint32())}, nil
}

// exchange sends messages, and gives take each answer that is verified, with the
// number of its message. It ends with ctx. Its errors are those of the network
// and of verify, or take's own.
func (s *session) exchange(ctx context.Context, msgs [][]byte, take func(i int, answer []byte) error) error {
	stop := context.AfterFunc(ctx, func() { s.conn.Close() })
	defer stop()
	err := context.Cause(ctx)
	for from := 0; from < len(msgs) && err == nil; from += maxInFlight {
		err = s.exchangeWindow(msgs[from:min(from+maxInFlight, len(msgs))], from, take)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("no answer within %s", s.p.timeout)
	}
	return err
}

// exchangeWindow sends these messages at once, and reads an answer for each, in whatever
// order they come. The first of them has the number from.
func (s *session) exchangeWindow(msgs [][]byte, from int, take func(i int, answer []byte) error) error {
	first, macs := s.nextID, make([][]byte, len(msgs))
	var out []byte
	for i, m := range msgs {
		binary.BigEndian.PutUint16(m, s.nextID)
		s.nextID++
		var signed []byte
		signed, macs[i] = s.p.key.sign(m, nil, s.p.now())
		if len(signed) > maxMessage {
			return errTooLong
		}
		out = appendLengthPrefixed(out, signed)
	}
	s.p.calls.Add(int64(len(msgs)))
	if err := s.conn.SetDeadline(s.deadline(msgs)); err != nil {
		return err
	}
	if _, err := s.conn.Write(out); err != nil {
		return err
	}
	began := time.Now()
	defer func() {
		for i, mac := range macs {
			if mac != nil {
				s.reportMessage(msgs[i], "", began)
			}
		}
	}()
	for range msgs {
		i, answer, err := s.receiveVerified(msgs, macs, first)
		if u, ok := errors.AsType[*unverifiedAnswerError](err); ok && u.isPlainRefusal() {
			s.reportMessage(msgs[i], codeName(u.code), began)
			if s.onUnsignedRefusal != nil && (s.verified || u.code != rcodeNotAuth) { // which PowerDNS says of a key
				s.onUnsignedRefusal(from+i, u.code)
				continue
			}
		}
		if err != nil {
			return err
		}
		s.verified = true
		s.reportMessage(msgs[i], codeName(rcodeOf(answer)), began)
		if err := take(from+i, answer); err != nil {
			return err
		}
	}
	return nil
}

// deadline returns when these messages are to be answered. A thousand changes may take a
// server long; whoever asks for them says how long they may.
func (s *session) deadline(msgs [][]byte) time.Time {
	if msgs[0][2]>>3 == opUpdate {
		return time.Time{}
	}
	return time.Now().Add(s.p.timeout)
}

// receiveVerified returns the next answer, verified, and the number of the message it answers.
func (s *session) receiveVerified(msgs, macs [][]byte, first uint16) (i int, answer []byte, err error) {
	if answer, err = s.readMessage(); err != nil {
		return 0, nil, err
	}
	i = int(binary.BigEndian.Uint16(answer) - first)
	if i >= len(msgs) || macs[i] == nil {
		return 0, nil, errUnexpectedAnswer
	}
	mac := macs[i]
	macs[i] = nil // it is answered
	if answer, err = s.p.key.verify(answer, prefixMACLength(mac), s.p.now()); err != nil {
		return i, nil, err
	}
	return i, answer, checkAnswerMatches(answer, msgs[i])
}

var (
	errTooLong          = errors.New("the message is longer than a message can be")
	errUnexpectedAnswer = errors.New("it answers what it was not asked")
)

// readMessage returns the next message that comes in.
func (s *session) readMessage() ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(s.conn, length[:]); err != nil {
		return nil, err
	}
	msg := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(s.conn, msg); err != nil {
		return nil, err
	}
	if len(msg) < headerSize {
		return nil, errNotDNSMessage
	}
	return msg, nil
}

// checkAnswerMatches checks that an answer is of the same kind, and for the same question or zone
// where it repeats that.
func checkAnswerMatches(answer, msg []byte) error {
	const kind = 0x78 // the opcode
	if answer[2]&0x80 == 0 || (answer[2]^msg[2])&kind != 0 {
		return errUnexpectedAnswer
	}
	if binary.BigEndian.Uint16(answer[4:]) == 0 {
		return nil
	}
	a, q := wireReader{answer, headerSize}, wireReader{msg, headerSize}
	asked, err := a.readQuestion()
	if err != nil {
		return err
	}
	if want, err := q.readQuestion(); err != nil || string(asked) != string(want) {
		return errUnexpectedAnswer
	}
	return nil
}

// readQuestion returns the name, type and class that are asked for.
func (w *wireReader) readQuestion() ([]byte, error) {
	name, err := w.readName()
	if err != nil {
		return nil, err
	}
	rest, err := w.readBytes(4)
	return append(name, rest...), err
}

// rcodeOf returns the response code of an answer.
func rcodeOf(answer []byte) dnsmessage.RCode { return dnsmessage.RCode(answer[3] & 15) }
