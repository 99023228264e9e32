package cloudflare

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/httpx"
)

// read takes an answer apart.
func (c *client) read(ctx context.Context, r call, resp *http.Response) (envelope, *failure) {
	f := &failure{status: resp.StatusCode, sent: true}
	good := resp.StatusCode/100 == 2
	if resp.StatusCode/100 == 3 {
		f.detail = c.credential.clean(fmt.Sprintf("it redirects to %s, and homing follows nobody", host(resp)))
		return envelope{}, f
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" {
		f.detail = "a web page came instead of JSON"
		return envelope{}, f
	}
	result := r.result
	if !good || result == nil {
		result = skip
	}
	e, err := readEnvelope(httpx.Limit(resp.Body, cmp.Or(r.limit, ordinaryLimit)), result)
	c.credential.cleanAll(e.Messages)
	switch {
	case err != nil && ctx.Err() != nil:
		f.detail, f.context = c.detail(ctx, err), ctx.Err()
		return e, f
	case err != nil && !good: // the status says more than what is wrong with the JSON
		f.detail = "what came is not Cloudflare's JSON"
		return e, f
	case err != nil:
		f.detail = c.credential.clean("the answer cannot be read: " + err.Error())
		return e, f
	case good && e.ok() && (e.result || r.result == nil):
		return e, nil
	}
	if f.read, f.said = true, e.Messages; good && len(f.said) == 0 {
		f.detail = "the answer does not say that it worked"
	}
	return e, f
}

// lost is the failure of a call without an answer.
func (c *client) lost(ctx context.Context, err error, sent bool) *failure {
	f := &failure{sent: sent, detail: c.detail(ctx, err), context: ctx.Err()}
	_, f.unproved = errors.AsType[*tls.CertificateVerificationError](err)
	f.untimely = httpx.Untimely(err)
	f.sinkhole, _ = errors.AsType[*httpx.Sinkhole](err)
	return f
}

// detail is a transport error, or the setting that ended it.
func (c *client) detail(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return context.Cause(ctx).Error()
	}
	return c.credential.clean(err.Error())
}

func host(resp *http.Response) string {
	if u, err := resp.Location(); err == nil {
		return u.Host
	}
	return "nowhere"
}

// hangUp reads a little more of an answer, so that its connection can be used
// again, and closes it.
func hangUp(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxDrained)
	_ = body.Close()
}

// isID says whether s can be an id of Cloudflare's, and so stand in a path.
func isID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
}
