package app

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/dyndns2"
)

// nameServers looks name servers up as the system does. It asks nobody for the
// records of a zone, which a cache may have of old.
func nameServers(r *net.Resolver) dyndns2.Servers {
	return func(ctx context.Context, zone dns.Name) ([]netip.AddrPort, error) {
		servers, err := r.LookupNS(ctx, zone.String()+".")
		if lookup, ok := errors.AsType[*net.DNSError](err); ok && lookup.IsNotFound {
			return nil, nil
		}
		if err != nil && len(servers) == 0 {
			return nil, err
		}
		var all []netip.AddrPort
		for _, s := range servers {
			addrs, e := r.LookupNetIP(ctx, "ip", strings.TrimSuffix(s.Host, ".")+".")
			if e != nil {
				err = e // others may have one
			}
			for _, a := range addrs {
				all = append(all, netip.AddrPortFrom(a.Unmap(), 53))
			}
			if len(all) >= enoughServers {
				break
			}
		}
		if len(all) == 0 {
			return nil, err
		}
		return all, nil
	}
}

// enoughServers is how many addresses of name servers are looked for: a zone has
// two to four, of both families.
const enoughServers = 8
