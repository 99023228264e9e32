package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
)

// JSON takes one JSON value into v, for Call.Result. What v does not name is
// left out.
func JSON(v any) func(io.Reader) error {
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

// List is JSON for an answer that is to hold a list. One that is not there would be
// read as "there is nothing", and everything be made once more: there says whether it
// is, and whether its Rows are what the API's are.
func List(v any, there func() bool) func(io.Reader) error {
	return func(r io.Reader) error {
		if err := JSON(v)(r); err != nil {
			return err
		}
		if !there() {
			return errors.New("it holds no list of what was asked for")
		}
		return nil
	}
}

// Rows reports whether n rows are what the API's are. One that does not say what it is
// about may be anything: to pass over it would be to say that there is one less.
func Rows(n int, fit func(i int) bool) bool {
	for i := range n {
		if !fit(i) {
			return false
		}
	}
	return true
}

// Holds reports whether a set or a record of a listing says of which type it is and, where
// homing looks at that, what it holds.
func Holds(t dns.Type, contents ...string) bool {
	return t != "" && (!Matters(t) || len(contents) > 0) && !(t.IsAddress() && slices.Contains(contents, ""))
}

// maxRefusal bounds what is read of a refusal.
const maxRefusal = 64 << 10

// read takes the answer to a call apart: its result, or why it was refused.
func (c *Client) read(r Call, a Answer) *Failure {
	if a.Good() {
		if r.Result == nil {
			return nil
		}
		err := r.Result(a.Body)
		if no, ok := errors.AsType[*Refused](err); ok {
			return c.refusal(no.Refusal)
		}
		if err != nil {
			return a.Broken(err, "")
		}
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(a.Body, maxRefusal))
	explain := c.Explain
	if r.Explain != nil {
		explain = r.Explain
	}
	switch {
	case err != nil:
		return a.Broken(err, "what came cannot be read")
	case explain == nil:
		return &Failure{Understood: json.Valid(body)}
	}
	return c.refusal(explain(a.Status, body))
}

func (c *Client) refusal(e Refusal) *Failure {
	for i, s := range e.Said {
		e.Said[i] = c.Clean(s)
	}
	return &Failure{Understood: e.Understood, Said: e.Said, Parts: e.Parts, Meaning: e.Meaning, Busy: e.Busy, Pause: e.Pause}
}

// Refused is what Call.Result returns where the host refused although the status is
// one of success; its Refusal says something.
type Refused struct{ Refusal }

func (r *Refused) Error() string { return r.Meaning.Cause }

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
