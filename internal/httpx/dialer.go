package httpx

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"github.com/homing-dns/homing/internal/text"
)

// Dialer opens connections to hosts by their names. Its zero value leaves the
// line to the system.
//
// A name with a dot in it is looked up as it stands, before any search domain
// is put behind it: with "options ndots:5", as Kubernetes has it, and a wildcard
// in the search domain, api.cloudflare.com is somebody's own web server. Only
// what is asked for in the DNS gets a final dot; TLS and HTTP never see one.
type Dialer struct {
	Bind Bind
	// Known are hosts of the internet that no setting names. They are never
	// looked up with a search domain, and never on this machine.
	Known []string
	// Remote refuses loopback for every name with a dot in it, also for one of
	// the settings: what is asked for an address must not be this machine.
	Remote bool
}

// Dial opens a connection over the line, or fails: it never takes another.
func (d Dialer) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !isFullName(host) {
		return d.lookUpAndConnect(ctx, network, host, port, false)
	}
	known := slices.Contains(d.Known, strings.ToLower(strings.TrimSuffix(host, ".")))
	away := known || d.Remote
	whole := strings.TrimSuffix(host, ".") + "."
	conn, err := d.lookUpAndConnect(ctx, network, whole, port, away)
	lookup, failed := errors.AsType[*net.DNSError](err)
	if failed && lookup.IsNotFound && !known && host != whole && !d.nameExists(ctx, whole) {
		return d.lookUpAndConnect(ctx, network, host, port, away) // "grafana.monitoring" may be short for something
	}
	return conn, err
}

// nameExists reports whether a name has an address of either family: where it has, the
// one that was missing is not to be found under another name.
func (d Dialer) nameExists(ctx context.Context, whole string) bool {
	r := d.Bind.resolver()
	if r == nil {
		r = net.DefaultResolver
	}
	found, err := r.LookupNetIP(ctx, "ip", whole)
	return err == nil && len(found) > 0
}

// isFullName reports whether a host is a name that may be whole: it has a dot in it,
// and is neither an address nor this machine's own name.
func isFullName(host string) bool {
	_, err := netip.ParseAddr(host)
	bare := strings.ToLower(strings.TrimSuffix(host, "."))
	return err != nil && strings.Contains(bare, ".") &&
		!strings.HasSuffix(bare, ".localhost") && bare != "localhost.localdomain"
}

// lookUpAndConnect looks host up and connects to it. What leads nowhere is not
// connected to, nor, where it must lead away, what leads to this machine.
func (d Dialer) lookUpAndConnect(ctx context.Context, network, host, port string, away bool) (net.Conn, error) {
	dialer, network, err := d.Bind.dialer(network)
	if err != nil {
		return nil, err
	}
	dialer.Resolver = d.Bind.resolver()
	bind := dialer.Control
	dialer.Control = func(network, address string, c syscall.RawConn) error {
		if hole := checkSinkhole(host, address, away); hole != nil {
			return hole
		}
		if bind != nil {
			return bind(network, address, c)
		}
		return nil
	}
	conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(host, port))
	if hole, ok := errors.AsType[*Sinkhole](err); ok {
		return nil, hole
	}
	err = trimDotInError(err)
	if err != nil && d.Bind != (Bind{}) {
		return nil, fmt.Errorf("connect from %s: %w", d.Bind, err)
	}
	return conn, err
}

// trimDotInError returns err with the name that was looked up as a person knows it. What
// a lookup found may be told to several who asked at once, so it stays as it is.
func trimDotInError(err error) error {
	op, ok := err.(*net.OpError)
	if !ok {
		return err
	}
	lookup, ok := op.Err.(*net.DNSError)
	if !ok {
		return err
	}
	wrapped, found := *op, *lookup
	found.Name = strings.TrimSuffix(found.Name, ".")
	wrapped.Err = &found
	return &wrapped
}

// Sinkhole is a host whose name leads to an address that no host has: a DNS
// blocker answers in its place. Nothing was sent there.
type Sinkhole struct {
	Host string
	Addr netip.Addr
}

func (e *Sinkhole) Error() string {
	return fmt.Sprintf("a DNS blocker answers for %s: the name leads to %s, which is not on the internet", e.Host, e.Addr)
}

// Cure returns what to do about it.
func (e *Sinkhole) Cure() text.Hint {
	return text.Advise("allow %s in the DNS blocker (Pi-hole, AdGuard Home, the router, the hosts file)", e.Host)
}

// checkSinkhole returns what is wrong with connecting to address by the name host. An
// unspecified address is this machine for the kernel, and nowhere for whoever
// answers so.
func checkSinkhole(host, address string, away bool) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil // a path, which nobody looks up
	}
	a := to.Addr().Unmap().WithZone("")
	if a.IsUnspecified() && isHostName(host) || away && a.IsLoopback() {
		return &Sinkhole{Host: strings.TrimSuffix(host, "."), Addr: a}
	}
	return nil
}

func isHostName(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil
}
