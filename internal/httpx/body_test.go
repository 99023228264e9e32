package httpx

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// spy is a body that knows whether it was closed, and how much of it was read.
type spy struct {
	io.Reader
	read   int
	closed bool
}

func (s *spy) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.read += n
	return n, err
}

func (s *spy) Close() error { s.closed = true; return nil }

func TestReadBodyTakesNoMoreThanTheLimit(t *testing.T) {
	for size, fits := range map[int]bool{0: true, 9: true, 10: true, 11: false, 4 << 20: false} {
		body := &spy{Reader: bytes.NewReader(make([]byte, size))}
		b, err := ReadBody(&http.Response{Body: body}, 10)
		tooLarge, ok := errors.AsType[*TooLarge](err)
		if fits && (err != nil || len(b) != size) {
			t.Errorf("%d bytes: got %d, %v", size, len(b), err)
		}
		if !fits && (!ok || tooLarge.Limit != 10 || b != nil) {
			t.Errorf("%d bytes: got %d, %v", size, len(b), err)
		}
		if !body.closed || body.read > 11 {
			t.Errorf("%d bytes: closed %v, %d read", size, body.closed, body.read)
		}
	}
}

func TestReadBodyGivesNothingOfAnAnswerThatBreaksOff(t *testing.T) {
	lost := errors.New("connection lost")
	body := &spy{Reader: io.MultiReader(strings.NewReader("192.0.2.1"), iotest.ErrReader(lost))}
	b, err := ReadBody(&http.Response{Body: body}, 100)
	if !errors.Is(err, lost) || b != nil || !body.closed {
		t.Errorf("got %q, %v, closed %v", b, err, body.closed)
	}
}

func TestLimitTellsTheEndFromTooMuch(t *testing.T) {
	for size, fits := range map[int]bool{0: true, 9: true, 10: true, 11: false, 1000: false} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "bytewise": iotest.OneByteReader, "end with data": iotest.DataErrReader,
		} {
			b, err := io.ReadAll(Limit(wrap(bytes.NewReader(make([]byte, size))), 10))
			_, tooLarge := errors.AsType[*TooLarge](err)
			if len(b) != min(size, 10) || tooLarge == fits || fits && err != nil {
				t.Errorf("%s, %d bytes: read %d, %v", name, size, len(b), err)
			}
		}
	}
}
