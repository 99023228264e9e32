package cloudflare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// envelope is what stands around every result. What is only believed of it is
// read leniently: any of its parts may be missing.
type envelope struct {
	Success   *bool
	Messages  []message // of errors; those of "messages" can look like errors on success and are not read
	Info      resultInfo
	hasResult bool // there was one
}

// succeeded reports whether the call did what it was to do. Deletes are known to leave
// "success" out.
func (e envelope) succeeded() bool {
	if e.Success != nil {
		return *e.Success
	}
	return e.hasResult && len(e.Messages) == 0
}

// resultInfo says how much of a list an answer holds.
type resultInfo struct {
	Count      *lenientInt `json:"count"`
	TotalCount *lenientInt `json:"total_count"`
	TotalPages *lenientInt `json:"total_pages"`
	Cursors    struct {
		After string `json:"after"`
	} `json:"cursors"`

	parseErr error // it could not be read
}

// readEnvelope reads an answer to its end. result is called when "result" is
// next, and must take exactly that value.
func readEnvelope(r io.Reader, result func(*json.Decoder) error) (envelope, error) {
	var e envelope
	d := json.NewDecoder(r)
	if err := expectDelim(d, '{'); err != nil {
		return e, err
	}
	for d.More() {
		if err := e.readMember(d, result); err != nil {
			return e, toUnexpectedEOF(err)
		}
	}
	if err := expectDelim(d, '}'); err != nil {
		return e, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return e, errors.New("something stands behind the end of the answer")
	}
	return e, nil
}

func (e *envelope) readMember(d *json.Decoder, result func(*json.Decoder) error) error {
	key, err := d.Token()
	if err != nil {
		return err
	}
	switch key {
	case "result":
		e.hasResult = true
		return result(d)
	case "success":
		return d.Decode(&e.Success)
	case "result_info":
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		e.Info.parseErr = json.Unmarshal(raw, &e.Info) // what cannot be read counts as not said
		return nil
	case "errors":
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		e.Messages = readMessages(raw)
		return nil
	}
	return skipValue(d)
}

// skipValue takes one value and forgets it.
func skipValue(d *json.Decoder) error {
	var ignored json.RawMessage
	return d.Decode(&ignored)
}

// readArray calls each for every element of the list that is next.
func readArray(d *json.Decoder, each func(*json.Decoder) error) error {
	if err := expectDelim(d, '['); err != nil {
		return err
	}
	return readArrayElements(d, each)
}

// readArrayOrNull is like readArray, but null counts as an empty list.
func readArrayOrNull(d *json.Decoder, each func(*json.Decoder) error) error {
	t, err := d.Token()
	switch {
	case err != nil:
		return err
	case t == nil:
		return nil
	case t != json.Delim('['):
		return fmt.Errorf("a list was expected there, not %.20q", fmt.Sprint(t))
	}
	return readArrayElements(d, each)
}

func readArrayElements(d *json.Decoder, each func(*json.Decoder) error) error {
	for d.More() {
		if err := each(d); err != nil {
			return err
		}
	}
	return expectDelim(d, ']')
}

// expectDelim takes one bracket.
func expectDelim(d *json.Decoder, want json.Delim) error {
	t, err := d.Token()
	if err != nil {
		return toUnexpectedEOF(err)
	}
	if t != want {
		return fmt.Errorf("%q was expected there, not %.20q", want.String(), fmt.Sprint(t))
	}
	return nil
}

// toUnexpectedEOF makes an end that comes too early an error that says so.
func toUnexpectedEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
