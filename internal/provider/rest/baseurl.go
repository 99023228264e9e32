package rest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/httpx"
)

// CheckBaseURL says, without asking anyone, what the base address of an API is:
// usual, where s is empty. It refuses addresses over which the credential could
// be read on the way: plain http is for this machine itself and, with allowHTTP,
// for private networks, where Private has to be the dialer.
func CheckBaseURL(s, usual string, allowHTTP bool) (string, error) {
	if s == "" {
		return usual, nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Host == "", u.Opaque != "":
		return "", errors.New("the base address of the API is not an address such as " + usual)
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return "", errors.New("the base address of the API may hold no user, password, query or fragment")
	case u.Scheme == "http" && allowHTTP && isPublicHost(u.Hostname()):
		return "", errors.New(needsHTTPS + " itself and for private networks")
	case u.Scheme == "http" && !allowHTTP && !isLoopback(u.Hostname()):
		return "", errors.New(needsHTTPS + " itself")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("the base address of the API must begin with https://")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

const needsHTTPS = "the base address of the API must begin with https://, or everyone on the way can read the token; http:// is only for this machine"

// IsPlainHTTP reports whether what is sent to an address that CheckBaseURL took goes over
// plain http, and whether it goes to another machine.
func IsPlainHTTP(base string) (plain, far bool) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" {
		return false, false
	}
	return true, !isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// isPublicHost reports whether host is an address of the internet. Of a name nobody
// knows before it was looked up.
func isPublicHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && !isPrivateAddr(a)
}

// isPrivateAddr reports whether a is an address of this machine or of a network of one's
// own: RFC 1918, RFC 4193, link-local, and 100.64.0.0/10 (RFC 6598), which VPNs
// such as Tailscale's give out as well.
func isPrivateAddr(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10).Contains(a)
}

// DialPrivateOnly wraps dial for plain http: it gives up a connection that leads to the
// internet before anything is sent over it.
func DialPrivateOnly(dial httpx.Dial) httpx.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		at, err := netip.ParseAddrPort(c.RemoteAddr().String())
		if err == nil && isPrivateAddr(at.Addr()) {
			return c, nil
		}
		_ = c.Close()
		return nil, fmt.Errorf("%s is no private address, and over http everyone on the way could read the credential: use https", c.RemoteAddr())
	}
}
