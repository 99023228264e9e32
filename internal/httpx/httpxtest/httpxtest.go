// Package httpxtest is a network within the process, on which synctest can wait, for
// tests.
package httpxtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/homing-dns/homing/internal/httpx"
)

// Serve has h answer at every address that is dialled by what it returns. It ends
// with the test; clients that were made after it have to be closed before.
func Serve(t testing.TB, h http.Handler) httpx.Dial {
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := &http.Server{Handler: h}
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(l) })
	t.Cleanup(func() { _ = s.Close(); serving.Wait() })
	return l.dial
}

// pipes is a net.Listener for connections within the process.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept is the next connection that is dialled.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close refuses every further connection.
func (p *pipes) Close() error { p.once.Do(func() { close(p.closed) }); return nil }

// Addr says that it is none of a network.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }
