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
// references in braces, put into words by whoever prints it:
//
//	"set {records.proxied=false}, or shorten {records.comment}"
//
// One that holds more than what stands in the code is made by Advise.
type Hint string

// Behind this stands a brace that is a brace. Advise lets no other control
// character in, so what the network says cannot pass for a reference.
const literally = "\x01"

// Advise makes a Hint as fmt.Sprintf does. Settings and Hints among args stay
// references; all else is made one safe line.
func Advise(format string, args ...any) Hint {
	safe := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case Setting:
			safe[i] = a.reference()
		case Hint:
			safe[i] = string(a)
		case string:
			safe[i] = literal(a)
		case error:
			safe[i] = literal(a.Error())
		case fmt.Stringer:
			safe[i] = literal(a.String())
		default:
			safe[i] = a
		}
	}
	return Hint(fmt.Sprintf(format, safe...))
}

func (s Setting) reference() string {
	if s.Value == "" {
		return "{" + literal(s.Path) + "}"
	}
	return "{" + literal(s.Path) + "=" + literal(s.Value) + "}"
}

// literal is s as one safe line in which no brace is a reference.
func literal(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(Line(s), "{", literally+"{"), "}", literally+"}")
}

// String is the advice in the words of homing.yaml.
func (h Hint) String() string { return h.In(nil) }

// In is the advice, its settings said in these words; nil says them as
// homing.yaml does.
func (h Hint) In(w Words) string {
	if w == nil {
		w = Setting.String
	}
	var b strings.Builder
	for rest := string(h); ; {
		before, ref, after, found := cutReference(rest)
		b.WriteString(strings.ReplaceAll(before, literally, ""))
		if !found {
			return b.String()
		}
		path, value, _ := strings.Cut(strings.ReplaceAll(ref, literally, ""), "=")
		b.WriteString(w(Setting{path, value}))
		rest = after
	}
}

// cutReference finds the first reference in s.
func cutReference(s string) (before, ref, after string, found bool) {
	from := brace(s, 0, '{')
	if from < 0 {
		return s, "", "", false
	}
	to := brace(s, from+1, '}')
	if to < 0 {
		return s, "", "", false
	}
	return s[:from], s[from+1 : to], s[to+1:], true
}

// brace is the place of the first such brace from there on that is none of a
// text's own; negative where there is none.
func brace(s string, from int, b byte) int {
	for i := from; i < len(s); i++ {
		if s[i] == b && (i == 0 || s[i-1] != literally[0]) {
			return i
		}
	}
	return -1
}

// Fixed is h with its settings said in these words for good.
func (h Hint) Fixed(w Words) Hint { return Hint(literal(h.In(w))) }

// Map is h with each setting it refers to replaced.
func (h Hint) Map(to func(Setting) Setting) Hint {
	var b strings.Builder
	for rest := string(h); ; {
		before, ref, after, found := cutReference(rest)
		b.WriteString(before)
		if !found {
			return Hint(b.String())
		}
		path, value, _ := strings.Cut(strings.ReplaceAll(ref, literally, ""), "=")
		b.WriteString(to(Setting{path, value}).reference())
		rest = after
	}
}

// MarshalText is the advice as JSON and the like have it.
func (h Hint) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// Settings are the settings the advice refers to, in its order.
func (h Hint) Settings() []Setting {
	var all []Setting
	h.In(func(s Setting) string { all = append(all, s); return "" })
	return all
}
