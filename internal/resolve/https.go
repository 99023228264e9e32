package resolve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/homing-dns/homing/internal/httpx"
)

const dnsMessage = "application/dns-message" // RFC 8484, section 6

// OverHTTPS puts q to the server at u (RFC 8484).
func OverHTTPS(ctx context.Context, c *httpx.Client, u *url.URL, q Question) (Answer, error) {
	id := newID()
	msg, err := q.pack(id)
	if err != nil {
		return Answer{}, err
	}
	body, err := postMessage(ctx, c, u, msg)
	if err != nil {
		return Answer{}, fmt.Errorf("ask %s: %w", u.Host, err)
	}
	a, err := q.parse(body, id)
	if err != nil {
		return Answer{}, fmt.Errorf("read the DNS answer of %s: %w", u.Host, err)
	}
	return a, nil
}

// postMessage sends a DNS message and returns the one that comes back.
func postMessage(ctx context.Context, c *httpx.Client, u *url.URL, msg []byte) ([]byte, error) {
	r := (&http.Request{
		Method:        http.MethodPost,
		URL:           u,
		Header:        http.Header{"Content-Type": {dnsMessage}, "Accept": {dnsMessage}},
		ContentLength: int64(len(msg)),
		Body:          io.NopCloser(bytes.NewReader(msg)),
		// The question may be sent again when a kept connection turns out closed.
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(msg)), nil },
	}).WithContext(ctx)
	header, body, err := c.Fetch(r, MaxMessage)
	if err != nil {
		return nil, err
	}
	if t, _, err := mime.ParseMediaType(header.Get("Content-Type")); err != nil || t != dnsMessage {
		return nil, fmt.Errorf("it answered with %.40q instead of a DNS message", header.Get("Content-Type"))
	}
	return body, nil
}
