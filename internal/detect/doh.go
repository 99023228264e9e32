package detect

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/resolve"
)

// DoHURL is Cloudflare's resolver over HTTPS.
const DoHURL = "https://cloudflare-dns.com/dns-query"

// DoH returns the source cloudflare.doh: it asks for whoami.cloudflare, TXT, class
// CHAOS; the family of the connection decides the answer. The client must be
// pinned to the family that is wanted.
func DoH(w Wanted, c *httpx.Client, rawURL string) (Source, error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return nil, fmt.Errorf("set up cloudflare.doh: %w", err)
	}
	voter := addr.Voter{
		Source: "cloudflare.doh", Operator: cloudflareOperator, Route: u.Host + " over DoH",
		Authenticated: u.Scheme == "https",
	}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		answer, err := resolve.OverHTTPS(ctx, c, u, whoamiQuestion())
		if err != nil {
			return nil, err
		}
		p, err := singleAddress(answer, w)
		if err != nil {
			return nil, fmt.Errorf("read the DNS answer of %s: %w", u.Host, err)
		}
		return []netip.Prefix{p}, nil
	}
	return &routeSource{voter, ask, c}, nil
}
