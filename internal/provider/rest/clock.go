package rest

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockOffset is by how much the API's clock is ahead of this machine's.
type clockOffset struct{ ahead atomic.Pointer[time.Duration] }

// update compares the Date of an answer with the middle of its way. A Date is
// cut to whole seconds (RFC 9110, 5.6.7), so half of one is added.
func (c *clockOffset) update(date string, begun, ended time.Time) {
	t, err := http.ParseTime(date)
	if err != nil {
		return
	}
	middle := begun.Add(ended.Sub(begun) / 2)
	ahead := t.Add(time.Second / 2).Sub(middle)
	c.ahead.Store(&ahead)
}

// ClockSkew is by how much the clock of the API is ahead of this machine's, by
// the latest answer; negative where it is behind. It is right to about a second.
// false before the first answer.
func (c *Client) ClockSkew() (time.Duration, bool) {
	if ahead := c.clock.ahead.Load(); ahead != nil {
		return *ahead, true
	}
	return 0, false
}
