package sim

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/homing-dns/homing/internal/addr"
)

// Net is the simulated world as one home sees it: its Dial reaches, whatever
// host and port is asked for, one server a family. That server answers as the
// home's Handler does, and whatever was given to Handle. It speaks HTTP
// without TLS. Without a home both families are up and only Handle counts.
type Net struct {
	home    *Home
	servers map[addr.Family]*familyServer

	mu           sync.Mutex
	handlers     map[string]http.Handler // by the paths they begin at
	refusedHosts map[string]error
}

// familyServer is the server of one family.
type familyServer struct {
	server  *gracefulServer
	connect func(context.Context) (net.Conn, error)
}

// Pipes makes a Net without sockets, for use inside a synctest bubble, where it
// must be made and closed.
func Pipes(home *Home) *Net {
	n := newNet(home)
	for _, f := range addr.Families() {
		p := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		n.startServer(f, p, p.dial)
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
		n.startServer(f, l, func(ctx context.Context) (net.Conn, error) {
			return DialLoopback(ctx, "tcp4", l.Addr().String())
		})
	}
	return n, nil
}

// DialLoopback dials this machine alone, by its address.
func DialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().IsLoopback() {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("connect: network is unreachable")}
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func newNet(home *Home) *Net {
	return &Net{home: home, servers: map[addr.Family]*familyServer{}, handlers: map[string]http.Handler{}, refusedHosts: map[string]error{}}
}

func (n *Net) startServer(f addr.Family, l net.Listener, reach func(context.Context) (net.Conn, error)) {
	rest := http.NotFoundHandler()
	if n.home != nil {
		rest = n.home.Handler(f)
	}
	handle := func(w http.ResponseWriter, r *http.Request) {
		if !n.isUp(f) {
			panic(http.ErrAbortHandler) // a connection from before the family went down
		}
		if n.home != nil {
			r.RemoteAddr = netip.AddrPortFrom(n.home.Addr(f), 40_000).String() // as the world sees it
		}
		n.handlerFor(r.URL.Path, rest).ServeHTTP(w, r)
	}
	n.servers[f] = &familyServer{newGracefulServer(l, http.HandlerFunc(handle)), reach}
}

// handlerFor returns the handler with the longest prefix of the path, or else rest.
func (n *Net) handlerFor(path string, rest http.Handler) http.Handler {
	n.mu.Lock()
	defer n.mu.Unlock()
	longest := ""
	for begin, h := range n.handlers {
		if strings.HasPrefix(path, begin) && len(begin) > len(longest) {
			longest, rest = begin, h
		}
	}
	return rest
}

func (n *Net) isUp(f addr.Family) bool { return n.home == nil || n.home.Addr(f).IsValid() }

// Handle adds a handler in both families, for the paths that begin so:
// "/client/v4/". The longest beginning wins, and all of them win over the home.
func (n *Net) Handle(begin string, h http.Handler) {
	n.mu.Lock()
	n.handlers[begin] = h
	n.mu.Unlock()
}

// Refuse makes dialling a host fail with this error from now on; nil ends it.
func (n *Net) Refuse(host string, err error) {
	n.mu.Lock()
	n.refusedHosts[host] = err
	n.mu.Unlock()
}

// URL returns the base address of the server of the IPv4 side, such as
// "http://127.0.0.1:40123"; only a Loopback can be reached there without Dial.
func (n *Net) URL() string { return "http://" + n.servers[addr.IPv4].server.listener.Addr().String() }

// Dial opens a connection as net.Dialer does. It fails at once when the family
// that network asks for is down; "tcp" takes IPv4 first.
func (n *Net) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) { return nil, &net.OpError{Op: "dial", Net: network, Err: err} }
	n.mu.Lock()
	err := n.refusedHosts[stripPort(address)]
	n.mu.Unlock()
	if err != nil {
		return fail(err)
	}
	for _, f := range addr.Families() {
		wanted := network == "tcp" || network == "tcp4" && f == addr.IPv4 || network == "tcp6" && f == addr.IPv6
		if wanted && n.isUp(f) {
			conn, err := n.servers[f].connect(ctx)
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
	for _, s := range n.servers {
		s.server.Close()
	}
}

// pipeListener is a net.Listener in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipeListener) dial(ctx context.Context) (net.Conn, error) {
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

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "sim.test" }
