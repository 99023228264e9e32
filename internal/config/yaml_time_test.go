package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Reading takes time in proportion to the file, whatever is in it: four times
// as much may take at most ten times as long, and would take sixteen times as
// long or more if some part of the reader went over all it has read for each
// thing that it reads.
func TestReadingTakesTimeInProportionToTheFile(t *testing.T) {
	for name, shape := range map[string]struct{ head, each, tail string }{
		"a list in a line":         {"records: [", "a%d.example.org, ", "]"},
		"a list over lines":        {"records: [\n", "  a%d.example.org, # x\n", "]\n"},
		"records in a line":        {"records: [", "{name: a%d.example.org, ttl: 60}, ", "]"},
		"records":                  {"records:\n", "  - name: a%d.example.org\n    ttl: 60\n", ""},
		"lists in lists":           {"records:\n", "  - [[[[%d]]]]\n", ""},
		"keys":                     {"log:\n", "  a%d: x\n", ""},
		"keys in a line":           {"log: {", "a%d: x, ", "}"},
		"accounts":                 {"accounts:\n", "  a%d: {token: x}\n", ""},
		"the same key":             {"", "log:\n", ""},
		"dashes":                   {"records:\n", "-\n", ""},
		"comments":                 {"", "# x\n", ""},
		"comments and empty lines": {"log:\n", "  # x\n\n# y\n", ""},
		"empty lines in a text":    {"detect:\n  url_header: |\n    a: b\n", "    \n", ""},
		"blanks in a text":         {"detect:\n  url_header: |\n    a: b\n", "         \n\n", "    c: d\n"},
		"a text over lines":        {"state: {dir: a\n", "  b\n\n", "  }\n"},
		"a text in quotes":         {"state: {dir: \"", "\\n\n", "\"}\n"},
		"an open quote":            {"state: {dir: \"", "a\n", ""},
		"an open list":             {"records: [", "a, \"b\" ,\n", ""},
		"documents":                {"", "---\nlog: {}\n", ""},
		"aliases":                  {"records: [", "*a, &b c, ", "]"},
		"no colon":                 {"", "a ", ""},
		"only colons":              {"", ": ", ""},
		"Windows":                  {"records:\r\n", "  - {name: a%d.example.org, ttl: 60}\r\n", ""},
	} {
		text := func(size int) []byte {
			var b strings.Builder
			b.WriteString(shape.head)
			for i := 0; b.Len() < size; i++ {
				if strings.Contains(shape.each, "%") {
					fmt.Fprintf(&b, shape.each, i)
				} else {
					b.WriteString(shape.each)
				}
			}
			b.WriteString(shape.tail)
			return []byte(b.String())
		}
		small, large := text(maxYAML/10), text(4*maxYAML/10)
		ratio := 0.0
		for range 5 { // something else may have been running
			if ratio = float64(timeOf(large)) / float64(timeOf(small)); ratio <= 10 {
				break
			}
		}
		if ratio > 10 {
			t.Errorf("%s: four times as much takes %.1f times as long", name, ratio)
		}
	}
}

// timeOf is how long it takes to read a file, the better of two times.
func timeOf(file []byte) time.Duration {
	best := time.Hour
	for range 2 {
		start := time.Now()
		(&Draft{}).readYAML(&Input{Catalogue: &Catalogue{}}, "homing.yaml", file)
		best = min(best, time.Since(start))
	}
	return best
}
