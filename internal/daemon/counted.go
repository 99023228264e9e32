package daemon

import (
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/web"
)

// counted tells the metrics of every call to a DNS host.
type counted struct {
	http.RoundTripper
	metrics *web.Metrics
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(r)
	status := 0
	if err == nil {
		status = resp.StatusCode
	}
	c.metrics.Call(route(r), status)
	return resp, err
}

// route is the pattern of a call, of which there are few: ids are left out.
func route(r *http.Request) string {
	_, path, found := strings.Cut(r.URL.Path, "/client/v4/")
	if !found {
		path = strings.TrimPrefix(r.URL.Path, "/")
	}
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if len(p) == 32 && strings.Trim(p, "0123456789abcdef") == "" {
			parts[i] = "{id}"
		}
	}
	return r.Method + " /" + strings.Join(parts, "/")
}

// headroom tells the metrics how many calls each account has left.
func headroom(metrics *web.Metrics, accounts []engine.Account) {
	for _, a := range accounts {
		if p, ok := a.Provider.(interface{ Headroom() int }); ok {
			metrics.Headroom(a.Name, p.Headroom())
		}
	}
}
