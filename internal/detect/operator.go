package detect

import (
	"net/netip"
	"slices"
	"strings"
)

// operatorOf returns who runs a host: its registrable domain, so that a service
// cannot vote twice under two names. An address, and a host without a dot,
// stands for itself.
//
// The registrable domain is told by its form, not by the Public Suffix List,
// which is 94 KB: two labels, or three below a suffix such as co.uk. Where the
// form deceives, two operators are taken for one and have a vote too few,
// which is the safe side; so do the guests of one hoster, rightly.
func operatorOf(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	labels := strings.Split(host, ".")
	keep := 2
	if n := len(labels); n > 2 && len(labels[n-1]) == 2 && isSecondLevel(labels[n-2]) {
		keep = 3
	}
	domain := strings.Join(labels[max(len(labels)-keep, 0):], ".")
	switch domain {
	case "cloudflare-dns.com", "cloudflareclient.com", "icanhazip.com": // run by Cloudflare, 2026
		return cloudflareOperator
	case "tnedi.me": // the other name of ident.me, 2026
		return "ident.me"
	case "api.aws": // Amazon's, 2026
		return "amazonaws.com"
	}
	return domain
}

// isSecondLevel reports whether a label below a country's is a part of the suffix
// rather than of a name.
func isSecondLevel(label string) bool {
	return slices.Contains([]string{"ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "or", "org"}, label)
}
