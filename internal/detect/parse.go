package detect

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
)

// parseText reads the text form of addresses: one address or CIDR a line; CRLF
// is fine, blank lines are ignored, and so is all that follows a #. One bad
// line makes the whole worth nothing. check says of each address whether it
// may be published.
func parseText(text []byte, w Wanted, check func(netip.Addr) error) ([]netip.Prefix, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors on Windows put it there
	if isMarkup(text) {
		return nil, errWebPage
	}
	var out []netip.Prefix
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		p, err := parseAddrOrCIDR(line, w, check)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, errors.New("it holds no address")
	}
	return out, nil
}

// parseAddrOrCIDR reads an address, or a CIDR with host bits.
func parseAddrOrCIDR(s string, w Wanted, check func(netip.Addr) error) (netip.Prefix, error) {
	var p netip.Prefix
	a, err := netip.ParseAddr(s)
	if strings.Contains(s, "/") {
		p, err = netip.ParsePrefix(s)
		a = p.Addr()
	}
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%.60q is not an address", s)
	}
	if a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%.60q has a zone, so it means something on this machine only", s)
	}
	if a.Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%s is an IPv4 address written inside IPv6; write it plainly", a)
	}
	if !w.Family.Holds(a) {
		return netip.Prefix{}, fmt.Errorf("%s is not an %s address", a, w.Family)
	}
	if err := check(a); err != nil {
		return netip.Prefix{}, err
	}
	if !p.IsValid() {
		p = w.toPrefix(a)
	}
	return p, nil
}

// parseSingleAddr reads what must be one public address, without a prefix length.
func parseSingleAddr(s string, w Wanted) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		return netip.Prefix{}, fmt.Errorf("%.60q is not an address", s)
	}
	return parseAddrOrCIDR(s, w, publicCheck(0))
}

// publicCheck returns the check that lets only public addresses pass, and what allow adds.
func publicCheck(allow addr.Allow) func(netip.Addr) error {
	return func(a netip.Addr) error { return addr.Public(a, allow) }
}

var errWebPage = errors.New("the answer is a web page; a captive portal, a proxy or an error may stand in the way")

// isMarkup reports whether text looks like HTML or XML. Nothing that holds an
// address begins with a <.
func isMarkup(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) }
