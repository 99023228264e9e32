package router

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

// The ports of NAT-PMP (RFC 6886) and PCP (RFC 6887).
const (
	pmpPort      = 5351 // of the gateway
	announcePort = 5350 // of whoever listens, at 224.0.0.1
)

// pmpTries, a quarter of a second apart at first, are enough for a machine in
// the same house (RFC 6886, section 3.1, has nine).
const pmpTries = 3

// addrByPMP asks for the external address (RFC 6886, section 3.2). A connected
// socket hears the gateway alone.
func (r *Router) addrByPMP(ctx context.Context) (a netip.Addr, err error) {
	conn, err := r.dial(ctx, "udp4", netip.AddrPortFrom(r.gateway, pmpPort).String())
	if err != nil {
		return a, fmt.Errorf("NAT-PMP: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if a, err = exchangePMP(conn); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return netip.Addr{}, fmt.Errorf("NAT-PMP: %w", err)
	}
	return a, nil
}

func exchangePMP(conn net.Conn) (netip.Addr, error) {
	var b [128]byte
	for try := range pmpTries {
		if _, err := conn.Write([]byte{0, 0}); err != nil {
			return netip.Addr{}, err
		}
		if err := conn.SetReadDeadline(time.Now().Add(pmpTimeout << try)); err != nil {
			return netip.Addr{}, err
		}
		for {
			n, err := conn.Read(b[:])
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
			if err != nil {
				return netip.Addr{}, err // it may say that nobody listens there
			}
			if a, err := parsePMP(b[:n]); err != errUnexpectedAnswer {
				return a, err
			}
		}
	}
	return netip.Addr{}, errors.New("no answer")
}

// errUnexpectedAnswer is for what is no answer. It is passed over.
var errUnexpectedAnswer = errors.New("it is no answer to the question")

// parsePMP reads an answer, or an announcement, of NAT-PMP: version 0, opcode
// 128, a result, seconds since the start of the epoch, the address.
func parsePMP(b []byte) (netip.Addr, error) {
	if len(b) >= 4 && b[0] == 2 && b[1] >= 128 {
		return netip.Addr{}, errors.New("the router speaks PCP, which tells no address without opening a port")
	}
	if len(b) < 4 || b[0] != 0 || b[1] != 128 {
		return netip.Addr{}, errUnexpectedAnswer
	}
	switch result := binary.BigEndian.Uint16(b[2:]); {
	case result == 3:
		return netip.Addr{}, errors.New("the router has no public address now, or none at all")
	case result != 0:
		return netip.Addr{}, fmt.Errorf("the router refused with result %d", result)
	case len(b) != 12:
		return netip.Addr{}, errUnexpectedAnswer
	}
	return netip.AddrFrom4([4]byte(b[8:12])), nil
}

// describeAnnouncement returns what a datagram to 224.0.0.1:5350 says, in words; empty where it
// is no announcement. PCP's tells no address: it says that the router may have
// lost what it knew (RFC 6887, section 14.1).
func describeAnnouncement(b []byte) string {
	if len(b) >= 24 && b[0] == 2 && b[1] == 128 && b[3] == 0 {
		return "the router announces that it is another one than before (PCP)"
	}
	if a, err := parsePMP(b); err == nil {
		return "the router announces the address " + a.String() + " (NAT-PMP)"
	}
	return ""
}

// Announcements calls ring with what the router announces to all machines of its
// network, until ctx is done.
func (r *Router) Announcements(ctx context.Context, ring func(what string)) error {
	own, err := r.localAddr(ctx)
	if err != nil {
		return err
	}
	link, err := interfaceWith(own)
	if err != nil {
		return err
	}
	conn, err := net.ListenMulticastUDP("udp4", link, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 1), Port: announcePort})
	if err != nil {
		return fmt.Errorf("listen to announcements: %w", err)
	}
	return r.readAnnouncements(ctx, conn, ring)
}

func (r *Router) readAnnouncements(ctx context.Context, conn net.PacketConn, ring func(what string)) error {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	b := make([]byte, 1100) // PCP's messages have no more
	for {
		n, from, err := conn.ReadFrom(b)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if what := describeAnnouncement(b[:n]); what != "" && r.isGateway(from) {
			ring(what)
		}
	}
}

// interfaceWith returns the interface that has an address.
func interfaceWith(own netip.Addr) (*net.Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for i := range all {
		addrs, _ := all[i].Addrs()
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr() == own {
				return &all[i], nil
			}
		}
	}
	return nil, fmt.Errorf("no interface has the address %s", own)
}
