package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

func originOf(name string) config.Origin { return config.Origin{Name: name} }

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

// isID says whether s looks like an id of Cloudflare's.
func isID(s string) bool {
	return len(s) == 32 && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}
