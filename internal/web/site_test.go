package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
	"github.com/homing-dns/homing/internal/web/webtest"
)

const (
	token = "the-token-of-this-test"
	host  = "127.0.0.1:8245"
)

// place is a house, the board that knows of it, and a server that shows it.
type place struct {
	t       testing.TB
	house   *webtest.House
	board   *status.Board
	metrics *web.Metrics
	server  *web.Server
	handler http.Handler
	log     lines
	asked   int // how often a round was asked for
}

// lines is a log that may be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lines) count() int { return strings.Count(l.String(), "\n") }

// interval is how far apart rounds may be in a place.
const interval = 5*time.Minute + 30*time.Second

func newPlace(t testing.TB, names int, change ...func(*web.Config)) *place {
	p := &place{t: t, house: webtest.New(names, time.Now())}
	p.board = status.NewBoard(p.house.Wanted()...)
	p.metrics = web.NewMetrics(p.board, "1.2.3")
	cfg := web.Config{Board: p.board, Metrics: p.metrics, Log: slog.New(slog.NewTextHandler(&p.log, nil)), Version: "1.2.3",
		Token: secret.New(token), Trigger: func() { p.asked++ }, Location: time.UTC,
		PlanNow:  func(context.Context) (status.Round, error) { return p.house.Plan(), nil },
		Interval: func() time.Duration { return interval }}
	for _, f := range change {
		f(&cfg)
	}
	p.server = web.New(cfg)
	p.handler = p.server.Handler()
	return p
}

// round makes a round now.
func (p *place) round() {
	p.house.Now = time.Now()
	p.next()
}

func (p *place) next() {
	r := p.house.Round()
	p.metrics.Round(r, p.board.Done(r, p.house.Held()))
}

// edit changes a request before it is sent.
type edit func(*http.Request)

func header(k, v string) edit { return func(r *http.Request) { r.Header.Set(k, v) } }
func bearer(r *http.Request)  { r.Header.Set("Authorization", "Bearer "+token) }
func to(h string) edit        { return func(r *http.Request) { r.Host = h } }
func from(a string) edit      { return func(r *http.Request) { r.RemoteAddr = a } }

// during makes a request end with ctx.
func during(ctx context.Context) edit {
	return func(r *http.Request) { *r = *r.WithContext(ctx) }
}

func (p *place) ask(method, path, body string, edits ...edit) *httptest.ResponseRecorder {
	p.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, in)
	r.Host, r.RemoteAddr = host, "192.0.2.9:4711"
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	} else if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, e := range edits {
		e(r)
	}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w
}

func (p *place) get(path string, edits ...edit) *httptest.ResponseRecorder {
	p.t.Helper()
	return p.ask("GET", path, "", edits...)
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return v
}
