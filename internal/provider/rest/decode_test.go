package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAnAnswerIsNotReadOnOnceNobodyWaits(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	given := errors.New("told to stop")
	more := 0
	endless := readerFunc(func(p []byte) (int, error) {
		if more++; more == 100 {
			cancel(given)
		}
		return copy(p, `{},`), nil
	})
	var all json.RawMessage
	err := DecodeJSON(&all)(contextReader(ctx, io.MultiReader(strings.NewReader(`{"errors":[`), endless)))
	if !errors.Is(err, given) || more > 101 {
		t.Errorf("%v after %d reads", err, more)
	}
}

func TestOneWholeJSONValueIsTaken(t *testing.T) {
	for in, fine := range map[string]bool{`{"id":"7","more":[1]}`: true, ` {"id":"7"} `: true, `{"id":"7"}{}`: false, `{"id":"7"`: false, "": false, `{"id":7}`: false} {
		var v struct {
			ID string `json:"id"`
		}
		if err := DecodeJSON(&v)(strings.NewReader(in)); (err == nil) != fine || fine && v.ID != "7" || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %+v, %v", in, v, err)
		}
	}
}

// A person reads it, so it tells of the answer and not of Go's types.
func TestAnAnswerOfAnotherKindIsToldOfInPlainWords(t *testing.T) {
	var list []struct {
		ID string `json:"id"`
	}
	for in, want := range map[string]string{
		`{"id":"7"}`:   "its outermost value is of another kind than the API's: object",
		`[{"id":[1]}]`: "its id is of another kind than the API's: array",
	} {
		if err := DecodeJSON(&list)(strings.NewReader(in)); err == nil || err.Error() != want {
			t.Errorf("%s: %v", in, err)
		}
	}
}
