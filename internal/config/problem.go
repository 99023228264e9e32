package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Name   string // the setting, as the person wrote it
	Value  string // what it says, unless it is a secret or not set
	Reason string // what is wrong with it
	Hint   string // what to do; may be empty
}

// Problems is everything that is wrong, in the order of the settings.
type Problems []Problem

// Error is the whole message a person sees.
func (ps Problems) Error() string {
	var b strings.Builder
	if len(ps) == 1 {
		b.WriteString("one setting is wrong\n")
	} else {
		fmt.Fprintf(&b, "%d settings are wrong\n", len(ps))
	}
	for _, p := range ps {
		b.WriteString("\n  " + p.Name)
		if p.Value != "" {
			fmt.Fprintf(&b, "=%s", p.Value)
		}
		fmt.Fprintf(&b, "\n    %s\n", p.Reason)
		if p.Hint != "" {
			fmt.Fprintf(&b, "    → %s\n", p.Hint)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// hintOf is the hint of err, or of what it wraps.
func hintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// shown is a value as a message quotes it: without what may be secret in the
// addresses in it, and cut where it is very long.
func shown(value string) string {
	const most = 60
	value = redactURLs(value)
	if r := []rune(value); len(r) > most {
		value = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", value)
}

// redactURLs takes user, password and query out of every URL in s.
func redactURLs(s string) string {
	head, rest, found := strings.Cut(s, "://")
	if !found {
		return s
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if end < 0 {
		end = len(rest)
	}
	address, rest := rest[:end], rest[end:]
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		address = "…" + address[i:]
	}
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i+1] + "…"
	}
	return head + "://" + address + redactURLs(rest)
}
