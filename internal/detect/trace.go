package detect

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// cloudflareOperator is the operator of all that Cloudflare runs.
const cloudflareOperator = "cloudflare.com"

// TraceURLs returns the hosts of Cloudflare that are asked by default. Any host
// behind Cloudflare answers at this path; these three do so over both families
// (favonia/cloudflare-ddns, 2026).
func TraceURLs() []string {
	return []string{
		"https://api.cloudflare.com/cdn-cgi/trace",
		"https://www.cloudflare.com/cdn-cgi/trace",
		"https://connectivity.cloudflareclient.com/cdn-cgi/trace",
	}
}

// Trace returns the source cloudflare.trace: each URL is a route of its own. The
// client must be pinned to the family that is wanted.
func Trace(w Wanted, c *httpx.Client, urls []string) (Source, error) {
	if len(urls) == 0 {
		return nil, errors.New("cloudflare.trace needs a host to ask")
	}
	var ways []Source
	for _, raw := range urls {
		u, err := parseURL(raw)
		if err != nil {
			return nil, fmt.Errorf("set up cloudflare.trace: %w", err)
		}
		ways = append(ways, newTraceRoute(w, c, u))
	}
	return newHedgedSource(ways[0].Voter(), ways), nil
}

// newTraceRoute makes the route over one host.
func newTraceRoute(w Wanted, c *httpx.Client, u *url.URL) *routeSource {
	voter := addr.Voter{
		Source: "cloudflare.trace", Operator: cloudflareOperator, Route: u.Host,
		Authenticated: u.Scheme == "https",
	}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		body, err := fetch(ctx, c, u, nil)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", u.Host, err)
		}
		p, err := parseTraceAnswer(body, u, w)
		if err != nil {
			return nil, fmt.Errorf("read the trace of %s: %w", u.Host, err)
		}
		return []netip.Prefix{p}, nil
	}
	return &routeSource{voter, ask, c}
}

// parseTraceAnswer takes the address out of the trace that was asked for at u.
//
// A trace without h or warp is refused as well as a wrong one: every real one
// has both, and another default source answers where this one no longer does.
func parseTraceAnswer(body []byte, u *url.URL, w Wanted) (netip.Prefix, error) {
	t, err := parseTrace(body)
	if err != nil {
		return netip.Prefix{}, err
	}
	host, err := t.single("h")
	if err != nil {
		return netip.Prefix{}, err
	}
	if !strings.EqualFold(host, u.Host) && !strings.EqualFold(host, u.Hostname()) {
		return netip.Prefix{}, fmt.Errorf("it comes from %.60q, which was not asked", host)
	}
	ip, err := t.single("ip")
	if err != nil {
		return netip.Prefix{}, err
	}
	warp, err := t.single("warp")
	if err != nil {
		return netip.Prefix{}, err
	}
	if warp != "off" {
		return netip.Prefix{}, &WARP{Said: warp}
	}
	return parseSingleAddr(ip, w)
}

// trace is what stands behind each key of a trace.
type trace map[string][]string

// parseTrace reads lines of the form key=value.
func parseTrace(body []byte) (trace, error) {
	if isMarkup(body) {
		return nil, errWebPage
	}
	t := trace{}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%.60q is not a line of a trace", line)
		}
		t[key] = append(t[key], value)
	}
	return t, nil
}

// single returns the value of a key that must be there exactly once.
func (t trace) single(key string) (string, error) {
	if len(t[key]) != 1 {
		return "", fmt.Errorf("it has %d lines %q instead of one", len(t[key]), key+"=")
	}
	return t[key][0], nil
}

// WARP is a question that left through Cloudflare WARP.
type WARP struct{ Said string }

func (e *WARP) Error() string {
	return fmt.Sprintf("the question left through Cloudflare WARP (warp=%.20q), so the address is not that of this line; "+
		"turn WARP off for homing, or use another source", e.Said)
}
