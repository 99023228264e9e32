package cloudflare

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/homing-dns/homing/internal/provider/rest"
)

// parseResponse takes an answer apart.
func (c *client) parseResponse(r call, a rest.Response) (envelope, *failure) {
	result := r.result
	if !a.IsSuccess() || result == nil {
		result = skipValue
	}
	e, err := readEnvelopeOrErrors(a.Body, result)
	c.cleanMessages(e.Messages)
	switch {
	case err != nil && !a.IsSuccess(): // the status says more than what is wrong with the JSON
		return e, &failure{Failure: *a.ReadFailure(err, "what came is not Cloudflare's JSON")}
	case err != nil:
		return e, &failure{Failure: *a.ReadFailure(err, "")}
	case a.IsSuccess() && e.succeeded() && (e.hasResult || r.result == nil):
		return e, nil
	}
	f := &failure{messages: e.Messages}
	f.Status, f.Understood = a.Status, true
	f.Busy = r.isListCall && f.isBusy()
	if a.IsSuccess() && len(f.messages) == 0 {
		f.Detail = "the answer does not say that it worked"
	}
	return e, f
}

// maxPrefix bounds how much of an answer is kept until its result was read. A
// refusal is far shorter.
const maxPrefix = 64 << 10

// readEnvelopeOrErrors reads an answer whose result may not be what was expected, because
// the errors beside it say why: some services send HTTP 200 with a success that
// is false.
func readEnvelopeOrErrors(body io.Reader, result func(*json.Decoder) error) (envelope, error) {
	var head prefixBuffer
	from := io.TeeReader(body, &head)
	e, err := readEnvelope(from, result)
	if err == nil {
		return e, nil
	}
	if _, cut := io.CopyN(io.Discard, from, maxPrefix); !errors.Is(cut, io.EOF) || head.overflowed {
		return e, err
	}
	if no, odd := readEnvelope(&head.buf, skipValue); odd == nil && no.Success != nil && !*no.Success && len(no.Messages) > 0 {
		return no, nil
	}
	return e, err
}

// prefixBuffer keeps the first bytes that are written to it.
type prefixBuffer struct {
	buf        bytes.Buffer
	overflowed bool // there were more
}

func (h *prefixBuffer) Write(p []byte) (int, error) {
	if h.overflowed = h.overflowed || h.buf.Len()+len(p) > maxPrefix; !h.overflowed {
		_, _ = h.buf.Write(p) // a buffer takes everything
	}
	return len(p), nil
}

// isValidID reports whether s can be an id of Cloudflare's, and so stand in a path.
func isValidID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
}
