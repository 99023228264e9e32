package config

import (
	"errors"

	"github.com/homing-dns/homing/internal/text"
)

// hintedError is a reason with what to do about it.
type hintedError struct {
	error
	hint text.Hint
}

func (h *hintedError) Unwrap() error { return h.error }

func (h *hintedError) Hint() text.Hint { return h.hint }

// Hinted is an error whose hint the message shows on a line of its own, in the
// words of where the person set what it names.
//
//go:noinline // many callers: see dependencies.md
func Hinted(reason string, hint text.Hint) error { return &hintedError{errors.New(reason), hint} }

// hinted is Hinted with a hint that names no setting, or names it as the one who
// is told wrote it.
//
//go:noinline // many callers: see dependencies.md
func hinted(reason, hint string) error { return Hinted(reason, text.Advise("%s", hint)) }

// hintOf is the hint of err, or of what it wraps.
func hintOf(err error) text.Hint {
	var h interface{ Hint() text.Hint }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}
