package dns

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func mustParse(t *testing.T, s string) Name {
	t.Helper()
	n, err := ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestParseNameReadsNamesAsPeopleWriteThem(t *testing.T) {
	tests := []struct{ written, ascii, shown string }{
		{"example.org", "example.org", "example.org"},
		{"A.Org", "a.org", "a.org"},
		{"A.Org.", "a.org", "a.org"},
		{"a.org。", "a.org", "a.org"},
		{"*.a.org", "*.a.org", "*.a.org"},
		{"*．a.org", "*.a.org", "*.a.org"},
		{"*.日本.jp", "*.xn--wgv71a.jp", "*.日本.jp"},
		{"日本｡co｡jp", "xn--wgv71a.co.jp", "日本.co.jp"},
		{"日本。co。jp", "xn--wgv71a.co.jp", "日本.co.jp"},
		{"日本．co．jp", "xn--wgv71a.co.jp", "日本.co.jp"},
		{"XN--WGV71A.co.jp", "xn--wgv71a.co.jp", "日本.co.jp"},
		{"🐱.example.org", "xn--5o8h.example.org", "🐱.example.org"},
		{"straße.de", "xn--strae-oqa.de", "straße.de"}, // non-transitional: not strasse
		{"Ⅷ.example.org", "viii.example.org", "viii.example.org"},
		{"exa\u00admple.org", "example.org", "example.org"}, // a soft hyphen
		{"a\u200b.org", "a.org", "a.org"},                   // a zero-width space
		{"_dmarc.a.org", "_dmarc.a.org", "_dmarc.a.org"},
		{"a_b.a.org", "a_b.a.org", "a_b.a.org"},
		{"a--b.org", "a--b.org", "a--b.org"},
		{"1.2.3.4.in-addr.arpa", "1.2.3.4.in-addr.arpa", "1.2.3.4.in-addr.arpa"},
		{strings.Repeat("a", 63) + ".org", strings.Repeat("a", 63) + ".org", strings.Repeat("a", 63) + ".org"},
	}
	for _, tt := range tests {
		n, err := ParseName(tt.written)
		if err != nil {
			t.Errorf("%q: %v", tt.written, err)
			continue
		}
		if n.String() != tt.ascii || n.Describe() != tt.shown {
			t.Errorf("%q: written %q, shown %q; want %q, %q", tt.written, n, n.Describe(), tt.ascii, tt.shown)
		}
	}
}

func TestParseNameRefusesAndSaysWhy(t *testing.T) {
	tests := []struct{ written, why string }{
		{"", "it is empty"},
		{" ", "it is empty"},
		{".", "at least two labels"},
		{"*", "at least two labels"},
		{"org", "at least two labels"},
		{"localhost", "at least two labels"},
		{"*.org", "at least two labels"},
		{"a..org", "a label is empty"},
		{".a.org", "a label is empty"},
		{"*..org", "a label is empty"},
		{"\u00ad.a.org", "a label is empty"},
		{"*.*.a.org", `has a '*' in it`},
		{"a.*.org", `has a '*' in it`},
		{"*a.org", `has a '*' in it`},
		{"＊.a.org", `has a '*' in it`},
		{"-a.org", "begins or ends with a hyphen"},
		{"a-.org", "begins or ends with a hyphen"},
		{"a b.org", `has a ' ' in it`},
		{"http://a.org", `in it`},
		{"a.org:53", `in it`},
		{"a.org;b.org", `has a ';' in it`},
		{"a@b.org", `has a '@' in it`},
		{"xn--a.org", "invalid"},
		{"xn--.org", ""},
		{"a\xff.org", "not valid UTF-8"},
		{"a\x00.org", ""},
		{"1.2.3.4", "its last label is a number"},
		{strings.Repeat("a", 64) + ".org", "a label is longer than 63 characters"},
		{strings.Repeat("\u00ad", 2000) + "a.org", "it is longer than 253 characters"},
		{strings.Repeat("abcdefg.", 32) + "org", "it is longer than 253 characters"},
		{"אa.org", "invalid label"}, // two directions in one label
	}
	for _, tt := range tests {
		n, err := ParseName(tt.written)
		if err == nil {
			t.Errorf("%q is read as %q", tt.written, n)
			continue
		}
		if want := fmt.Sprintf("%q is not a domain name: ", tt.written); !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%q: %v", tt.written, err)
		}
		if !n.IsZero() {
			t.Errorf("%q is refused and yet read as %q", tt.written, n)
		}
	}
}

func TestWithin(t *testing.T) {
	tests := []struct {
		name, zone string
		want       bool
	}{
		{"a.org", "a.org", true},
		{"b.a.org", "a.org", true},
		{"*.a.org", "a.org", true},
		{"c.b.a.org", "a.org", true},
		{"aa.org", "a.org", false},
		{"a.org", "b.a.org", false},
		{"a.com", "a.org", false},
		{"日本.jp", "xn--wgv71a.jp", true},
	}
	for _, tt := range tests {
		if got := mustParse(t, tt.name).IsWithin(mustParse(t, tt.zone)); got != tt.want {
			t.Errorf("%s within %s: %v", tt.name, tt.zone, got)
		}
	}
	if mustParse(t, "a.org").IsWithin(Name{}) || (Name{}).IsWithin(mustParse(t, "a.org")) {
		t.Error("the zero name is a zone, or lies in one")
	}
}

func TestParentEndsBeforeASingleLabel(t *testing.T) {
	var got []string
	for n, ok := mustParse(t, "*.c.b.a.org"), true; ok; n, ok = n.Parent() {
		got = append(got, n.String())
	}
	if want := "*.c.b.a.org c.b.a.org b.a.org a.org"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", strings.Join(got, " "), want)
	}
}

func TestWildcardIsTheFirstLabelOnly(t *testing.T) {
	if !mustParse(t, "*.a.org").IsWildcard() || mustParse(t, "a.org").IsWildcard() {
		t.Error("a wildcard is not known by its first label")
	}
}

func TestNamesAreWrittenInASCIIForMachines(t *testing.T) {
	b, err := json.Marshal(map[string]any{"name": mustParse(t, "日本.jp"), "key": Key{mustParse(t, "a.org"), AAAA}})
	if want := `{"key":{"name":"a.org","type":"AAAA"},"name":"xn--wgv71a.jp"}`; err != nil || string(b) != want {
		t.Errorf("%s, %v; want %s", b, err, want)
	}
	if got := (Key{mustParse(t, "xn--wgv71a.jp"), A}).String(); got != "A 日本.jp" {
		t.Errorf("a person reads %q", got)
	}
}

func FuzzParseName(f *testing.F) {
	for _, s := range []string{"example.org", "*．A.org.", "日本｡co｡jp", "xn--wgv71a.jp", "🐱.example.org", "_x._y.a-b.de", "*.*.org", "straße.de", "\u200dא.org", "xn--a.org", "İ.example.org", "ab--cd.org", "xn--strae-oqa.DE", "1.2.3.4", "a\xff.b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseName(s)
		if err != nil {
			if !n.IsZero() {
				t.Fatalf("%q is refused and read as %q", s, n)
			}
			return
		}
		for _, text := range []string{n.String(), n.String() + ".", strings.ToUpper(n.String()), n.Describe()} {
			if again, err := ParseName(text); err != nil || again != n {
				t.Fatalf("%q is %q; written %q it is %q, %v", s, n, text, again, err)
			}
		}
		if len(n.String()) > maxName || strings.Trim(n.String(), "abcdefghijklmnopqrstuvwxyz0123456789-_.*") != "" {
			t.Fatalf("%q is %q", s, n)
		}
		if p, ok := n.Parent(); ok && (!n.IsWithin(p) || p.IsWithin(n)) {
			t.Fatalf("%q is not within its parent %q", n, p)
		}
	})
}

// 2,000 names are the most that homing is measured with.
func BenchmarkParse2000Names(b *testing.B) {
	names := make([]string, 2000)
	for i := range names {
		names[i] = fmt.Sprintf("host-%04d.home.example.org", i)
	}
	for b.Loop() {
		for _, s := range names {
			if _, err := ParseName(s); err != nil {
				b.Fatal(err)
			}
		}
	}
}
