package rfc2136

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// defaultPort is that of name servers.
const defaultPort = "53"

// ParseServers reads servers with commas between them, each with a port or without.
func ParseServers(s string) (servers []string, err error) {
	for _, one := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' }) {
		host, port, err := net.SplitHostPort(one)
		if err != nil {
			host, port = strings.Trim(one, "[]"), defaultPort
		}
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || !isValidHost(host) {
			return nil, fmt.Errorf("%q is no address of a server", one)
		}
		servers = append(servers, net.JoinHostPort(host, port))
	}
	return servers, nil
}

// isValidHost reports whether host can be an address, or a name.
func isValidHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	_, err := encodeName(canonicalName(host))
	return err == nil && host != "" && !strings.ContainsAny(host, ":/@[]\"")
}
