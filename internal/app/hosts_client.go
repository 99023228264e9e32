package app

import (
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/httpx"
)

// clientKey is whose client it is: of all accounts at a host, or of one account
// at a host whose accounts have a way of their own to it; or, with a part, for what
// hands out credentials.
type clientKey struct{ host, account, part string }

// wayTo is what is different in a client that reaches a host in a way of its own.
type wayTo func(*httpx.Options) error

// closeIdle closes the connections of clients that nothing uses.
func closeIdle(clients map[clientKey]*httpx.Client) {
	for _, c := range clients {
		c.CloseIdle()
	}
}

func (h *host) clientOf(a config.Account) clientKey {
	if h.way == nil || h.way(a) == nil {
		return clientKey{host: h.Word}
	}
	return clientKey{host: h.Word, account: a.Name}
}

// client is a client for the API of an account; it goes through a proxy where
// there is one.
func (h *host) client(a config.Account, w *World) (*httpx.Client, error) {
	o := httpx.Options{Dial: w.Dial, Proxy: true, HTTP2: true, UserAgent: w.Agent}
	if h.way != nil {
		if way := h.way(a); way != nil {
			if err := way(&o); err != nil {
				return nil, err
			}
		}
	}
	c := httpx.New(o)
	if w.log != nil {
		observe(c, w.log, h.private)
	}
	return c, nil
}
