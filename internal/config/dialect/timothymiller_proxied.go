package dialect

import (
	"strings"
	"unicode"
)

// proxied puts an expression into homing's words: sub(d) is d itself and all
// below it there, and only what is below it here.
func (r *reader) proxied(variable, text string) string {
	translated := withSelf(text)
	if translated != text {
		r.notice("%s: sub(…) holds for the domain itself too, as it does there; homing's own sub(…) leaves it out", variable)
	}
	return translated
}

// withSelf writes (is(…) || sub(…)) for each sub(…). What is wrong stays as it
// is.
func withSelf(s string) string {
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, func(c rune) bool { return !isWordRune(c) })
		if n < 0 {
			n = len(s)
		}
		word, rest := s[:n], s[n:]
		args, after, closed := strings.Cut(strings.TrimLeftFunc(rest, unicode.IsSpace), ")")
		inside, opened := strings.CutPrefix(args, "(")
		switch {
		case word == "sub" && opened && closed && !strings.ContainsRune(inside, '('):
			b.WriteString("(is(" + inside + ") || sub(" + inside + "))")
			s = after
		case word != "":
			b.WriteString(word)
			s = rest
		default:
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	return b.String()
}

// isWordRune reports whether c is a part of the words of its expressions.
func isWordRune(c rune) bool {
	return unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune(".-_*@", c)
}
