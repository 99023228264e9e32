package detect

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// URL is the source url:<URL>: whatever public addresses the text at an http
// or https URL holds. The client must be pinned to the family that is wanted.
func URL(w Wanted, c *httpx.Client, rawURL string) (Source, error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return nil, err
	}
	voter := addr.Voter{
		Source: "url:" + u.Scheme + "://" + shown(u), Operator: operator(u.Hostname()), Way: shown(u),
		Authenticated: u.Scheme == "https",
	}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		body, err := get(ctx, c, u)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", shown(u), err)
		}
		ps, err := parseText(body, w, public(0))
		if err != nil {
			return nil, fmt.Errorf("read the answer of %s: %w", shown(u), err)
		}
		return ps, nil
	}
	return &way{voter, ask, c}, nil
}

// shown is u without what may be secret in it: the user and the query.
func shown(u *url.URL) string {
	s := u.Host + u.EscapedPath()
	if u.RawQuery != "" {
		s += "?…"
	}
	return s
}
