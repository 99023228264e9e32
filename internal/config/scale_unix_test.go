//go:build unix

package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/scaletest"
)

// Reading a homing.yaml takes as long as it is, right or wrong.
func TestAFileTakesNoLongerThanItIsLong(t *testing.T) {
	many := func(before, each, after string) func(n int) string {
		return func(n int) string {
			var b strings.Builder
			b.WriteString(before)
			for i := range n {
				fmt.Fprintf(&b, each, i)
			}
			return b.String() + after
		}
	}
	for what, text := range map[string]func(n int) string{
		"a flow list":                 many("records: [", "n%d.example.org, ", "z.example.org]\n"),
		"tiny items":                  many("records: [", "a%.0d,", "b]\n"),
		"opening brackets and text":   many("records: [", "[%d, ", "\n"),
		"colons":                      many("records: [", "a:%d, ", "b]\n"),
		"braces":                      many("a: {", "k%d: 1, ", "b: 2}\n"),
		"many documents":              many("", "--- {a: %d}\n", ""),
		"a flow list over lines":      many("records: [\n", "  n%d.example.org,\n", "  z.example.org]\n"),
		"flow mappings":               many("records: [", "{name: n%d.example.org}, ", "z.example.org]\n"),
		"a flow list without its end": many("records: [", "n%d, ", "\n"),
		"a list":                      many("records:\n", "  - n%d.example.org\n", ""),
		"a list of mappings":          many("records:\n", "  - {name: n%d.example.org, ttl: 60}\n", ""),
		"bad names":                   many("records:\n", "  - n%d..example.org\n", ""),
		"bad values":                  many("records:\n", "  - {name: n%d.example.org, ttl: x}\n", ""),
		"unknown keys in items":       many("records:\n", "  - {nam: n%d.example.org}\n", ""),
		"lists":                       many("lists: [", listAccount+"/a%d, ", listAccount+"/z]\n"),
		"sources":                     many("detect: {ipv4: {sources: [", "url:https://h%d, ", "ipify]}}\n"),
		"comments of others":          many("policy: {owner: '^x'}\nrecords: [", "{name: n%d.example.org, comment: y}, ", "z.example.org]\n"),
		"tags":                        many("record_defaults: {tags: [", "a:%d, ", "b]}\n"),
		"comments":                    many("", "# %d\n", "records: [a.example.org]\n"),
		"quotes":                      many("records: [", "'n%d.example.org', ", "z.example.org]\n"),
		"variables":                   many("record_defaults: {comment: \"", "${A}%d", "\"}\n"),
		"escaped variables":           many("record_defaults: {comment: \"", "$${%d", "\"}\n"),
		"variables in names":          many("records: [", "\"${A}%d.example.org\", ", "z.example.org]\n"),
	} {
		scaletest.Linear(t, what, 250, func(n int) func() {
			in := input(map[string]string{"CLOUDFLARE_API_TOKEN": "good", "A": "a"}, files("homing.yaml", text(n)))
			return func() { _, _ = Load(in) }
		})
	}
}

// So do the names of a variable.
func TestAVariableTakesNoLongerThanItIsLong(t *testing.T) {
	for what, each := range map[string]string{"names": "n%d.example.org,", "bad names": "n%d..example.org,", "nothing": ",", "one long name": "a%d", "expressions": "n%d.example.org{hostid6=[::1]},"} {
		scaletest.Linear(t, what, 250, func(n int) func() {
			var b strings.Builder
			for i := range n {
				if strings.Contains(each, "%") {
					fmt.Fprintf(&b, each, i)
				} else {
					b.WriteString(each)
				}
			}
			in := input(ok("DOMAINS", b.String()+"z.example.org"), nil)
			return func() { _, _ = Load(in) }
		})
	}
}

// What stands in for variables is bounded: a short file may refer to a long one
// many times.
func TestVariablesDoNotMakeATextEndless(t *testing.T) {
	_, err := load(ok("LONG", strings.Repeat("x", 100<<10)), files("homing.yaml", "record_defaults: {comment: \""+strings.Repeat("${LONG}", 30_000)+"\"}\n"))
	if err == nil || !strings.Contains(err.Error(), "longer than 256 KiB") || len(err.Error()) > 64<<10 {
		t.Errorf("%.200v", err)
	}
}

// However much is wrong, a person is told what one can read.
func TestNoMoreThanAHundredProblemsAreTold(t *testing.T) {
	_, err := load(ok("DOMAINS", strings.Repeat("a..example.org,", 3000)), files("homing.yaml", "records:\n"+strings.Repeat("  - {ttl: x}\n", 3000)))
	problems, _ := errors.AsType[Problems](err)
	if len(problems) != maxProblems || len(err.Error()) > 64<<10 || !strings.Contains(problems[maxProblems-1].Name, "more") {
		t.Errorf("%d problems, %d bytes: %v", len(problems), len(fmt.Sprint(err)), problems[max(0, len(problems)-1):])
	}
}
