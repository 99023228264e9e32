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

// RetryAfter reads Retry-After: whole seconds, or a date (RFC 9110, 10.2.3).
// Zero when it says nothing.
func RetryAfter(s string, now time.Time) time.Duration {
	if n, ok := natural(strings.TrimSpace(s)); ok {
		return min(time.Duration(n)*time.Second, maxPause)
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(t.Sub(now), 0), maxPause)
	}
	return 0
}

// budget is what Ratelimit says: so many calls until the reset.
type budget struct {
	left  int
	reset time.Duration
}

// budgets reads Ratelimit, such as `"default";r=50;t=30`, one for each limit
// that says both. Where t is missing the window of Ratelimit-Policy, such as
// `"default";q=100;w=60`, takes its place: it is never sooner.
func budgets(limit, policy []string) []budget {
	windows := map[string]int{}
	for _, m := range members(policy) {
		if w, ok := m.params["w"]; ok {
			windows[m.name] = w
		}
	}
	var all []budget
	for _, m := range members(limit) {
		left, ok := m.params["r"]
		t, timed := m.params["t"]
		if !timed {
			t, timed = windows[m.name]
		}
		if ok && timed {
			all = append(all, budget{left, min(time.Duration(t)*time.Second, maxPause)})
		}
	}
	return all
}

// natural is a whole number that is not negative. One that is too large is the
// largest that a server can mean.
func natural(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return int(min(n, math.MaxInt32)), true
}

// member is one item of a structured field list (RFC 9651), with those of its
// parameters that are whole numbers.
type member struct {
	name   string
	params map[string]int
}

// maxMembers bounds what is read of a header.
const maxMembers = 16

func members(lines []string) []member {
	var all []member
	for _, item := range cut(strings.Join(lines, ","), ',') {
		parts := cut(item, ';')
		m := member{name: strings.Trim(strings.TrimSpace(parts[0]), `"`), params: map[string]int{}}
		for _, p := range parts[1:] {
			k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
			if n, ok := natural(v); ok {
				m.params[k] = n
			}
		}
		if all = append(all, m); len(all) == maxMembers {
			break
		}
	}
	return all
}

// cut splits s at sep where that stands outside of quotes.
func cut(s string, sep rune) []string {
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

// Next is what the Link header of a list (RFC 8288) says of its next page: the
// query of that; nil where there is none. Where it is to be asked, it does not say.
func Next(h http.Header) url.Values {
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
