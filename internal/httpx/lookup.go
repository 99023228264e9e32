package httpx

import (
	"context"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

// usesGoResolver reports whether names are looked up by this program rather than
// by the system. Only then can a lookup be bound: on Windows and macOS the
// system knows of name servers, one for each line, that no file tells.
func usesGoResolver() bool {
	switch runtime.GOOS {
	case "windows", "darwin", "ios", "android":
		return false
	}
	return true
}

// resolver looks names up over this line; nil leaves it to the system. It is
// for one connection: it keeps in mind who did not answer.
func (b Bind) resolver() *net.Resolver {
	if b == (Bind{}) || !usesGoResolver() {
		return nil
	}
	l := &boundResolver{bind: b, firstAsked: map[string]time.Time{}}
	return &net.Resolver{PreferGo: true, Dial: l.dial}
}

// Resolver looks names up over this line, for one search; see lookups.
func (b Bind) Resolver() *net.Resolver {
	if r := b.resolver(); r != nil {
		return r
	}
	return net.DefaultResolver
}

// What Go's resolver does with a name server that is silent: it waits for 5 s,
// asks the next one, and begins again once (resolv.conf(5), timeout, attempts).
const (
	boundTimeout      = time.Second            // how long an answer over the line is waited for
	sameAttemptWindow = 500 * time.Millisecond // within so long after the first, a question is of the same attempt
)

// boundResolver asks name servers over a line. A server that did not answer there is
// asked by the way the system has to it at the second attempt: it may be one
// that only another line leads to, and a name means the same on each.
type boundResolver struct {
	bind Bind

	mu         sync.Mutex
	firstAsked map[string]time.Time // when each server was first asked
}

func (l *boundResolver) dial(ctx context.Context, network, server string) (net.Conn, error) {
	at, err := netip.ParseAddrPort(server)
	if err != nil || !l.bind.ReachesServer(at.Addr()) || !l.isFirstAttempt(server) {
		return Bind{}.Dial(ctx, network, server)
	}
	conn, err := l.bind.Dial(ctx, network, server)
	if udp, ok := conn.(*net.UDPConn); ok && err == nil {
		return &deadlineCappedConn{udp, time.Now().Add(boundTimeout)}, nil
	}
	return conn, err
}

func (l *boundResolver) isFirstAttempt(server string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if _, asked := l.firstAsked[server]; !asked {
		l.firstAsked[server] = now
	}
	return now.Sub(l.firstAsked[server]) < sameAttemptWindow
}

// deadlineCappedConn is a connection whose deadline is never later than until.
type deadlineCappedConn struct {
	*net.UDPConn
	until time.Time
}

func (c *deadlineCappedConn) SetDeadline(t time.Time) error {
	if t.After(c.until) {
		t = c.until
	}
	return c.UDPConn.SetDeadline(t)
}

// ReachesServer reports whether a name server is asked over this line. One on this machine
// is not, which no line leads to; nor a neighbour on the network of another
// line, nor one of the family that a source address is not of.
func (b Bind) ReachesServer(server netip.Addr) bool {
	server = server.Unmap()
	if b == (Bind{}) || !usesGoResolver() || server.IsLoopback() || b.source.IsValid() && b.source.Is4() != server.Is4() {
		return false
	}
	all, err := net.Interfaces()
	if err != nil {
		return true
	}
	elsewhere := false
	for _, i := range all {
		holds, ours := b.networkContains(i, server.WithZone(""))
		if holds && ours {
			return true
		}
		elsewhere = elsewhere || holds
	}
	return !elsewhere
}

// networkContains reports whether a lies in a network of i, and whether i is this line.
func (b Bind) networkContains(i net.Interface, a netip.Addr) (holds, ours bool) {
	list, err := i.Addrs()
	if err != nil {
		return false, false
	}
	ours = i.Name == b.iface
	for _, entry := range list {
		n, ok := entry.(*net.IPNet)
		if !ok {
			continue
		}
		own, _ := netip.AddrFromSlice(n.IP)
		ours = ours || b.source.IsValid() && own.Unmap() == b.source
		holds = holds || n.Contains(a.AsSlice())
	}
	return holds, ours
}

// NameServers returns those the system asks first (resolv.conf(5)); none where it
// does not say so in a file, as on Windows.
func NameServers() []netip.Addr {
	const most = 3 // MAXNS
	text, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	var servers []netip.Addr
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "nameserver" || len(servers) == most {
			continue
		}
		if a, err := netip.ParseAddr(words[1]); err == nil {
			servers = append(servers, a)
		}
	}
	return servers
}
