package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/httpx"
)

// Doer sends requests; *httpx.Client is one. Its errors do not name the URL.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// maxAnswer is the most that is read of an answer; those of the services here
// are a few hundred bytes.
const maxAnswer = 64 << 10

// request is one exchange with a service.
type request struct {
	method      string
	url         string
	contentType string // of the body: a media type; empty sends none
	body        string
}

// doRequest sends r and returns the status and the body of the answer; the status
// also where the body cannot be read. Errors are Failures and do not hold the URL.
func doRequest(ctx context.Context, client Doer, r request) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, strings.NewReader(r.body))
	if err != nil {
		return 0, "", &Failure{Err: errors.New("the URL is malformed"), Hint: "check the setting"}
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", connectFailure(ctx, req.URL, err)
	}
	b, err := httpx.ReadBody(resp, maxAnswer)
	if err != nil {
		return resp.StatusCode, "", &Failure{Err: fmt.Errorf("read the answer of %s: %w", req.URL.Hostname(), err), Temporary: true}
	}
	return resp.StatusCode, string(b), nil
}

// connectFailure is the failure of an exchange that brought no answer.
func connectFailure(ctx context.Context, u *url.URL, err error) *Failure {
	if ctx.Err() != nil {
		err = errors.New("no answer in time")
	}
	return &Failure{Err: fmt.Errorf("reach %s: %w", u.Hostname(), err), Temporary: true}
}

// statusFailure is the failure that an answer with this status is.
func statusFailure(status int) *Failure {
	f := &Failure{Err: fmt.Errorf("the service answered %d %s", status, http.StatusText(status))}
	switch {
	case status == http.StatusTooManyRequests || status >= 500:
		f.Temporary = true
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound || status == http.StatusGone:
		f.Hint = "check the URL in the settings: the service does not know it, or not any more"
	case status >= 300 && status < 400:
		f.Hint = "the service has moved; give its new address"
	}
	return f
}

// parseWebURL reads an http or https URL with a host. Errors do not hold it.
func parseWebURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("it has to begin with https:// or http://")
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	case u.Fragment != "":
		return nil, errors.New("it has a # in it, which no server gets to see")
	}
	return u, nil
}
