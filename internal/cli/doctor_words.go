package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/text"
)

// writeFindings writes what was found for a person; what was found of several
// things alike stands once.
func writeFindings(w io.Writer, p paint, found []finding) error {
	found = alike(found)
	var b strings.Builder
	width := 0
	for _, f := range found {
		width = max(width, utf8.RuneCountInString(f.Checked))
	}
	bad := 0
	for _, f := range found {
		mark := p.green("✓")
		switch f.Health {
		case frail:
			mark = p.yellow("!")
		case ill:
			mark = p.red("✗")
			bad++
		}
		fmt.Fprintf(&b, "%s %-*s  %s\n", mark, width, plain(f.Checked), plain(f.Found))
		if f.Cure != "" {
			b.WriteString("    → " + plain(f.Cure) + "\n")
		}
	}
	sentence := "Nothing is wrong."
	if slices.ContainsFunc(found, func(f finding) bool { return f.Health == frail }) {
		sentence = "Nothing is broken, but some things could be better."
	}
	if bad > 0 {
		sentence = count(bad, "thing") + " to fix."
	}
	fmt.Fprintf(&b, "\n%s Nothing was changed. Whether the credential may also write shows only at the first change.\n", sentence)
	_, err := io.WriteString(w, b.String())
	return err
}

// alike is the findings with those together that say the same of several things.
func alike(found []finding) []finding {
	checked := make(map[finding][]string) // by what is said
	var out []finding
	for _, f := range found {
		of := f.Checked
		f.Checked = ""
		if checked[f] == nil {
			out = append(out, f)
		}
		if !slices.Contains(checked[f], of) {
			checked[f] = append(checked[f], of)
		}
	}
	for i, f := range out {
		out[i].Checked = text.List(checked[f], 3)
	}
	return out
}
