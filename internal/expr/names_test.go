package expr

import (
	"errors"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
)

func name(t *testing.T, s string) dns.Name {
	t.Helper()
	n, err := dns.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNamesMatch(t *testing.T) {
	tests := []struct{ expr, yes, no string }{
		{"true", "a.org *.a.org", ""},
		{"0", "", "a.org"},
		{"T", "a.org", ""},
		{"!F", "a.org", ""},
		{"is(a.org)", "a.org", "b.a.org *.a.org b.org"},
		{"is(A.Org., b.org)", "a.org b.org", "c.org"},
		{"is(*.a.org)", "*.a.org", "a.org b.a.org"},
		{"is(日本。jp)", "日本.jp xn--wgv71a.jp", "a.jp"},
		{"is(a.org b.org,,c.org,)", "a.org b.org c.org", "d.org"},
		{"is()", "", "a.org"},
		{"is(org, ., *)", "", "a.org *.a.org"},
		{"sub(a.org)", "b.a.org *.a.org c.b.a.org", "a.org aa.org org.b.a"},
		{"sub(org)", "a.org *.a.org", "a.com a.xorg"},
		{"sub(.)", "a.org", ""},
		{"sub(*.a.org)", "", "a.org b.a.org *.a.org"},
		{"is(a.org) || is(b.org) && !is(b.org)", "a.org", "b.org"},
		{"(is(a.org) || is(b.org)) && !is(b.org)", "a.org", "b.org"},
		{"!is(a.org) && !is(b.org)", "c.org", "a.org b.org"},
		{"!(is(a.org)||is(b.org))", "c.org", "a.org b.org"},
		{" !\t! is (\na.org ) ", "a.org", "b.org"},
		{"sub(a.org) && !sub(lan.a.org)", "b.a.org lan.a.org", "x.lan.a.org a.org"},
	}
	for _, tt := range tests {
		e, err := ParseNames(tt.expr)
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		for _, s := range strings.Fields(tt.yes) {
			if !e.Match(name(t, s)) {
				t.Errorf("%s does not hold for %s", tt.expr, s)
			}
		}
		for _, s := range strings.Fields(tt.no) {
			if e.Match(name(t, s)) {
				t.Errorf("%s holds for %s", tt.expr, s)
			}
		}
	}
}

func TestNamesStringIsCanonical(t *testing.T) {
	tests := []struct{ expr, want string }{
		{"1", "true"},
		{"False", "false"},
		{"((is( A.org,b.org )))", "is(a.org, b.org)"},
		{"is()", "is()"},
		{"sub(ORG . *)", "sub(org, ., *)"},
		{"is(日本.jp)", "is(xn--wgv71a.jp)"},
		{"(t&&f)&&(t||f)", "true && false && (true || false)"},
		{"t||(f||t)", "true || false || true"},
		{"t&&f||t&&f", "true && false || true && false"},
		{"!(t&&f)", "!(true && false)"},
		{"!(!t)", "!!true"},
	}
	for _, tt := range tests {
		e, err := ParseNames(tt.expr)
		if err != nil || e.String() != tt.want {
			t.Errorf("%s is written %q, %v; want %q", tt.expr, e, err, tt.want)
		}
	}
	if got := (Names{}).String(); got != "false" {
		t.Errorf("the zero value is written %q", got)
	}
}

func TestNamesConstant(t *testing.T) {
	tests := []struct {
		expr      string
		value, ok bool
	}{
		{"true", true, true},
		{"!true", false, true},
		{"is(a.org)", false, false},
		{"!is(a.org)", false, false},
		{"is()", false, true},
		{"sub(a.org, .)", true, true},
		{"is(.)", false, false},
		{"is(a.org) || true", true, true},
		{"is(a.org) && false", false, true},
		{"is(a.org) && true", false, false},
		{"is(a.org) || false", false, false},
		{"(true || is(a.org)) && !false", true, true},
		{"false || is() && is(a.org)", false, true},
	}
	for _, tt := range tests {
		e, err := ParseNames(tt.expr)
		if err != nil {
			t.Fatal(err)
		}
		if value, ok := e.Constant(); value != tt.value || ok != tt.ok {
			t.Errorf("%s: constant %v, %v; want %v, %v", tt.expr, value, ok, tt.value, tt.ok)
		}
	}
}

func TestNamesErrorsSayWhereAndWhat(t *testing.T) {
	tests := []struct{ expr, want string }{
		{"", `column 1: expected true, false, is(…), sub(…), "!" or "(", found the end`},
		{"yes", `column 1: expected true, false, is(…), sub(…), found "yes"`},
		{"tRuE", `column 1: expected true, false, is(…), sub(…), found "tRuE"`},
		{"IS(a.org)", `column 1: expected true, false, is(…), sub(…), found "IS"`},
		{"true &&", `column 8: expected true, false, is(…), sub(…), "!" or "(", found the end`},
		{"true & false", `column 6: expected "&&", found a single "&"`},
		{"true|false", `column 5: expected "||", found a single "|"`},
		{"true false", `column 6: expected "&&", "||" or the end, found "false"`},
		{"true)", `column 5: expected "&&", "||" or the end, found ")"`},
		{"(true", `column 6: expected "&&", "||" or ")", found the end`},
		{"()", `column 2: expected true, false, is(…), sub(…), "!" or "(", found ")"`},
		{"is a.org", `column 4: expected "(", found "a.org"`},
		{"is(a.org", `column 9: expected a domain name, "," or ")", found the end`},
		{"is(a.org && b.org)", `column 10: expected a domain name, "," or ")", found "&&"`},
		{"日 ", `column 1: expected true, false, is(…), sub(…), found "日"`},
		{"is(日本.jp) x", `column 11: expected "&&", "||" or the end, found "x"`},
		{"true \xff", `column 6: expected UTF-8 text, found something else`},
		{"is(a..org)", `column 4: "a..org" is not a domain name: a label is empty`},
		{"is(-)", `column 4: "-" is not a domain name: it needs at least two labels, such as example.org`},
	}
	for _, tt := range tests {
		_, err := ParseNames(tt.expr)
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%q: the error is %T", tt.expr, err)
			continue
		}
		if err.Error() != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.expr, err, tt.want)
		}
	}
}

func TestExpressionsAreBounded(t *testing.T) {
	for _, s := range []string{
		strings.Repeat("!", maxDepth) + "true",
		strings.Repeat("(", 1000) + "true" + strings.Repeat(")", 1000),
		"true" + strings.Repeat(" ", maxLength),
	} {
		if _, err := ParseNames(s); err == nil {
			t.Errorf("%.20q…, %d octets, is read", s, len(s))
		}
	}
	fits := strings.Repeat("!", maxDepth-1) + "true" + strings.Repeat(" || true", 5000)
	if _, err := ParseNames(fits); err != nil {
		t.Error(err)
	}
}

func FuzzParseNames(f *testing.F) {
	for _, s := range []string{"true", "!is(a.org) && (sub(b.org, .) || f)", "is(日本。jp a.org)", "is(,*,)", "(((1)))", "a&b", "\xff", "is(ß.de)||sub(ORG)"} {
		f.Add(s, "b.a.org")
	}
	f.Fuzz(func(t *testing.T, s, other string) {
		e, err := ParseNames(s)
		if err != nil {
			return
		}
		again, err := ParseNames(e.String())
		if err != nil || again.String() != e.String() {
			t.Fatalf("%q is written %q, which reads as %q, %v", s, e, again, err)
		}
		n, err := dns.ParseName(other)
		if err != nil {
			return
		}
		if again.Match(n) != e.Match(n) {
			t.Fatalf("%q and %q differ over %s", s, e, n)
		}
		if value, ok := e.Constant(); ok && e.Match(n) != value {
			t.Fatalf("%q is constant %v but not for %s", e, value, n)
		}
	})
}
