package text

import (
	"errors"
	"strings"
)

// advised is an error that says what to do, and names settings in that.
type advised struct {
	message Hint
	cause   error
}

func (e *advised) Error() string { return e.message.String() }
func (e *advised) Unwrap() error { return e.cause }

// Errorf makes an error as Advise makes a Hint, of the settings in braces and of
// those among args. The last error among args is what it wraps; what that says
// of settings stays a reference.
func Errorf(format string, args ...any) error {
	e := &advised{}
	given := make([]any, len(args))
	for i, a := range args {
		given[i] = a
		if err, ok := a.(error); ok {
			e.cause = err
			given[i] = messageOf(err)
		}
	}
	e.message = Advise(format, given...)
	return e
}

// messageOf is what err says, with references where it has some.
func messageOf(err error) Hint {
	whole := err.Error()
	if e, ok := errors.AsType[*advised](err); ok {
		if before, last := strings.CutSuffix(whole, e.Error()); last {
			return Hint(literal(before)) + e.message
		}
	}
	return Hint(literal(whole))
}

// spoken is an error in somebody's words.
type spoken struct {
	message string
	error
}

func (e *spoken) Error() string { return e.message }
func (e *spoken) Unwrap() error { return e.error }

// ErrorIn is err, the settings it names said in these words. One that names none
// is err itself.
func ErrorIn(err error, w Words) error {
	if _, ok := errors.AsType[*advised](err); !ok {
		return err
	}
	return &spoken{messageOf(err).In(w), err}
}
