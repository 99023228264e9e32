package httpx

import (
	"fmt"
	"net/http"
)

// A StatusError is an answer other than 200 OK. Whatever its body may hold is
// that of an error page.
type StatusError struct {
	Status   int
	Location string // where a redirect leads; nobody follows it
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("it answered %d %s instead of 200 OK", e.Status, http.StatusText(e.Status))
	if e.Location != "" {
		s += fmt.Sprintf(" and points to %.80q, which is not followed", e.Location)
	}
	return s
}

// Fetch sends r and returns the whole of an answer with status 200 and at most
// limit bytes.
func (c *Client) Fetch(r *http.Request, limit int64) (http.Header, []byte, error) {
	resp, err := c.Do(r)
	if err != nil {
		return nil, nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, nil, &StatusError{resp.StatusCode, resp.Header.Get("Location")}
	}
	body, err := ReadBody(resp, limit)
	return resp.Header, body, err
}
