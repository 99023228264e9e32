package text

import (
	"fmt"
	"strings"
)

// Setting refers to a setting, by its path in homing.yaml without the numbers
// of list items: "detect.ipv6.sources", "records.ttl".
type Setting struct {
	Path  string
	Value string // what it should be set to; empty refers to the setting alone
}

// The is a reference to the setting at path.
func The(path string) Setting { return Setting{Path: path} }

// To is s with what it should be set to.
func (s Setting) To(value string) Setting { return Setting{s.Path, value} }

// String is the reference in the words of homing.yaml.
func (s Setting) String() string {
	if s.Value == "" {
		return s.Path
	}
	return s.Path + ": " + s.Value
}

// Words says a setting as the person knows it who is to change it: the path in
// homing.yaml, a variable of the environment, or the word of a predecessor.
type Words func(Setting) string

// Hint is what a person should do about something. The settings it names are
// references, put into words by whoever prints it. The zero Hint is none. Hints
// can be compared.
type Hint struct{ s string }

// A reference within a Hint. Advise lets no other control character in, so what
// the network says cannot pass for one.
const (
	refBegin = "\x01"
	refValue = "\x02"
	refEnd   = "\x03"
)

// Advise makes a Hint as fmt.Sprintf does. Settings and Hints among args stay
// references; all else is made one safe line.
func Advise(format string, args ...any) Hint {
	safe := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case Setting:
			safe[i] = refBegin + Line(a.Path) + refValue + Line(a.Value) + refEnd
		case Hint:
			safe[i] = a.s
		case string:
			safe[i] = Line(a)
		case error:
			safe[i] = Line(a.Error())
		case fmt.Stringer:
			safe[i] = Line(a.String())
		default:
			safe[i] = a
		}
	}
	return Hint{fmt.Sprintf(format, safe...)}
}

// IsZero reports whether there is no advice.
func (h Hint) IsZero() bool { return h.s == "" }

// String is the advice in the words of homing.yaml.
func (h Hint) String() string { return h.In(nil) }

// In is the advice, its settings said in these words; nil says them as
// homing.yaml does.
func (h Hint) In(w Words) string {
	if w == nil {
		w = Setting.String
	}
	var b strings.Builder
	for rest := h.s; ; {
		before, after, found := strings.Cut(rest, refBegin)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		ref, next, _ := strings.Cut(after, refEnd)
		path, value, _ := strings.Cut(ref, refValue)
		b.WriteString(w(Setting{path, value}))
		rest = next
	}
}

// Settings are the settings the advice refers to, in its order.
func (h Hint) Settings() []Setting {
	var all []Setting
	h.In(func(s Setting) string { all = append(all, s); return "" })
	return all
}
