package notify

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/secret"
)

// ParseURLs reads the URLs of services, one a line; blank lines and those that
// begin with # are skipped. Warnings and errors name the line and hold nothing
// of it.
func ParseURLs(text string) (urls []secret.String, warnings []string, err error) {
	var errs []error
	n := 0
	for _, line := range strings.Split(text, "\n") {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		switch spaced, ok := looksLikeURL(line); {
		case !ok:
			errs = append(errs, fmt.Errorf("line %d is not one URL; each has to stand on a line of its own", n))
			continue
		case spaced:
			warnings = append(warnings, fmt.Sprintf("line %d has a blank in its URL; write %%20 if it is meant", n))
		}
		urls = append(urls, secret.New(line))
	}
	return urls, warnings, errors.Join(errs...)
}

// looksLikeURL reports whether a line is one URL, and whether it has blanks in it:
// then its first word alone must look like one.
func looksLikeURL(line string) (spaced, ok bool) {
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\v\f\r", r) })
	if !hasURLScheme(line) || !hasURLScheme(words[0]) {
		return false, false
	}
	for _, w := range words[1:] {
		if hasURLScheme(w) {
			return true, false
		}
	}
	return len(words) > 1, true
}

func hasURLScheme(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != ""
}
