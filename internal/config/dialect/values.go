package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

func originOf(name string) *config.Origin { return &config.Origin{Name: name} }

// switched reads a variable that is on or off; anything but the words of yes
// and no is a problem. ok is false when it says neither.
func (r *reader) switched(path, variable string, yes, no []string) (on, ok bool) {
	text := r.in.Env(variable)
	for _, w := range yes {
		if strings.EqualFold(w, text) {
			return true, true
		}
	}
	for _, w := range no {
		if strings.EqualFold(w, text) {
			return false, true
		}
	}
	if text != "" {
		r.Draft.Wrong(path, config.Variable(variable), text, fmt.Sprintf("it is not one of %s", listed(yes, no)), "write true or false")
	}
	return false, false
}

func listed(words ...[]string) string {
	var all []string
	for _, w := range words {
		all = append(all, w...)
	}
	return strings.Join(all, ", ")
}

// mostSeconds is a year.
const mostSeconds = 365 * 24 * 60 * 60

// number reads a whole number as Python does: with a sign, and "_" between
// digits. ok is false when there is none.
func (r *reader) number(path, variable, hint string) (n int, ok bool) {
	text := r.in.Env(variable)
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(strings.ReplaceAll(text, "_", ""))
	if err != nil || n > mostSeconds {
		r.Draft.Wrong(path, config.Variable(variable), text, "it is not a whole number, or too large a one", hint)
		return 0, false
	}
	return n, true
}

// isToken reports whether a credential looks like an API token, and not like the
// Global API Key that belongs where it stands: 37 hexadecimal digits, or cfk_.
func isToken(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return strings.HasPrefix(s, "cfut_") || strings.HasPrefix(s, "cfat_") || len(s) == 40 && strings.Trim(s, letters) == ""
}

// tokenForKey tells that a token is used that stands where a key belongs.
func (r *reader) tokenForKey(key, email string) {
	r.notice("%s holds an API token, which needs no email; %s is not used", key, email)
}

// isID reports whether s looks like an id of Cloudflare's.
func isID(s string) bool {
	return len(s) == 32 && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}
