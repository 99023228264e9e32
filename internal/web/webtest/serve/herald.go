package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/web"
)

// herald tells made-up services: one takes everything, one is broken, and one is
// told only of what really happens.
type herald struct {
	sync.Mutex
	sent, tried time.Time
	count       int
}

func (h *herald) Services() []web.Service {
	h.Lock()
	defer h.Unlock()
	broken := web.Service{Name: "discord", Tests: true, Failed: 1, Tried: h.tried, Since: h.tried, Err: "Discord says Unknown Webhook (HTTP 404)", Hint: "make a new webhook in the channel, and set its URL again"}
	if h.tried.IsZero() {
		broken.Err, broken.Hint = "", ""
	}
	return []web.Service{{Name: "ntfy", Tests: true, Sent: h.count, Tried: h.sent}, broken, {Name: "exec tell.sh"}}
}

func (h *herald) Test(_ context.Context, service string) error {
	h.Lock()
	defer h.Unlock()
	switch service {
	case "ntfy":
		h.sent = time.Now()
		h.count++
	case "discord":
		h.tried = time.Now()
	default:
		return errors.New("it is told only of what really happens")
	}
	return nil
}
