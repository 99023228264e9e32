package app

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/provider/rfc2136"
)

// CountCalls has every call and every message to a DNS host told: the pattern of
// it, and the status or the code of the answer, or "none" where there is none.
func (a *App) CountCalls(tell func(route, status string)) {
	a.messages.tell.Store(&tell)
	for _, h := range a.world.hosts {
		for key, c := range a.clients {
			if key.host == h.Word {
				c.Transport = &counted{c.Transport, h.routeOf(key), tell}
			}
		}
	}
}

const noAnswer = "none"

// messages are those to name servers: each is logged on the level debug, as calls
// over HTTP are, and counted.
type messages struct {
	log  *slog.Logger // nil: none
	tell atomic.Pointer[func(route, code string)]
}

func (m *messages) told(x rfc2136.SentMessage) {
	answer := x.Answer
	if answer == "" {
		answer = noAnswer
	}
	if m.log != nil && m.log.Enabled(context.Background(), slog.LevelDebug) {
		m.log.Debug("message", "kind", x.Kind(), "server", x.Server, "about", x.About(), "answer", answer, "took", x.Took.Round(time.Millisecond))
	}
	if tell := m.tell.Load(); tell != nil {
		(*tell)("DNS "+x.Kind(), answer)
	}
}

type counted struct {
	http.RoundTripper
	route func(*http.Request) string
	tell  func(route, status string)
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(r)
	status := noAnswer
	if err == nil {
		status = strconv.Itoa(resp.StatusCode)
	}
	c.tell(c.route(r), status)
	return resp, err
}
