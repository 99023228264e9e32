package notify

import (
	"net/url"
	"sort"
	"strings"
)

// redactURL takes everything of a URL but its scheme out of a text that was made
// from it.
func redactURL(text string, u *url.URL) string {
	parts := []string{u.String(), u.Opaque, u.Host, u.Hostname(), u.Port(), u.Path, u.EscapedPath(), u.RawQuery, u.Fragment, u.EscapedFragment()}
	if u.User != nil {
		password, _ := u.User.Password()
		parts = append(parts, u.User.String(), u.User.Username(), password)
	}
	parts = append(parts, strings.FieldsFunc(u.Path+"/"+u.EscapedPath()+"/"+u.Opaque, isSeparator)...)
	for _, values := range u.Query() {
		for _, v := range values {
			parts = append(append(parts, v, url.QueryEscape(v)), strings.FieldsFunc(v, isSeparator)...)
		}
	}
	// The longest first: what is left of it would show the rest.
	sort.Slice(parts, func(i, j int) bool { return len(parts[i]) > len(parts[j]) })
	for _, p := range parts {
		if len(p) >= 3 { // shorter ones are in every word
			text = strings.ReplaceAll(text, p, "…")
		}
	}
	return truncate(stripControl(text), 200)
}

func isSeparator(r rune) bool { return strings.ContainsRune("/:@,;&= ", r) }
