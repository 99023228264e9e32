package cloudflare

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/homing-dns/homing/internal/provider/rest"
)

// read takes an answer apart.
func (c *client) read(r call, a rest.Answer) (envelope, *failure) {
	result := r.result
	if !a.Good() || result == nil {
		result = skip
	}
	e, err := readWhole(a.Body, result)
	c.cleanAll(e.Messages)
	switch {
	case err != nil && !a.Good(): // the status says more than what is wrong with the JSON
		return e, &failure{Failure: *a.Broken(err, "what came is not Cloudflare's JSON")}
	case err != nil:
		return e, &failure{Failure: *a.Broken(err, "")}
	case a.Good() && e.ok() && (e.result || r.result == nil):
		return e, nil
	}
	f := &failure{said: e.Messages}
	f.Status, f.Understood = a.Status, true
	f.Busy = r.lists && f.busy()
	if a.Good() && len(f.said) == 0 {
		f.Detail = "the answer does not say that it worked"
	}
	return e, f
}

// maxHead bounds how much of an answer is kept until its result was read. A
// refusal is far shorter.
const maxHead = 64 << 10

// readWhole reads an answer whose result may not be what was expected, because
// the errors beside it say why: some services send HTTP 200 with a success that
// is false.
func readWhole(body io.Reader, result func(*json.Decoder) error) (envelope, error) {
	var head head
	from := io.TeeReader(body, &head)
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

// isID says whether s can be an id of Cloudflare's, and so stand in a path.
func isID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
}
