package text

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for s, want := range map[string]string{
		"plain":                 "plain",
		"a\x1b[31mred":          "a [31mred",
		"two\nlines\ttab":       "two lines tab",
		"\u202eright\u2066":     " right ",
		"zero\u200bwidth\ufeff": "zero width ",
		"sep\u2028\u2029":       "sep  ",
		"bad\xff":               "bad\ufffd",
		"grün → ünd":            "grün → ünd",
	} {
		if got := Line(s); got != want {
			t.Errorf("Line(%q) = %q, want %q", s, got, want)
		}
	}
	if got := Lines("a\nb\r\x07"); got != "a\nb  " {
		t.Errorf("Lines = %q", got)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\x1b]0;t\x07")
	f.Fuzz(func(t *testing.T, s string) {
		line := Line(s)
		if !utf8.ValidString(line) || strings.ContainsFunc(line, unicode.IsControl) || Line(line) != line {
			t.Errorf("Line(%q) = %q", s, line)
		}
		if utf8.RuneCountInString(Cut(line, 10)) > 10 {
			t.Errorf("Cut(%q) is too long", line)
		}
	})
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		s    string
		most int
		want string
	}{
		{"", 3, ""}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"äöüß", 3, "äö…"}, {"abcd", 1, "…"}, {strings.Repeat("é", 500), 2, "é…"},
	} {
		if got := Cut(c.s, c.most); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.s, c.most, got, c.want)
		}
	}
}

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"0 records": Count(0, "record"), "1 record": Count(1, "record"), "2 records": Count(2, "record"),
		"3 entries": Count(3, "entry"), "2 days": Count(2, "day"), "1 entry": Count(1, "entry"), "2 s": Count(2, ""),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestList(t *testing.T) {
	words := []string{"a", "b", "c", "d"}
	for want, got := range map[string]string{
		"": List(nil, 0), "a": List(words[:1], 0), "a and b": List(words[:2], 2), "a, b, c and d": List(words, 0),
		"a, b and 2 more": List(words, 2), "a and 3 more": List(words, 1),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if words[2] != "c" {
		t.Error("the words were changed")
	}
}

func TestHintSaysItsSettingsInTheWordsOfWhoPrintsIt(t *testing.T) {
	h := Advise("if this network has no %s, set %s", "IPv6", The("detect.ipv6.sources").To("none"))
	env := func(s Setting) string {
		if s != (Setting{"detect.ipv6.sources", "none"}) {
			t.Errorf("asked for %v", s)
		}
		return "IP6_PROVIDER=none"
	}
	if got, want := h.In(env), "if this network has no IPv6, set IP6_PROVIDER=none"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := h.String(), "if this network has no IPv6, set detect.ipv6.sources: none"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if all := h.Settings(); len(all) != 1 || all[0].Path != "detect.ipv6.sources" {
		t.Errorf("settings: %v", all)
	}
}

func TestHintsWithinHints(t *testing.T) {
	inner := Advise("shorten %s", The("records.comment"))
	outer := Advise("%s; or ask %v", inner, errors.New("some\x01body\x03"))
	if got, want := outer.In(func(s Setting) string { return "<" + s.Path + ">" }), "shorten <records.comment>; or ask some body "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if inner != "shorten {records.comment}" || Advise("{records.comment=} %s", "{records.ttl}").In(nil) != "records.comment {records.ttl}" {
		t.Error("hints cannot be compared")
	}
}

// What the network says must never be taken for a reference to a setting.
func FuzzAdviseTakesNoReferenceFromText(f *testing.F) {
	f.Add("\x01records.ttl\x02x\x03")
	f.Fuzz(func(t *testing.T, said string) {
		if all := Advise("the host says %s", said).Settings(); len(all) != 0 {
			t.Errorf("%q became %v", said, all)
		}
	})
}

// An error keeps its references through what wraps it, whatever that is.
func TestErrorSaysItsSettingsInTheWordsOfWhoPrintsIt(t *testing.T) {
	cause := errors.New("no {room}")
	inner := Errorf("%s; set %s", cause, The("state").To("/s"))
	words := func(s Setting) string { return strings.ToUpper(s.Path) + "=" + s.Value }
	for err, want := range map[error]string{
		inner:                              "no {room}; set STATE=/s",
		fmt.Errorf("keep it: %w", inner):   "keep it: no {room}; set STATE=/s",
		Errorf("a %s: %s", "{b}", inner):   "a {b}: no {room}; set STATE=/s",
		fmt.Errorf("%w, and so on", inner): "no {room}; set state: /s, and so on",
		cause:                              "no {room}",
	} {
		got := ErrorIn(err, words)
		if got.Error() != want || !errors.Is(got, cause) {
			t.Errorf("%v: %v", err, got)
		}
	}
	if ErrorIn(nil, words) != nil {
		t.Error("an error of none")
	}
	if inner.Error() != "no {room}; set state: /s" {
		t.Error(inner)
	}
}
