package sim

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Router is a home's router on loopback that tells its address by the events of
// UPnP, and nothing else: who asks it for something it does not know is refused.
// It describes itself where a FRITZ!Box does, at igddesc.xml on port 49000.
type Router struct {
	mu         sync.Mutex
	addr       netip.Addr
	callback   *url.URL // of who has subscribed; nil: nobody
	eventsSent int      // events
	sending    sync.WaitGroup
}

// NewRouter makes a router that has this address towards its provider.
func NewRouter(a netip.Addr) *Router { return &Router{addr: a} }

const (
	routerName = "uuid:demo"
	routerKind = "urn:schemas-upnp-org:service:WANIPConnection:1"
)

// ServeHTTP answers what UPnP asks: the description of the device, and
// subscriptions.
func (r *Router) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	switch q.Method + " " + q.URL.Path {
	case "GET /igddesc.xml":
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><serviceList><service>`+
			"<serviceType>"+routerKind+"</serviceType><controlURL>/igd/control</controlURL><eventSubURL>/igd/events</eventSubURL></service></serviceList></device></root>")
	case "SUBSCRIBE /igd/events":
		r.handleSubscribe(w, q.Header)
	case "UNSUBSCRIBE /igd/events":
		r.mu.Lock()
		r.callback = nil
		r.mu.Unlock()
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// handleSubscribe begins a subscription, and tells what is so now, or renews one.
func (r *Router) handleSubscribe(w http.ResponseWriter, h http.Header) {
	to, err := url.Parse(strings.Trim(h.Get("Callback"), "<>"))
	renewed := h.Get("Sid") == routerName
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !renewed && (err != nil || to.Host == "" || h.Get("Nt") != "upnp:event"), renewed && r.callback == nil:
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	case !renewed:
		r.callback, r.eventsSent = to, 0
		defer r.sendEvent()
	}
	w.Header()["SID"], w.Header()["TIMEOUT"] = []string{routerName}, []string{"Second-300"}
}

// Set gives the router another address, and has it tell who has subscribed; false
// where nobody has.
func (r *Router) Set(a netip.Addr) (told bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addr = a
	if r.callback != nil {
		r.sendEvent()
	}
	return r.callback != nil
}

// HasSubscriber reports whether somebody would be told.
func (r *Router) HasSubscriber() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.callback != nil && r.eventsSent > 0
}

const eventTimeout = 2 * time.Second

// sendEvent sends an event, with r.mu held.
func (r *Router) sendEvent() {
	body := fmt.Sprintf(`<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0"><e:property><ConnectionStatus>Connected</ConnectionStatus></e:property>`+
		"<e:property><ExternalIPAddress>%s</ExternalIPAddress></e:property></e:propertyset>", r.addr)
	to, event := r.callback, fmt.Sprintf("NOTIFY %s HTTP/1.1\r\nHost: %s\r\nContent-Type: text/xml\r\nNT: upnp:event\r\nNTS: upnp:propchange\r\n"+
		"SID: %s\r\nSEQ: %d\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", r.callback.Path, r.callback.Host, routerName, r.eventsSent, len(body), body)
	r.eventsSent++
	r.sending.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), eventTimeout)
		defer cancel()
		conn, err := DialLoopback(ctx, "tcp4", to.Host)
		if err != nil {
			return // nobody is there any more
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(eventTimeout))
		_, _ = io.WriteString(conn, event)
		_, _ = io.Copy(io.Discard, conn)
	})
}

// Close waits until nothing is told any more.
func (r *Router) Close() { r.sending.Wait() }
