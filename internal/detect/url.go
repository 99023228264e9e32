package detect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// URLOptions is what a source url: may have beside its URL.
type URLOptions struct {
	// Word is url, url.via4 or url.via6, as it was written; empty means url.
	// The client is pinned to what it says.
	Word   string
	Header http.Header // sent to that host alone; may hold secrets, and is shown nowhere
}

// URL returns the source url:<URL>: whatever public addresses the text at an http
// or https URL holds, or, with #json=<field> behind it, a field of its JSON.
// The client must be pinned to a family: the one that is wanted, unless the
// word says otherwise.
func URL(w Wanted, c *httpx.Client, rawURL string, o URLOptions) (Source, error) {
	rawURL, fragment, _ := strings.Cut(rawURL, "#")
	u, err := parseURL(rawURL)
	if err != nil {
		return nil, err
	}
	parse, err := parserFor(fragment)
	if err != nil {
		return nil, fmt.Errorf("read the URL: %w", err)
	}
	if err := checkHeader(u, o.Header); err != nil {
		return nil, err
	}
	name := redactURL(u)
	voter := addr.Voter{
		Source: cmp.Or(o.Word, "url") + ":" + u.Scheme + "://" + name, Operator: operatorOf(u.Hostname()), Route: name,
		Authenticated: u.Scheme == "https",
	}
	if fragment != "" {
		voter.Source += "#" + fragment
	}
	p := page{u, name, o.Header.Clone(), c, func(body []byte) ([]netip.Prefix, error) {
		ps, err := parse(body, w, publicCheck(0))
		return ps, asPrivatePageError(err)
	}}
	return p.newRoute(voter), nil
}

// privatePageError is a page that shows an address of the local network: a page may say
// anything, so it is never allowed to.
type privatePageError struct {
	error
	allowed string // what of detect.allow would let such an address through, from elsewhere
}

func (e *privatePageError) Unwrap() error { return e.error }

// asPrivatePageError tells such a page from others.
func asPrivatePageError(err error) error {
	r, ok := errors.AsType[*addr.Refusal](err)
	if !ok || r.AllowedByWord() == "" {
		return err
	}
	return &privatePageError{err, r.AllowedByWord()}
}

// parserFor returns the form of an answer, told by what follows # in its URL.
func parserFor(fragment string) (parser, error) {
	if fragment == "" {
		return parseText, nil
	}
	field, ok := strings.CutPrefix(fragment, "json=")
	if !ok {
		return nil, errors.New("nothing may follow a # but json=<field>")
	}
	for part := range strings.SplitSeq(field, ".") {
		if part == "" {
			return nil, errors.New("a field is missing: write #json=<field>, or #json=<field>.<field> for one inside another")
		}
	}
	return parseJSON(field), nil
}

// checkHeader refuses what cannot be sent, or would be read by others on the way.
func checkHeader(u *url.URL, h http.Header) error {
	if len(h) > 0 && u.Scheme != "https" && !isLoopback(u.Hostname()) {
		return errors.New("a header may hold a secret, and everybody on the way can read what goes to an http:// URL; use https://")
	}
	for name, values := range h {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }) {
			return fmt.Errorf("%.40q is not the name of a header", name)
		}
		if strings.EqualFold(name, "Host") {
			return errors.New("the header Host cannot be set: write the host in the URL")
		}
		for _, v := range values {
			if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				return fmt.Errorf("the header %.40q holds a line end or another control character", name)
			}
		}
	}
	return nil
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || strings.EqualFold(host, "localhost")
}

// redactURL returns u without what may be secret in it: the user and the query.
func redactURL(u *url.URL) string {
	s := u.Host + u.EscapedPath()
	if u.RawQuery != "" {
		s += "?…"
	}
	return s
}

// A page is what is asked over HTTP and read as a whole.
type page struct {
	url    *url.URL
	name   string // of the page in errors
	header http.Header
	client *httpx.Client
	parse  func([]byte) ([]netip.Prefix, error)
}

func (p page) newRoute(voter addr.Voter) *routeSource {
	secrets := secretsOf(p.url, p.header)
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		body, err := fetch(ctx, p.client, p.url, p.header)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", p.name, &redactedError{err, secrets})
		}
		ps, err := p.parse(body)
		if err != nil {
			return nil, fmt.Errorf("read the answer of %s: %w", p.name, &redactedError{err, secrets})
		}
		return ps, nil
	}
	return &routeSource{voter, ask, p.client}
}
