package detect

import (
	"slices"
	"strings"
	"testing"
)

func TestWordsAreSplitAsAShellDoes(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                  nil,
		" \t\r\n ":                          nil,
		"wan":                               {"wan"},
		"  wan   -4  ":                      {"wan", "-4"},
		"a\tb\nc\r\nd":                      {"a", "b", "c", "d"},
		`sh -c 'ip a | grep "wan"'`:         {"sh", "-c", `ip a | grep "wan"`},
		`a 'b c' "d e"`:                     {"a", "b c", "d e"},
		`a'b'"c"d`:                          {"abcd"},
		`'' a ""`:                           {"", "a", ""},
		`a\ b \\ \' \"`:                     {"a b", `\`, `'`, `"`},
		`'a\b' 'a\'`:                        {`a\b`, `a\`},
		`"a\b" "a\"b" "a\\b" "\$x\` + "`\"": {`a\b`, `a"b`, `a\b`, "$x`"},
		"a\\\nb \"c\\\nd\"":                 {"ab", "cd"},
		`$HOME * | > ; & #x ~`:              {"$HOME", "*", "|", ">", ";", "&", "#x", "~"},
		"wän ü":                             {"wän", "ü"},
	} {
		got, err := SplitCommand(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestWordsThatDoNotEndAreRefused(t *testing.T) {
	for text, says := range map[string]string{
		`a 'b`:     "the quote ' is not closed",
		`a "b`:     `the quote " is not closed`,
		`"a\"`:     `the quote " is not closed`,
		`"a\`:      `the quote " is not closed`,
		`a b\`:     `ends with a \`,
		"a\x00b":   "NUL",
		"'a\x00b'": "NUL",
	} {
		if got, err := SplitCommand(text); err == nil || got != nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}

// Words that are quoted again are the same words, whichever quotes are used.
func FuzzWords(f *testing.F) {
	f.Add(`sh -c 'ip a' "x \" y" a\ b ''`)
	f.Add(`'`)
	f.Add("a\\\n\"\\\n\"")
	f.Add("\\")
	f.Fuzz(func(t *testing.T, text string) {
		words, err := SplitCommand(text)
		if err != nil {
			if words != nil {
				t.Errorf("%q although %v", words, err)
			}
			return
		}
		var single, double []string
		for _, w := range words {
			if strings.Contains(w, "\x00") {
				t.Errorf("%q holds a NUL", w)
			}
			single = append(single, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
			double = append(double, `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(w)+`"`)
		}
		for _, again := range []string{strings.Join(single, " "), strings.Join(double, "\n")} {
			if got, err := SplitCommand(again); err != nil || !slices.Equal(got, words) {
				t.Errorf("%q reads back from %q as %q, %v", words, again, got, err)
			}
		}
	})
}
