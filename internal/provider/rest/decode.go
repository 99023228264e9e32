package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
)

// DecodeJSON decodes one JSON value into v, for Call.Result. What v does not name is
// left out.
func DecodeJSON(v any) func(io.Reader) error {
	return func(r io.Reader) error {
		d := json.NewDecoder(r)
		if err := d.Decode(v); err != nil {
			if errors.Is(err, io.EOF) {
				return io.ErrUnexpectedEOF
			}
			if odd, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // which tells of Go's types
				at := "its outermost value"
				if odd.Field != "" {
					at = "its " + odd.Field
				}
				return errors.New(at + " is of another kind than the API's: " + odd.Value)
			}
			return err
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return errors.New("something stands behind the end of the answer")
		}
		return nil
	}
}

// DecodeList is DecodeJSON for an answer that is to hold a list. One that is not there would be
// read as "there is nothing", and everything be made once more: there says whether it
// is, and whether AllRows of it are what the API's are.
func DecodeList(v any, there func() bool) func(io.Reader) error {
	return func(r io.Reader) error {
		if err := DecodeJSON(v)(r); err != nil {
			return err
		}
		if !there() {
			return errors.New("it holds no list of what was asked for")
		}
		return nil
	}
}

// AllRows reports whether n rows fit what the API's are. One that does not say what it is
// about may be anything: to pass over it would be to say that there is one less.
func AllRows(n int, fit func(i int) bool) bool {
	for i := range n {
		if !fit(i) {
			return false
		}
	}
	return true
}

// IsCompleteRow reports whether a set or a record of a listing says of which type it is and, where
// homing looks at that, what it holds.
func IsCompleteRow(t dns.Type, contents ...string) bool {
	return t != "" && (!IsRelevantType(t) || len(contents) > 0) && !(t.IsAddress() && slices.Contains(contents, ""))
}

// maxRefusal bounds what is read of a refusal.
const maxRefusal = 64 << 10

// readResult takes the answer to a call apart: its result, or why it was refused.
func (c *Client) readResult(r Call, a Response) *Failure {
	if a.IsSuccess() {
		if r.Result == nil {
			return nil
		}
		err := r.Result(a.Body)
		if no, ok := errors.AsType[*RefusedError](err); ok {
			return c.refusalFailure(no.Refusal)
		}
		if err != nil {
			return a.ReadFailure(err, "")
		}
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(a.Body, maxRefusal))
	explain := c.ExplainRefusal
	if r.ExplainRefusal != nil {
		explain = r.ExplainRefusal
	}
	switch {
	case err != nil:
		return a.ReadFailure(err, "what came cannot be read")
	case explain == nil:
		return &Failure{Understood: json.Valid(body)}
	}
	return c.refusalFailure(explain(a.Status, body))
}

func (c *Client) refusalFailure(e Refusal) *Failure {
	for i, s := range e.Messages {
		e.Messages[i] = c.Sanitize(s)
	}
	return &Failure{Understood: e.Understood, Messages: e.Messages, Parts: e.Parts, Meaning: e.Meaning, Busy: e.Busy, Pause: e.Pause}
}

// RefusedError is what Call.Result returns where the host refused although the status is
// one of success; its Refusal says something.
type RefusedError struct{ Refusal }

func (r *RefusedError) Error() string { return r.Meaning.Cause }

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// contextReader reads r as long as ctx is alive, even where all of r is there already.
func contextReader(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return r.Read(p)
	})
}
