// Package resolve puts a question to a DNS server that is named by the caller,
// over UDP and TCP or over HTTPS, and reads its answer. It asks no resolver of
// the system, keeps nothing in mind, and believes nothing but what answers the
// question that was asked.
package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
)

// Client asks servers over UDP, and over TCP what did not fit. It gets a fresh
// socket for each question, so that the port the answer must go to cannot be
// told from the one before.
type Client struct {
	// Dial is asked for "udp4", "tcp6" and so on, and never for a name.
	Dial httpx.Dial
}

const (
	// MaxMessage is how many bytes of an answer are read; more is an error.
	MaxMessage = 4 << 10
	// ResendAfter is when a datagram is sent again: some are lost, and a server
	// that did not answer for so long did not get it.
	ResendAfter = time.Second
)

// Ask puts q to server, until ctx is done; then the error wraps the cause of
// that. Whoever sits on the way can forge the answer.
func (c Client) Ask(ctx context.Context, server netip.AddrPort, q Question) (Answer, error) {
	a, err := c.exchange(ctx, "udp", server, q.askUDP)
	if errors.Is(err, errTruncated) {
		a, err = c.exchange(ctx, "tcp", server, q.askTCP)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("ask %s: %w", server.Addr(), err)
	}
	return a, nil
}

// exchange connects and lets talk speak, until ctx is done. A connected socket
// takes datagrams from the address it is connected to only.
func (c Client) exchange(ctx context.Context, protocol string, server netip.AddrPort, talk func(net.Conn) (Answer, error)) (Answer, error) {
	conn, err := c.Dial(ctx, protocol+familyOf(server), server.String())
	var a Answer
	if err == nil {
		defer conn.Close()
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		a, err = talk(conn)
	}
	if err != nil && ctx.Err() != nil {
		return Answer{}, context.Cause(ctx)
	}
	return a, err
}

func familyOf(server netip.AddrPort) string {
	if server.Addr().Is4() {
		return "4"
	}
	return "6"
}

// askUDP asks, and listens until the server says something about the
// question. What is no answer to it is passed over: were it taken for one,
// anybody could end the question with a datagram in the server's name.
func (q Question) askUDP(conn net.Conn) (Answer, error) {
	id := newID()
	msg, err := q.pack(id)
	if err != nil {
		return Answer{}, err
	}
	buf := make([]byte, MaxMessage+1)
	for next := time.Now(); ; {
		if now := time.Now(); !now.Before(next) {
			if _, err := conn.Write(msg); err != nil {
				return Answer{}, err
			}
			next = now.Add(ResendAfter)
			if err := conn.SetReadDeadline(next); err != nil {
				return Answer{}, err
			}
		}
		n, err := conn.Read(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return Answer{}, err
		}
		a, err := q.parse(buf[:n], id)
		if _, ok := errors.AsType[unexpectedAnswer](err); ok {
			continue
		}
		if n > MaxMessage {
			return Answer{}, &httpx.TooLarge{Limit: MaxMessage}
		}
		return a, err
	}
}

// askTCP asks once; each message follows its length, RFC 1035, section 4.2.2.
func (q Question) askTCP(conn net.Conn) (Answer, error) {
	id := newID()
	msg, err := q.pack(id)
	if err != nil {
		return Answer{}, err
	}
	if _, err := conn.Write(slices.Concat(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg)); err != nil {
		return Answer{}, err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return Answer{}, err
	}
	body := make([]byte, binary.BigEndian.Uint16(length[:]))
	if len(body) > MaxMessage {
		return Answer{}, &httpx.TooLarge{Limit: MaxMessage}
	}
	if _, err := io.ReadFull(conn, body); err != nil {
		return Answer{}, err
	}
	return q.parse(body, id)
}

// newID returns an id nobody can guess: the generator is seeded by the system.
func newID() uint16 { return uint16(rand.Uint32()) }
