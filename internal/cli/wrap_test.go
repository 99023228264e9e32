package cli

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWrappedLinesFitAndLoseNothing(t *testing.T) {
	long := strings.Repeat("é", 150)
	for _, text := range []string{"", "a", strings.Repeat("word ", 200) + "end", "a " + long + " b", strings.Repeat("x", 96) + " yy"} {
		for _, first := range []int{0, 2, 40} {
			got := wrapped(text, first, 4)
			for i, line := range strings.Split(got, "\n") {
				width := utf8.RuneCountInString(line)
				if i == 0 {
					width += first
				}
				if width > columns && strings.Contains(strings.TrimLeft(line, " "), " ") {
					t.Errorf("%d columns: %q", width, line)
				}
			}
			if back := strings.ReplaceAll(got, "\n    ", " "); back != text {
				t.Errorf("%q reads back as %q", text, back)
			}
		}
	}
}
