package router

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How long a subscription is asked for, and how soon one that failed is tried again.
const (
	subscriptionTime   = 300 * time.Second
	minRenewTime       = 60 * time.Second
	unsubscribeTimeout = time.Second
)

// subscriber hears the events of one service (UPnP Device Architecture 1.1,
// section 4).
type subscriber struct {
	router       *Router
	callbackPath string // the path at which it is told
	ring         func(what string)

	mu         sync.Mutex
	sid        string
	lastValues map[string]string // the latest values
}

// Events calls ring when the router says that its address or its connection is
// another one, until ctx is done. It opens a TCP port on the address that faces
// the gateway, which alone is let in.
func (r *Router) Events(ctx context.Context, ring func(what string)) error {
	own, err := r.localAddr(ctx)
	if err != nil {
		return err
	}
	services, err := r.services(ctx)
	if err != nil {
		return err
	}
	of := services[0]
	if of.events == nil {
		return errors.New("the router tells no events")
	}
	l, err := net.Listen("tcp4", netip.AddrPortFrom(own, 0).String())
	if err != nil {
		return err
	}
	s := &subscriber{router: r, callbackPath: "/" + rand.Text(), ring: ring, lastValues: make(map[string]string)}
	server := &http.Server{Handler: s, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, MaxHeaderBytes: 4 << 10,
		ErrorLog: log.New(io.Discard, "", 0)}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(&gatewayListener{l, r}) }) // it ends when it is closed
	defer serving.Wait()
	defer server.Close()
	return s.keepSubscribed(ctx, of, "http://"+l.Addr().String()+s.callbackPath)
}

// gatewayListener lets the gateway in, and nobody else.
type gatewayListener struct {
	net.Listener
	router *Router
}

func (g *gatewayListener) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil || g.router.isGateway(conn.RemoteAddr()) {
			return conn, err
		}
		conn.Close()
	}
}

// keepSubscribed subscribes and renews until ctx is done or the router no longer knows us.
func (s *subscriber) keepSubscribed(ctx context.Context, of service, callback string) error {
	granted, err := s.subscribe(ctx, of, callback)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unsubscribeTimeout)
		defer cancel()
		_, _ = s.sendRequest(ctx, "UNSUBSCRIBE", of, http.Header{"SID": {s.subscriptionID()}})
	}()
	for {
		renew := time.NewTimer(granted / 2)
		select {
		case <-ctx.Done():
			renew.Stop()
			return nil
		case <-renew.C:
		}
		if granted, err = s.subscribe(ctx, of, ""); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// subscribe begins with a callback, and renews without.
func (s *subscriber) subscribe(ctx context.Context, of service, callback string) (granted time.Duration, err error) {
	h := http.Header{"TIMEOUT": {"Second-" + strconv.Itoa(int(subscriptionTime/time.Second))}}
	if callback == "" {
		h["SID"] = []string{s.subscriptionID()}
	} else {
		h["CALLBACK"], h["NT"] = []string{"<" + callback + ">"}, []string{"upnp:event"}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	got, err := s.sendRequest(ctx, "SUBSCRIBE", of, h)
	if err != nil {
		return 0, fmt.Errorf("subscribe to the router's events: %w", err)
	}
	sid := got.Get("SID")
	if sid == "" || len(sid) > 200 {
		return 0, errors.New("subscribe to the router's events: it named no subscription")
	}
	s.mu.Lock()
	s.sid = sid
	s.mu.Unlock()
	seconds, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(got.Get("TIMEOUT")), "second-"))
	if err != nil {
		return subscriptionTime, nil
	}
	return min(max(time.Duration(seconds)*time.Second, minRenewTime), subscriptionTime), nil
}

func (s *subscriber) subscriptionID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sid
}

func (s *subscriber) sendRequest(ctx context.Context, method string, of service, h http.Header) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, of.events.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header = h
	got, _, err := s.router.client.Fetch(req, maxResponse)
	return got, err
}

// ServeHTTP takes what the router tells. The first of it is what is so; what
// says nothing else than before rings nobody.
func (s *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sid := s.subscriptionID()
	if r.Method != "NOTIFY" || r.URL.Path != s.callbackPath || sid != "" && r.Header.Get("SID") != sid {
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxResponse))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusOK)
	first := r.Header.Get("SEQ") == "0"
	changed := false
	s.mu.Lock()
	for _, name := range []string{"ExternalIPAddress", "ConnectionStatus"} {
		inside, rest := nextElement(string(body), name)
		if now := sanitize(inside); inside != "" || rest != "" {
			changed = changed || s.lastValues[name] != now
			s.lastValues[name] = now
		}
	}
	what := "the router says that it is " + strings.TrimSpace(s.lastValues["ConnectionStatus"]+" "+s.lastValues["ExternalIPAddress"]) + " (UPnP)"
	s.mu.Unlock()
	if changed && !first {
		s.ring(what)
	}
}

// sanitize makes a value as a person may read it: short, of letters, digits and what
// addresses have.
func sanitize(s string) string {
	s = strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == ':' {
			return c
		}
		return -1
	}, s)
	return s[:min(len(s), 40)]
}
