// Package secret holds strings that cannot be printed.
package secret

import (
	"fmt"
	"log/slog"
	"unique"
)

// String is a secret. However it is formatted, logged or marshalled, it comes
// out masked; Reveal is the only way to its value. Two are == when their values
// are. Its zero value is no secret.
type String struct {
	// A handle, not a string: package fmt reaches past every method where a
	// String is an unexported field or the verb is wrong, and then prints the
	// handle's address.
	value unique.Handle[string]
}

const mask = "••••••"

// New is this value as a secret.
//
//go:noinline // many callers: see dependencies.md
func New(value string) String {
	if value == "" {
		return String{}
	}
	return String{unique.Make(value)}
}

// Reveal is the secret itself, for the one place that must send it.
//
//go:noinline // many callers: see dependencies.md
func (s String) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.value.Value()
}

func (s String) IsZero() bool { return s == String{} }

func (s String) String() string {
	if s.IsZero() {
		return ""
	}
	return mask
}

func (s String) GoString() string { return fmt.Sprintf("secret.New(%q)", s.String()) }

// Format masks the secret under every verb; without it %x would reach the field.
func (s String) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		fmt.Fprint(f, s.GoString())
		return
	}
	fmt.Fprint(f, s.String())
}

func (s String) LogValue() slog.Value         { return slog.StringValue(s.String()) }
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
func (s String) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", s.String()), nil }
