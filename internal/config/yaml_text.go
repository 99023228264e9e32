package config

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// scalar is a text as YAML.
func scalar(form Form, text string) string {
	b, err := strconv.ParseBool(text)
	switch {
	case err == nil && (form == Boolean || form == Either):
		return strconv.FormatBool(b)
	case (form == Number || form == Count) && text != "" && strings.Trim(text, "0123456789") == "":
		return text
	case plain(text):
		return text
	}
	return quote(literal(text))
}

// plain reports whether text needs no quotes, not even for readers who take yes
// for true.
func plain(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		return false
	}
	return strings.ContainsAny(text, letters+"/") && strings.Trim(text, letters+"0123456789._/-") == "" && text[0] != '-' && text[0] != '.'
}

// quote is a text in double quotes, whose escapes YAML shares with Go.
func quote(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	return strconv.Quote(text)
}
