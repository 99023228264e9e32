package config

import "errors"

// hintedError is a reason with what to do about it.
type hintedError struct {
	error
	hint string
}

func (h *hintedError) Unwrap() error { return h.error }

func (h *hintedError) Hint() string { return h.hint }

// Hinted is an error whose hint the message shows on a line of its own.
func Hinted(reason, hint string) error { return hinted(reason, hint) }

//go:noinline // many callers: see dependencies.md
func hinted(reason, hint string) error { return &hintedError{errors.New(reason), hint} }
