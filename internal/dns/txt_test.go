package dns

import (
	"slices"
	"strings"
	"testing"
)

func TestTXTIsReadAsHostsWriteItAndHasOneForm(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct {
		written, form string
		strs          []string
	}{
		{`v=spf1 -all`, `"v=spf1 -all"`, []string{"v=spf1 -all"}}, // as Cloudflare's API keeps it where nobody wrote quotes
		{`"v=spf1 -all"`, `"v=spf1 -all"`, []string{"v=spf1 -all"}},
		{`"v=spf1 " "-all"`, `"v=spf1 " "-all"`, []string{"v=spf1 ", "-all"}},
		{` "a"  "b" `, `"a" "b"`, []string{"a", "b"}},
		{`"a"	"b"`, `"a" "b"`, []string{"a", "b"}},
		{`"say \"hi\" \\ \065"`, `"say \"hi\" \\ A"`, []string{`say "hi" \ A`}},
		{`"\195\164"`, `"\195\164"`, []string{"ä"}},
		{`"ä"`, `"\195\164"`, []string{"ä"}},
		{`""`, `""`, []string{""}},
		{``, `""`, []string{""}},
		{`"a""b"`, `"\"a\"\"b\""`, []string{`"a""b"`}}, // no form of strings: it is meant as it stands
		{`"a`, `"\"a"`, []string{`"a`}},
		{`"\999"`, `"\"\\999\""`, []string{`"\999"`}},
		{`"\1"`, `"\"\\1\""`, []string{`"\1"`}},
		{`"a\`, `"\"a\\"`, []string{`"a\`}},
		{`a "b"`, `"a \"b\""`, []string{`a "b"`}},
		{long, `"` + long[:255] + `" "` + long[255:] + `"`, []string{long[:255], long[255:]}},
		{`"` + long + `"`, `"` + long[:255] + `" "` + long[255:] + `"`, []string{long[:255], long[255:]}},
		{`"` + long[:255] + `"`, `"` + long[:255] + `"`, []string{long[:255]}},
	}
	for _, tt := range tests {
		d := ParseTXT(tt.written)
		if d.Text != tt.form || !slices.Equal(d.Strings(), tt.strs) || d.JoinedText() != strings.Join(tt.strs, "") {
			t.Errorf("%q is %s %q, want %s %q", tt.written, d.Text, d.Strings(), tt.form, tt.strs)
		}
	}
}

func FuzzParseTXT(f *testing.F) {
	for _, s := range []string{"", "v=spf1 -all", `"a" "b"`, `"\"\\\195"`, `"a""b"`, `"\9`, "\x00\xff", strings.Repeat("a\"", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := ParseTXT(s)
		if again := ParseTXT(d.Text); again != d {
			t.Fatalf("%q is %q, and that is %q", s, d.Text, again.Text)
		}
		if again := DataOfStrings(d.Strings()...); again != d {
			t.Fatalf("%q is %q, of the strings of %q", s, again.Text, d.Text)
		}
		if d.JoinedText() != s {
			if _, ok := unquote(s); !ok {
				t.Fatalf("%q says %q", s, d.JoinedText())
			}
		}
		for _, str := range d.Strings() {
			if len(str) > maxTXTString {
				t.Fatalf("a string of %q has %d octets", s, len(str))
			}
		}
		if strings.ContainsFunc(d.Text, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("%q is %q", s, d.Text)
		}
	})
}

// Twice as long a text takes no more than twice as long to read.
func TestReadingTXTIsInProportion(t *testing.T) {
	allocs := func(n int) float64 {
		s := `"` + strings.Repeat(`\034`, n) + `"`
		return testing.AllocsPerRun(3, func() { ParseTXT(s) })
	}
	if small, large := allocs(10_000), allocs(20_000); large > 2.5*small {
		t.Errorf("%v allocations, then %v", small, large)
	}
}
