package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// accessLog writes into the log who was refused and why: once for each client and
// reason in a while, so that nobody can fill the log.
type accessLog struct {
	log  *slog.Logger
	mu   sync.Mutex
	told map[string]time.Time
}

const (
	tellAgain = 10 * time.Minute
	maxTold   = 256 // clients and reasons that are remembered
)

func newAccessLog(log *slog.Logger) *accessLog {
	return &accessLog{log: log, told: make(map[string]time.Time)}
}

func (t *accessLog) refused(client, status, why string) {
	if t.first(client + " " + status + " " + why) {
		t.log.Info("refused a request", "from", client, "status", status, "why", why)
	}
}

func (t *accessLog) first(what string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if at, ok := t.told[what]; ok && now.Sub(at) < tellAgain {
		return false
	}
	if len(t.told) >= maxTold {
		for k, at := range t.told {
			if now.Sub(at) >= tellAgain {
				delete(t.told, k)
			}
		}
	}
	if len(t.told) >= maxTold {
		return false
	}
	t.told[what] = now
	return true
}

// What net/http refuses by itself never reaches a handler. So each connection
// watches what is written to it while no handler is at work.

type watched struct {
	net.Conn
	tell      *accessLog
	seats     *connLimiter
	answering atomic.Bool
}

type watchedKey struct{}

func (t *accessLog) listener(l net.Listener, seats *connLimiter) net.Listener {
	return watchListener{l, t, seats}
}

type watchListener struct {
	net.Listener
	tell  *accessLog
	seats *connLimiter
}

func (l watchListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		w := &watched{Conn: c, tell: l.tell, seats: l.seats}
		admitted := l.seats.admit(w)
		if admitted {
			return w, nil
		}
		_ = c.Close() // it was told nothing yet
	}
}

func (t *accessLog) watch(srv *http.Server, seats *connLimiter) {
	srv.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, watchedKey{}, c) }
	srv.ConnState = func(c net.Conn, state http.ConnState) {
		seats.connState(c, state)
		if w, ok := c.(*watched); ok && state == http.StateIdle {
			w.answering.Store(false)
		}
	}
}

// markAnswering marks that a handler is at work on this request's connection.
func markAnswering(r *http.Request) {
	if w, ok := r.Context().Value(watchedKey{}).(*watched); ok {
		w.answering.Store(true)
	}
}

func (w *watched) Write(b []byte) (int, error) {
	if line, _, _ := strings.Cut(string(b[:min(len(b), 80)]), "\r\n"); !w.answering.Load() && strings.HasPrefix(line, "HTTP/1.1 4") {
		status, why, _ := strings.Cut(strings.TrimPrefix(line, "HTTP/1.1 "), " ")
		w.tell.refused(addrWithoutPort(w.RemoteAddr().String()), status, why)
	}
	return w.Conn.Write(b)
}
