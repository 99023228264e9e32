package detect

import (
	"errors"
	"strings"
)

// SplitCommand cuts a command into its words as a POSIX shell does, with single
// quotes, double quotes and backslashes. Nothing else means anything: no
// variable, no pattern, no pipe.
func SplitCommand(s string) ([]string, error) {
	var (
		words []string
		word  strings.Builder
		begun bool // a word may be empty: ''
	)
	if strings.Contains(s, "\x00") {
		return nil, errors.New("it holds a NUL, which no command can")
	}
	for s != "" {
		c := s[0]
		s = s[1:]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
			continue
		case c == '\'' || c == '"':
			inside, rest, err := readQuoted(c, s)
			if err != nil {
				return nil, err
			}
			word.WriteString(inside)
			s = rest
		case c == '\\' && s == "":
			return nil, errors.New(`it ends with a \ and nothing behind it`)
		case c == '\\' && s[0] == '\n': // a line that goes on
			s = s[1:]
			continue
		case c == '\\':
			word.WriteByte(s[0])
			s = s[1:]
		default:
			word.WriteByte(c)
		}
		begun = true
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}

// readQuoted reads s up to the quote that ends it.
func readQuoted(quote byte, s string) (inside, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == quote:
			return b.String(), s[i+1:], nil
		case s[i] == '\\' && quote == '"' && i+1 < len(s) && strings.IndexByte("\\\"$`\n", s[i+1]) >= 0:
			i++
			if s[i] != '\n' {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", errors.New("the quote " + string(quote) + " is not closed")
}
