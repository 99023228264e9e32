package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// plain takes out of a text what would not be shown, or would change how the
// rest is shown: control and format characters, such as those that turn the
// direction of writing around.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, s)
}

func isControl(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar
}

// relative is how far t is from now, in words. site/app.js says the same.
func relative(t, now time.Time) string {
	d := t.Sub(now)
	switch s := rough(d.Abs()); {
	case d.Abs() < 5*time.Second:
		return "just now"
	case d < 0:
		return s + " ago"
	default:
		return "in " + s
	}
}

// rough is d in one unit, or two where the second is worth a word.
func rough(d time.Duration) string {
	s := int(d.Seconds())
	switch {
	case s < 90:
		return fmt.Sprintf("%d s", s)
	case s < 90*60:
		return fmt.Sprintf("%d min", (s+30)/60)
	case s < 48*3600:
		return fmt.Sprintf("%d h", (s+1800)/3600)
	}
	return fmt.Sprintf("%d days", (s+43200)/86400)
}

// exact is d as a person wants to read how long something took.
func exact(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return rough(d)
}

// count is a number and the word for it.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
