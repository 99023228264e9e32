package httpx

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// Bind is the line that connections leave by, on a machine with several: a
// network interface, or the address they come from. The zero value leaves the
// choice to the routing table.
//
// An interface is bound to by SO_BINDTODEVICE on Linux, IP_BOUND_IF on macOS
// and IP_UNICAST_IF on Windows. The BSDs have nothing like it: there an address
// of the interface becomes the source, as if it had been written. A source
// address decides the line only where the system routes by it: Windows does,
// Linux and the BSDs where a rule says so (ip rule, pf route-to). Where Linux
// checks strictly where packets come from (rp_filter 1), it drops answers over
// any line but the default one.
//
// Names are looked up over the line too, where this program does that itself;
// see Bind.Asks.
type Bind struct {
	iface  string
	source netip.Addr // at most one of the two is set
}

// ParseBind reads the name of an interface or an IP address of this machine;
// nothing is the zero Bind. Either may come later, or go: it is looked for at
// each connection.
func ParseBind(s string) (Bind, error) {
	if s == "" {
		return Bind{}, nil
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return bindTo(a)
	}
	if strings.Trim(s, "0123456789.") == "" {
		return Bind{}, fmt.Errorf("%q is neither an IP address nor the name of an interface", s)
	}
	if err := CheckName(s); err != nil {
		return Bind{}, fmt.Errorf("%q is neither an IP address nor the name of an interface: %w", s, err)
	}
	return Bind{iface: s}, nil
}

// CheckPresent returns nil unless b names an interface that this machine does not have
// now; then it is a *NoInterface.
func (b Bind) CheckPresent() error {
	if b.iface == "" {
		return nil
	}
	_, err := FindInterface(b.iface)
	return err
}

func bindTo(a netip.Addr) (Bind, error) {
	if a.Is4In6() || a.Zone() != "" || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() {
		return Bind{}, fmt.Errorf("nothing on the internet can be reached from %s; name an address of this machine, or one of its interfaces", a)
	}
	return Bind{source: a}, nil
}

// String returns what ParseBind reads.
func (b Bind) String() string {
	if b.source.IsValid() {
		return b.source.String()
	}
	return b.iface
}

// Dial opens a connection over this line, or fails: it never takes another.
// network is "tcp" or "udp", with "4" or "6" behind it or not; address holds no
// name: those are a Dialer's matter.
func (b Bind) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d, network, err := b.dialer(network)
	if err != nil {
		return nil, err
	}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil && b != (Bind{}) {
		return nil, fmt.Errorf("connect from %s: %w", b, err)
	}
	return conn, err
}

// dialer is made for this line, and network is what it is to be asked for.
func (b Bind) dialer(network string) (*net.Dialer, string, error) {
	d := &net.Dialer{Timeout: dialTimeout}
	switch {
	case b.source.IsValid():
		network, err := b.networkWithFamily(network)
		if err != nil {
			return nil, "", err
		}
		d.LocalAddr = b.localAddr(network)
		return d, network, nil
	case b.iface != "":
		d.Control = b.control
	}
	return d, network, nil
}

// networkWithFamily returns network in the family of the source address.
func (b Bind) networkWithFamily(network string) (string, error) {
	own, other := "4", "6"
	if b.source.Is6() {
		own, other = other, own
	}
	protocol, pinned := strings.CutSuffix(network, other)
	if pinned {
		return "", fmt.Errorf("the source address %s is IPv%s, so nothing can be reached over IPv%s; "+
			"bind to an interface to use both", b.source, own, other)
	}
	return strings.TrimSuffix(protocol, own) + own, nil
}

func (b Bind) localAddr(network string) net.Addr {
	from := netip.AddrPortFrom(b.source, 0)
	if strings.HasPrefix(network, "udp") {
		return net.UDPAddrFromAddrPort(from)
	}
	return net.TCPAddrFromAddrPort(from)
}

// control binds a socket before it connects. Its network is that of the socket:
// "tcp4", "udp6" and so on.
func (b Bind) control(network, _ string, c syscall.RawConn) error {
	var err error
	lost := c.Control(func(fd uintptr) { err = bindSocket(fd, b.iface, strings.HasSuffix(network, "6")) })
	if lost != nil {
		return lost
	}
	return err
}
