package rfc2136

import (
	"errors"
	"strings"

	"github.com/homing-dns/homing/internal/secret"
)

// maxKeyFile is far above what tsig-keygen writes.
const maxKeyFile = 16 << 10

var errNotKeyFile = errors.New("this is no key as tsig-keygen writes it")

// ParseKey reads a key as tsig-keygen writes it and BIND, nsupdate -k and Knot's
// tools read it: key "name" { algorithm hmac-sha256; secret "…"; }; Its errors
// quote nothing of it.
func ParseKey(text string) (Key, error) {
	words, ok := tokenizeKeyFile(text)
	if !ok || len(words) < 4 || words[0] != "key" || words[2] != "{" {
		return Key{}, errNotKeyFile
	}
	k := Key{Name: words[1]}
	rest := words[3:]
	for ; len(rest) >= 3 && rest[0] != "}"; rest = rest[3:] {
		switch {
		case rest[2] != ";":
			return Key{}, errNotKeyFile
		case rest[0] == "algorithm":
			k.Algorithm = rest[1]
		case rest[0] == "secret":
			k.Secret = secret.New(rest[1])
		}
	}
	switch {
	case len(rest) == 0 || rest[0] != "}":
		return Key{}, errNotKeyFile
	case len(rest) > 2 || len(rest) == 2 && rest[1] != ";":
		return Key{}, errors.New("there is more than one key in it")
	}
	return k, k.Check()
}

// tokenizeKeyFile cuts a file into its words, braces and semicolons, without comments.
func tokenizeKeyFile(text string) (words []string, ok bool) {
	if len(text) > maxKeyFile {
		return nil, false
	}
	for text = skipBlanksAndComments(text); text != ""; text = skipBlanksAndComments(text) {
		n := 1
		switch c := text[0]; {
		case c == '"':
			end := strings.IndexByte(text[1:], '"')
			if end < 0 {
				return nil, false
			}
			words, text = append(words, text[1:1+end]), text[end+2:]
			continue
		case !strings.ContainsRune("{};", rune(c)):
			if n = strings.IndexAny(text, "{};\" \t\r\n"); n < 0 {
				n = len(text)
			}
		}
		words, text = append(words, text[:n]), text[n:]
	}
	return words, true
}

// skipBlanksAndComments returns text without the blanks and comments it begins with.
func skipBlanksAndComments(text string) string {
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		end := "\n"
		switch {
		case strings.HasPrefix(text, "/*"):
			end = "*/"
		case !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "//"):
			return text
		}
		_, text, _ = strings.Cut(text, end)
	}
}
