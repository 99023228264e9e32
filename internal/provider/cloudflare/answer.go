package cloudflare

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
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
	e, err := readWhole(ctx, httpx.Limit(resp.Body, cmp.Or(r.limit, ordinaryLimit)), result)
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

// maxHead bounds how much of an answer is kept until its result was read. A
// refusal is far shorter.
const maxHead = 64 << 10

// readWhole reads an answer whose result may not be what was expected, because
// the errors beside it say why: some services send HTTP 200 with a success that
// is false.
func readWhole(ctx context.Context, body io.Reader, result func(*json.Decoder) error) (envelope, error) {
	var head head
	from := io.TeeReader(while(ctx, body), &head)
	e, err := readEnvelope(from, result)
	if err == nil {
		return e, nil
	}
	if _, cut := io.CopyN(io.Discard, from, maxHead); !errors.Is(cut, io.EOF) || head.over {
		return e, err
	}
	if no, odd := readEnvelope(&head.kept, skip); odd == nil && no.Success != nil && !*no.Success && len(no.Messages) > 0 {
		return no, nil
	}
	return e, err
}

// head keeps the first bytes that are written to it.
type head struct {
	kept bytes.Buffer
	over bool // there were more
}

func (h *head) Write(p []byte) (int, error) {
	if h.over = h.over || h.kept.Len()+len(p) > maxHead; !h.over {
		_, _ = h.kept.Write(p) // a buffer takes everything
	}
	return len(p), nil
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// while reads r as long as ctx is alive, even where all of r is there already.
func while(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return r.Read(p)
	})
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
