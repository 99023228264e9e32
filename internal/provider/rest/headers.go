package rest

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxPause is the longest pause a server can ask for; those of hosts last a few
// minutes.
const maxPause = time.Hour

// ParseRetryAfter reads Retry-After: whole seconds, or a date (RFC 9110, 10.2.3).
// Zero when it says nothing.
func ParseRetryAfter(s string, now time.Time) time.Duration {
	if n, ok := parseNonNegative(strings.TrimSpace(s)); ok {
		return min(time.Duration(n)*time.Second, maxPause)
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(t.Sub(now), 0), maxPause)
	}
	return 0
}

// rateBudget is what Ratelimit says: so many calls until the reset.
type rateBudget struct {
	remaining int
	reset     time.Duration
}

// parseRateLimit reads Ratelimit, such as `"default";r=50;t=30`, one for each limit
// that says both. Where t is missing the window of Ratelimit-Policy, such as
// `"default";q=100;w=60`, takes its place: it is never sooner.
func parseRateLimit(limit, policy []string) []rateBudget {
	windows := map[string]int{}
	for _, m := range parseHeaderList(policy) {
		if w, ok := m.params["w"]; ok {
			windows[m.name] = w
		}
	}
	var all []rateBudget
	for _, m := range parseHeaderList(limit) {
		left, ok := m.params["r"]
		t, timed := m.params["t"]
		if !timed {
			t, timed = windows[m.name]
		}
		if ok && timed {
			all = append(all, rateBudget{left, min(time.Duration(t)*time.Second, maxPause)})
		}
	}
	return all
}

// parseNonNegative reads a whole number that is not negative. One that is too large is the
// largest that a server can mean.
func parseNonNegative(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return int(min(n, math.MaxInt32)), true
}

// headerItem is one item of a structured field list (RFC 9651), with those of its
// parameters that are whole numbers.
type headerItem struct {
	name   string
	params map[string]int
}

// maxHeaderItems bounds what is read of a header.
const maxHeaderItems = 16

func parseHeaderList(lines []string) []headerItem {
	var all []headerItem
	for _, item := range splitUnquoted(strings.Join(lines, ","), ',') {
		parts := splitUnquoted(item, ';')
		m := headerItem{name: strings.Trim(strings.TrimSpace(parts[0]), `"`), params: map[string]int{}}
		for _, p := range parts[1:] {
			k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
			if n, ok := parseNonNegative(v); ok {
				m.params[k] = n
			}
		}
		if all = append(all, m); len(all) == maxHeaderItems {
			break
		}
	}
	return all
}

// splitUnquoted splits s at sep where that stands outside of quotes.
func splitUnquoted(s string, sep rune) []string {
	quoted, escaped := false, false
	var parts []string
	from := 0
	for i, c := range s {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == sep && !quoted:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

// NextPage returns what the Link header of a list (RFC 8288) says of its next page: the
// query of that; nil where there is none. Where it is to be asked, it does not say.
func NextPage(h http.Header) url.Values {
	for _, link := range strings.Split(strings.Join(h.Values("Link"), ","), "<") {
		address, params, _ := strings.Cut(link, ">")
		if !strings.Contains(params, `rel="next"`) && !strings.Contains(params, "rel=next") {
			continue
		}
		if u, err := url.Parse(address); err == nil && u.RawQuery != "" {
			return u.Query()
		}
	}
	return nil
}
