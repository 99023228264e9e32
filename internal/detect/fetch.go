package detect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/homing-dns/homing/internal/httpx"
)

// maxAnswer is more than any honest answer needs: a trace has about 300 bytes.
const maxAnswer = 4 << 10

// fetch fetches what is at u; header may be nil.
func fetch(ctx context.Context, c *httpx.Client, u *url.URL, header http.Header) ([]byte, error) {
	r := (&http.Request{Method: http.MethodGet, URL: u, Header: header}).WithContext(ctx)
	_, body, err := c.Fetch(r, maxAnswer)
	return body, err
}

// parseURL reads the absolute http or https URL of a source.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the URL, whose query may hold a secret
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the URL: %w", err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("read the URL: it must begin with https:// or http://")
	case u.Hostname() == "":
		return nil, fmt.Errorf("read the URL: it names no host")
	case u.Port() != "" && !isPort(u.Port()):
		return nil, fmt.Errorf("read the URL: %.20q is no port", u.Port())
	case !isASCII(u.Host):
		return nil, fmt.Errorf("read the URL: write the host in its ASCII form, xn--…")
	case u.Fragment != "":
		return nil, fmt.Errorf("read the URL: nothing may follow a #")
	}
	return u, nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
