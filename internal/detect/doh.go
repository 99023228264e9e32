package detect

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// DoHURL is Cloudflare's resolver over HTTPS.
const DoHURL = "https://cloudflare-dns.com/dns-query"

const dnsMessage = "application/dns-message" // RFC 8484, section 6

// DoH is the source cloudflare.doh: it asks for whoami.cloudflare, TXT, class
// CHAOS; the family of the connection decides the answer. The client must be
// pinned to the family that is wanted.
func DoH(w Wanted, c *httpx.Client, rawURL string) (Source, error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return nil, fmt.Errorf("set up cloudflare.doh: %w", err)
	}
	voter := addr.Voter{
		Source: "cloudflare.doh", Operator: cloudflare, Way: u.Host + " over DoH",
		Authenticated: u.Scheme == "https",
	}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		id := newID()
		body, err := postDNS(ctx, c, u, whoami().pack(id))
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", u.Host, err)
		}
		p, err := whoami().address(body, id, w)
		if err != nil {
			return nil, fmt.Errorf("read the DNS answer of %s: %w", u.Host, err)
		}
		return []netip.Prefix{p}, nil
	}
	return &way{voter, ask, c}, nil
}

// postDNS sends a DNS message and returns the one that comes back.
func postDNS(ctx context.Context, c *httpx.Client, u *url.URL, msg []byte) ([]byte, error) {
	r := (&http.Request{
		Method:        http.MethodPost,
		URL:           u,
		Header:        http.Header{"Content-Type": {dnsMessage}, "Accept": {dnsMessage}},
		ContentLength: int64(len(msg)),
		Body:          io.NopCloser(bytes.NewReader(msg)),
		// The question may be sent again when a kept connection turns out closed.
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(msg)), nil },
	}).WithContext(ctx)
	header, body, err := fetch(c, r)
	if err != nil {
		return nil, err
	}
	if t, _, err := mime.ParseMediaType(header.Get("Content-Type")); err != nil || t != dnsMessage {
		return nil, fmt.Errorf("it answered with %.40q instead of a DNS message", header.Get("Content-Type"))
	}
	return body, nil
}
