package detect

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// InterfacePrefix returns the source of ipv6_prefix from iface:<name>: the prefixes of
// a network that this machine has an address in, as of the LAN side of a router
// that is given its prefix by DHCPv6 (RFC 8415). One whose addresses are to be
// given up is left out; of addresses alone (/128) no prefix is known. Where the
// system does not tell which is to be given up, several prefixes are not known.
func InterfacePrefix(name string, allow addr.Allow) (Source, error) {
	if err := httpx.CheckName(name); err != nil {
		return nil, err
	}
	ask := func(context.Context) ([]netip.Prefix, error) {
		i, err := httpx.FindInterface(name)
		if err != nil {
			return nil, err
		}
		if i.Flags&net.FlagUp == 0 {
			return nil, fmt.Errorf("the interface %s is down", name)
		}
		found, err := interfaceAddrs(i, addr.IPv6)
		if err != nil {
			return nil, fmt.Errorf("read the addresses of %s: %w", name, err)
		}
		return usablePrefixes(name, found, allow)
	}
	return &routeSource{voter: certainVoter("iface:" + name), ask: ask}, nil
}

// usablePrefixes returns the prefixes in which others can have an address.
func usablePrefixes(name string, found []ifaceAddr, allow addr.Allow) ([]netip.Prefix, error) {
	var left []netip.Prefix
	none := &noPublishableError{name: name, family: addr.IPv6}
	for _, a := range found {
		err := addr.Public(a.ip, allow)
		switch {
		case err != nil:
		case a.unusable != "":
			err = fmt.Errorf("%s is %s", a.ip, a.unusable)
		case a.bits < 1 || a.bits > 64:
			err = fmt.Errorf("%s is an address alone (/%d), of whose network nothing is told", a.ip, a.bits)
		}
		if err != nil {
			none.passed = append(none.passed, err)
			continue
		}
		if p := netip.PrefixFrom(a.ip, a.bits).Masked(); !slices.Contains(left, p) {
			left = append(left, p)
		}
	}
	switch {
	case len(left) == 0:
		return nil, none
	case len(left) > 1 && !hasAddressFlags:
		return nil, fmt.Errorf("%s has the prefixes %s, and this system does not tell which of them is to be given up", name, joinPrefixes(left))
	}
	return left, nil
}

func joinPrefixes(ps []netip.Prefix) string {
	var words []string
	for _, p := range ps {
		words = append(words, p.String())
	}
	return strings.Join(words, ", ")
}

// RouterPrefix returns the source of ipv6_prefix from router: the prefix that a
// FRITZ!Box was given for the networks behind it. Nobody else knows it, so that
// its word is enough, though any machine of the home can answer in its place: it
// is asked twice over before it is believed, and a person has to name it.
func RouterPrefix(line RouterLine) Source {
	var found routerCache
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		r, err := found.get(line)
		if err != nil {
			return nil, err
		}
		p, err := r.Prefix(ctx)
		if err != nil {
			return nil, err
		}
		if err := addr.Public(p.Addr(), 0); err != nil {
			return nil, fmt.Errorf("the router %s says: %w", r.Gateway(), err)
		}
		return []netip.Prefix{p}, nil
	}
	return &routeSource{voter: addr.Voter{Source: RouterWord, Operator: RouterWord, Route: "the router"}, ask: ask, client: line.Client}
}
