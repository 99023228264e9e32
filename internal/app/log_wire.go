package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
)

// bodyShown is how much of a body the log shows.
const bodyShown = 1 << 10

// observe makes c write each request and answer into the log, on the level
// debug; on a higher one it changes nothing. Headers, which hold credentials,
// are never written. Of a client with private addresses only the host is: a
// path or a body there may be a secret.
func observe(c *httpx.Client, log *slog.Logger, private bool) {
	if log.Enabled(context.Background(), slog.LevelDebug) {
		c.Transport = &observer{c.Transport, log, private}
	}
}

type observer struct {
	http.RoundTripper
	log     *slog.Logger
	private bool
}

func (o *observer) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := []any{"method", r.Method, "url", o.address(r.URL)}
	sent := asked
	if r.GetBody != nil && !o.private {
		sent = append(sent[:len(sent):len(sent)], "body", sample(r.GetBody))
	}
	o.log.Debug("request", sent...)
	began := time.Now()
	resp, err := o.RoundTripper.RoundTrip(r)
	took := time.Since(began).Round(time.Millisecond)
	if err != nil {
		o.log.Debug("no answer", append(asked, "took", took, "error", err)...)
		return nil, err
	}
	note := func(body string) {
		o.log.Debug("answer", append(asked, "status", resp.StatusCode, "took", took, "body", body)...)
	}
	if o.private {
		note("")
		return resp, nil
	}
	resp.Body = &overheard{ReadCloser: resp.Body, note: note}
	return resp, nil
}

// address is a URL without a user, and without more than its host where the
// rest may be a secret.
func (o *observer) address(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host}
	if !o.private {
		shown.Path, shown.RawPath, shown.RawQuery = u.Path, u.RawPath, u.RawQuery
	}
	return shown.String()
}

// sample is the beginning of a body that is sent.
func sample(get func() (io.ReadCloser, error)) string {
	body, err := get()
	if err != nil {
		return ""
	}
	defer body.Close()
	b, _ := io.ReadAll(io.LimitReader(body, bodyShown))
	return string(b)
}

// overheard is a body whose beginning is noted once it is closed.
type overheard struct {
	io.ReadCloser
	begin bytes.Buffer
	note  func(string)
}

func (o *overheard) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	o.begin.Write(p[:min(n, bodyShown-o.begin.Len())])
	return n, err
}

func (o *overheard) Close() error {
	if o.note != nil {
		o.note(o.begin.String())
		o.note = nil
	}
	return o.ReadCloser.Close()
}
