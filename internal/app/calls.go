package app

import "net/http"

// CountCalls has every call to a DNS host told: the pattern of it, and the
// status of the answer, or 0 where there is none.
func (a *App) CountCalls(tell func(route string, status int)) {
	for _, h := range a.world.hosts {
		for key, c := range a.clients {
			if key.host == h.Word {
				c.Transport = &counted{c.Transport, h.route, tell}
			}
		}
	}
}

type counted struct {
	http.RoundTripper
	route func(*http.Request) string
	tell  func(route string, status int)
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(r)
	status := 0
	if err == nil {
		status = resp.StatusCode
	}
	c.tell(c.route(r), status)
	return resp, err
}
