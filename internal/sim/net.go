package sim

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"

	"github.com/homing-dns/homing/internal/addr"
)

// Net is the simulated world as one home sees it: its Dial reaches, whatever
// host and port is asked for, one server a family. That server answers as the
// home's Handler does, and whatever was given to Handle. It speaks HTTP
// without TLS. Without a home both families are up and only Handle counts.
type Net struct {
	home  *Home
	sides map[addr.Family]*side

	mu      sync.Mutex
	refused map[string]error

	serving sync.WaitGroup // accept loops
	conns   sync.WaitGroup // connections, and so their handlers
}

// side is the server of one family.
type side struct {
	mux    *http.ServeMux
	server *http.Server
	reach  func(context.Context) (net.Conn, error)
	addr   string // of a loopback listener
}

// Pipes makes a Net without sockets, for use inside a synctest bubble, where it
// must be made and closed.
func Pipes(home *Home) *Net {
	n := newNet(home)
	for _, f := range addr.Families() {
		p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		n.serve(f, p, p.dial)
	}
	return n
}

// Loopback makes a Net of real sockets on 127.0.0.1, for both families.
func Loopback(home *Home) (*Net, error) {
	n := newNet(home)
	for _, f := range addr.Families() {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			n.Close()
			return nil, err
		}
		n.serve(f, l, func(ctx context.Context) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp4", l.Addr().String())
		})
	}
	return n, nil
}

func newNet(home *Home) *Net {
	return &Net{home: home, sides: map[addr.Family]*side{}, refused: map[string]error{}}
}

func (n *Net) serve(f addr.Family, l net.Listener, reach func(context.Context) (net.Conn, error)) {
	mux := http.NewServeMux()
	if n.home != nil {
		mux.Handle("/", n.home.Handler(f))
	}
	s := &side{mux: mux, reach: reach, addr: l.Addr().String()}
	s.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !n.up(f) {
				panic(http.ErrAbortHandler) // a connection from before the family went down
			}
			mux.ServeHTTP(w, r)
		}),
		ErrorLog: log.New(io.Discard, "", 0), // clients that break off are what is simulated
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				n.conns.Add(1)
			case http.StateHijacked, http.StateClosed:
				n.conns.Done()
			}
		},
	}
	n.sides[f] = s
	n.serving.Go(func() { _ = s.server.Serve(l) }) // ends with ErrServerClosed
}

func (n *Net) up(f addr.Family) bool { return n.home == nil || n.home.Addr(f).IsValid() }

// Handle adds a handler in both families, under a pattern of http.ServeMux:
// "/client/v4/" or "api.cloudflare.com/client/v4/".
func (n *Net) Handle(pattern string, h http.Handler) {
	for _, s := range n.sides {
		s.mux.Handle(pattern, h)
	}
}

// Refuse makes dialling a host fail with this error from now on; nil ends it.
func (n *Net) Refuse(host string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refused[host] = err
}

// URL is the base address of the server of the IPv4 side, such as
// "http://127.0.0.1:40123"; only a Loopback can be reached there without Dial.
func (n *Net) URL() string { return "http://" + n.sides[addr.IPv4].addr }

// Dial opens a connection as net.Dialer does. It fails at once when the family
// that network asks for is down; "tcp" takes IPv4 first.
func (n *Net) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) { return nil, &net.OpError{Op: "dial", Net: network, Err: err} }
	n.mu.Lock()
	err := n.refused[hostOnly(address)]
	n.mu.Unlock()
	if err != nil {
		return fail(err)
	}
	for _, f := range addr.Families() {
		wanted := network == "tcp" || network == "tcp4" && f == addr.IPv4 || network == "tcp6" && f == addr.IPv6
		if wanted && n.up(f) {
			conn, err := n.sides[f].reach(ctx)
			if err != nil {
				return fail(err)
			}
			return conn, nil
		}
	}
	return fail(errors.New("connect: network is unreachable"))
}

// Close ends every connection and waits until no goroutine of n is left.
func (n *Net) Close() {
	for _, s := range n.sides {
		_ = s.server.Close() // the listener's error on closing helps nobody
	}
	n.serving.Wait()
	n.conns.Wait()
}

// pipes is a net.Listener in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, errors.New("connect: connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "sim.test" }
