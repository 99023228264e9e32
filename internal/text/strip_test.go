package text

import "testing"

func TestStrip(t *testing.T) {
	const dirty = "a\x1b[31mb\r\n\tc\u202ed\u0085e é"
	if got := Strip(dirty); got != "a[31mbcde é" {
		t.Errorf("%q", got)
	}
	if got := StripLines(dirty); got != "a[31mb\n\tcde é" {
		t.Errorf("%q", got)
	}
}
