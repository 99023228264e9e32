package detect

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// operator is who runs a host: its registrable domain, so that a service
// cannot vote twice under two names. An address, and a host that is itself a
// public suffix or has no dot, stands for itself.
func operator(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	switch domain {
	case "cloudflare-dns.com", "cloudflareclient.com", "icanhazip.com": // run by Cloudflare, 2026
		return cloudflare
	}
	return domain
}
