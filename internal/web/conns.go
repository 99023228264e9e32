package web

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// connLimiter bounds the connections that are open at once, all of them and those of
// each client, so that nobody can take the descriptors or the page away. Where
// there are too many, the oldest idle one goes; where all are at work, a few
// more are taken that are told of nothing but the health.
type connLimiter struct {
	most, each int
	spare      int                       // beyond most
	shared     func(address string) bool // many clients come from there
	log        *slog.Logger
	warned     sync.Once

	mu   sync.Mutex
	open map[net.Conn]*seat
}

// seat is what is known of a connection.
type seat struct {
	client string
	since  time.Time // when it was opened, or became idle
	busy   bool      // with a request
	asked  bool      // there was one
	spare  bool
}

const (
	maxConns   = 512
	spareConns = 16
	// fresh is how long a new connection is left alone, as its first request is
	// under way. Only where nothing else is idle, and so many are new, they hardly
	// mean to ask anything.
	fresh     = time.Second
	mostFresh = 8
)

func newConnLimiter(most int, shared func(string) bool, log *slog.Logger) *connLimiter {
	most = min(maxConns, most)
	return &connLimiter{most: most, each: max(most/4, 8), spare: max(2, min(spareConns, most/4)), shared: shared, log: log, open: make(map[net.Conn]*seat)}
}

// admit finds a seat for c, and reports whether there was one.
func (k *connLimiter) admit(c net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	address := addrWithoutPort(c.RemoteAddr().String())
	s := &seat{client: network(address), since: time.Now()}
	usual := func(o *seat) bool { return !o.spare }
	own := func(o *seat) bool { return !o.spare && o.client == s.client }
	spare := func(o *seat) bool { return o.spare }
	fits := k.shared(address) || k.makeRoom(own, k.each)
	s.spare = !fits || !k.makeRoom(usual, k.most)
	if s.spare && !k.makeRoom(spare, k.spare) {
		return false
	}
	k.open[c] = s
	return true
}

// makeRoom reports whether there is a seat among these, of which there may be most.
// It makes one where it can.
func (k *connLimiter) makeRoom(these func(*seat) bool, most int) bool {
	return k.count(these) < most || k.evict(these)
}

func (k *connLimiter) count(these func(*seat) bool) (n int) {
	for _, s := range k.open {
		if these(s) {
			n++
		}
	}
	return n
}

// evict closes the one of these that is idle for the longest time, if any is.
// One that has not asked yet goes after those that have.
func (k *connLimiter) evict(these func(*seat) bool) bool {
	oldest, n := k.oldest(func(s *seat) bool { return these(s) && !s.busy && !s.isFresh() })
	if n == 0 {
		if oldest, n = k.oldest(func(s *seat) bool { return these(s) && s.isFresh() }); n <= mostFresh {
			return false
		}
	}
	k.warned.Do(func() {
		k.log.Warn("there are more connections to the page than it takes; the oldest idle ones are closed", "at most", k.most, "of one client", k.each)
	})
	delete(k.open, oldest)
	_ = oldest.Close()
	return true
}

// oldest is the one of these that is so for the longest time, and how many there are.
func (k *connLimiter) oldest(these func(*seat) bool) (oldest net.Conn, n int) {
	for c, s := range k.open {
		if !these(s) {
			continue
		}
		if n++; oldest == nil || s.since.Before(k.open[oldest].since) {
			oldest = c
		}
	}
	return oldest, n
}

func (s *seat) isFresh() bool { return !s.asked && time.Since(s.since) < fresh }

// connState records each change of state of a connection.
func (k *connLimiter) connState(c net.Conn, state http.ConnState) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.open[c]
	if s == nil {
		return // it was closed to make room
	}
	switch state {
	case http.StateActive:
		s.busy, s.asked = true, true
	case http.StateIdle:
		s.busy, s.since = false, time.Now()
	case http.StateClosed, http.StateHijacked:
		delete(k.open, c)
	}
}

// isSpare reports whether c is one of those that are told of nothing but the health.
func (k *connLimiter) isSpare(c net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.open[c]
	return s == nil || s.spare
}

// healthOnlyWhenFull answers on a spare connection only how homing is.
func healthOnlyWhenFull(site http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := r.Context().Value(watchedKey{}).(*watched)
		health := r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || r.URL.Path == "/health"
		if ok && !health && c.seats.isSpare(c) {
			w.Header().Set("Connection", "close")
			w.Header().Set("Retry-After", "5")
			writeProblem(w, "too many connections are open")
			return
		}
		site.ServeHTTP(w, r)
	})
}
