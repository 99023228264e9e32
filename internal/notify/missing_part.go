package notify

import (
	"net/url"
	"slices"
	"strings"
)

// MissingPart is the error of a URL without something that its service cannot do
// without, so that no message would ever arrive. Most of them the library takes.
type MissingPart struct{ text string }

func (e *MissingPart) Error() string { return e.text }

// checkURLParts compares a URL of a service with the forms it may have, and says what
// the first of them has and the URL has not.
func checkURLParts(kind, forms string, u *url.URL) error {
	var missing string
	for _, form := range strings.Fields(forms) {
		f, _ := url.Parse(form)
		m := missingPart(kind, f, u)
		if m == "" {
			return nil
		}
		if missing == "" {
			missing = m
		}
	}
	return &MissingPart{"it has no " + missing + "; " + describeForms(kind, forms)}
}

// missingPart is the first thing of the form f that u lacks. Of a user the
// library sees to; a host that only repeats the service may be left out.
func missingPart(kind string, f, u *url.URL) string {
	if want, ok := f.User.Password(); ok {
		if got, _ := u.User.Password(); got == "" {
			return want
		}
	} else if u.User.Username() == "" && f.User != nil {
		return f.User.Username()
	}
	if f.Host != "" && u.Host == "" && !slices.Contains([]string{kind, "webhook"}, f.Host) {
		return f.Host
	}
	parts := func(u *url.URL) []string { return strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' }) }
	if want, got := parts(f), parts(u); len(got) < len(want) {
		return want[len(got)]
	}
	for _, pair := range strings.Split(f.RawQuery, "&") {
		key, want, _ := strings.Cut(pair, "=")
		if got, _ := queryValue(u.Query(), key); got == "" && want != "" || key == "type" && got != want {
			return key + "="
		}
	}
	return ""
}

// describeForms says what the URLs of a service look like.
func describeForms(kind, forms string) string {
	return "its form is " + kind + ":" + strings.ReplaceAll(forms, " ", " or "+kind+":")
}
