package powerdns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// example is how the address of an API may look.
const example = "http://127.0.0.1:8081"

// CheckBase says, without asking anyone, what the base address of an API is. It
// may be plain http; whether that is safe say IsPlain and Private.
func CheckBase(s string) (string, error) {
	if s == "" {
		return "", errors.New("the base address of the API is missing")
	}
	scheme, after, _ := strings.Cut(s, "://")
	if !strings.EqualFold(scheme, "http") {
		return rest.CheckBase(s, example)
	}
	base, err := rest.CheckBase("https://"+after, example) // everything but the scheme
	if err != nil {
		return "", err
	}
	if u, err := url.Parse(base); err == nil && public(u.Hostname()) {
		return "", fmt.Errorf("the base address of the API must begin with https://, or everyone on the way to %s can read the key; http:// is only for this machine and for private networks", u.Hostname())
	}
	return "http://" + strings.TrimPrefix(base, "https://"), nil
}

// IsPlain says whether what is sent to this base address can be read on the way
// to another machine.
func IsPlain(base string) bool {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" {
		return false
	}
	a, err := netip.ParseAddr(u.Hostname())
	return !(err == nil && a.IsLoopback() || strings.EqualFold(u.Hostname(), "localhost"))
}

// public says whether host is an address of the internet. Of a name nobody knows
// before it was looked up.
func public(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && !private(a)
}

func private(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// Private is dial for plain http: it gives up a connection that leads to the
// internet before anything is sent over it.
func Private(dial httpx.Dial) httpx.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		at, err := netip.ParseAddrPort(c.RemoteAddr().String())
		if err == nil && private(at.Addr().WithZone("")) {
			return c, nil
		}
		_ = c.Close()
		return nil, fmt.Errorf("%s is no private address, and over http everyone on the way could read the key: use https", c.RemoteAddr())
	}
}
