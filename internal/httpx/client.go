// Package httpx makes HTTP clients that can be trusted with hostile servers:
// pinned to one address family, limited in time and size, counted, never
// redirected, and silent about secrets.
package httpx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Dial opens a connection; network is "tcp" or "udp", with "4" or "6" behind it
// or not.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Options says how a client reaches its servers. The zero value is a plain
// client over either family, without a proxy.
type Options struct {
	Network   string         // "tcp4" or "tcp6" pins the family; empty means either
	Dial      Dial           // nil: over the line the system chooses; see Dialer
	Roots     *x509.CertPool // who may vouch for a server; nil: those the system trusts
	Insecure  bool           // any certificate will do; only where a person asks for it
	Proxy     bool           // obey HTTP_PROXY, HTTPS_PROXY and NO_PROXY
	HTTP2     bool           // many calls at once to one host over one connection, compressed
	UserAgent string         // sent with every request
	Header    http.Header    // sent with every request; may hold secrets
}

// Client sends requests and counts them. It is no http.Client: what that adds
// to a transport are cookies and redirects, and nobody wants them here, nor the
// URL in every error.
type Client struct {
	Transport http.RoundTripper // sends what Do made ready; a test may record there
	transport *http.Transport
	options   Options
	calls     atomic.Int64
}

// Timeouts of one connection. The caller's context limits the whole exchange.
const (
	dialTimeout   = 10 * time.Second
	headerTimeout = 30 * time.Second
	idleTimeout   = 90 * time.Second
	maxHeader     = 64 << 10

	maxTLSSessions = 4 // whose last handshake a client remembers
)

// New makes a client. It starts nothing and opens nothing.
func New(o Options) *Client {
	dial := o.Dial
	if dial == nil {
		dial = Dialer{}.Dial
	}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if o.Network != "" {
				network = o.Network
			}
			return dial(ctx, network, address)
		},
		ForceAttemptHTTP2:      o.HTTP2,
		TLSHandshakeTimeout:    dialTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    8,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     !o.HTTP2,
	}
	// Connections are closed between rounds. The next one to a host goes on from what
	// was proved at the one before, without its certificates: a tenth of a quiet round.
	t.TLSClientConfig = &tls.Config{RootCAs: o.Roots, ClientSessionCache: tls.NewLRUClientSessionCache(maxTLSSessions)}
	if o.Insecure {
		t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	}
	if o.Proxy {
		t.Proxy = http.ProxyFromEnvironment
	}
	return &Client{Transport: t, transport: t, options: o}
}

// Do sends r, with what every request carries, and leaves r itself as it is.
// Redirects come back as they are. The error does not name the URL, which may
// hold a secret; the caller says whom it asked.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	given := r.Header
	r = r.WithContext(r.Context()) // a copy, as far as it is changed here
	r.Header = make(http.Header)
	maps.Copy(r.Header, given)
	if u := r.URL.User; u != nil {
		password, _ := u.Password()
		r.SetBasicAuth(u.Username(), password)
	}
	maps.Copy(r.Header, c.options.Header)
	if c.options.UserAgent != "" {
		r.Header.Set("User-Agent", c.options.UserAgent)
	}
	c.calls.Add(1)
	var names lookupTrace
	resp, err := c.Transport.RoundTrip(r.WithContext(names.withTrace(r.Context())))
	return resp, names.explainError(r, err)
}

// Calls returns how many requests were sent since the client was made.
func (c *Client) Calls() int64 { return c.calls.Load() }

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() { c.transport.CloseIdleConnections() }
