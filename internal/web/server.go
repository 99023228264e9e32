// Package web shows what is so, over HTTP: the page, the JSON API with its
// event stream, the metrics, and the answers DynCFDNS gives. It decides
// nothing; all it can cause is a round.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// Config is what a Server needs; all of it, unless said otherwise. The
// functions are called by several goroutines at once.
type Config struct {
	Board   *status.Board
	Metrics *Metrics
	Log     *slog.Logger
	Version string

	Token          secret.String  // without one nobody can ask for a round, nor read unless PublicRead
	PublicRead     bool           // reading needs no token
	TrustedProxies []netip.Prefix // whose X-Forwarded headers are believed; may be empty
	Base           string         // the path below which a proxy serves all this, such as "/homing"; "": "/"
	Hosts          []string       // names by which browsers may come, beside those that cannot be forged; may be empty

	Trigger   func()                                      // asks for a round at once
	PlanNow   func(context.Context) (status.Round, error) // makes a round that changes nothing; one at a time
	Interval  func() time.Duration                        // how far apart rounds may be, with the longest jitter
	Settings  func() []Setting                            // for the page; may be nil
	Editor    Editor                                      // nil: nothing can be set
	Messenger Messenger                                   // nil: nobody is told of anything
	Sessions  *Sessions                                   // nil: they end with the Server
	History   HistoryFunc                                 // nil: only what the Board remembers
	Location  *time.Location                              // of the times on the page; nil: time.Local
	Words     text.Words                                  // how settings are called in advice; nil: as homing.yaml does
}

// HistoryFunc is what happened since from and is wanted, as Server.past promises
// it; the newest of it where that is very much.
type HistoryFunc func(from time.Time, wanted func(status.Event) bool) ([]status.Event, error)

// Setting is one setting as the page shows it.
type Setting struct {
	Name    string // its path in homing.yaml, or its variable
	Value   string // masked where it is a secret
	Origin  string // where it was set
	Problem string // what is wrong with it; empty when nothing is
}

// Server serves a Board.
type Server struct {
	cfg       Config
	guard     *guard
	plans     *plans
	accessLog *accessLog

	reviews reviews       // of settings
	slots   chan struct{} // holds one for each event stream

	history, plot      *archive
	answers, histories *quota
}

// Bounds on what clients may cost.
const (
	headerTimeout = 5 * time.Second  // for a request to come in, without its body
	readTimeout   = 10 * time.Second // with it
	writeTimeout  = 30 * time.Second // for an answer to be taken; a waiting sync and a stream set their own
	idleTimeout   = 60 * time.Second
	stopTimeout   = 2 * time.Second // for answers under way, once the server is to stop
	maxHeader     = 16 << 10        // bytes
	maxURL        = 2 << 10         // bytes
	maxBody       = 4 << 10         // bytes
	maxStreams    = 200
)

// New makes a Server. It starts nothing.
func New(cfg Config) *Server {
	if cfg.Location == nil {
		cfg.Location = time.Local
	}
	if cfg.Sessions == nil {
		cfg.Sessions = NewSessions(nil, cfg.Log)
	}
	s := &Server{cfg: cfg, guard: newGuard(cfg), plans: newPlans(cfg.PlanNow), accessLog: newAccessLog(cfg.Log), slots: make(chan struct{}, maxStreams)}
	s.history, s.plot = newArchives(cfg)
	s.answers, s.histories = newQuota(answersAtOnce, answersEach), newQuota(historyAtOnce, historyAtOnce)
	return s
}

// Serve answers what comes to l until ctx is done, and closes l. Answers under
// way get a moment more. The error is nil when ctx ended it.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	return s.serve(ctx, l, s.Handler())
}

// ServeHealth is Serve with nothing but /healthz.
func (s *Server) ServeHealth(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.serveHealthz)
	return s.serve(ctx, l, s.prepare(mux))
}

func (s *Server) serve(ctx context.Context, l net.Listener, site http.Handler) error {
	srv := &http.Server{
		Handler:           healthOnlyWhenFull(site),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 2 * maxHeader, // up to there the handler refuses, and says so
		ErrorLog:       slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		BaseContext:    func(net.Listener) context.Context { return ctx }, // streams end with it
	}
	seats := newConnLimiter(descriptors()/2, func(client string) bool { return client == "local" || s.cfg.trusts(client) }, s.cfg.Log)
	s.accessLog.watch(srv, seats)
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(s.accessLog.listener(l, seats)) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := srv.Shutdown(grace); errors.Is(err, context.DeadlineExceeded) {
		_ = srv.Close() // they had their moment
	}
	<-ended
	return nil
}

// Handler is the whole site.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	methods := make(map[string][]string)
	for i := range routes {
		r := &routes[i]
		mux.HandleFunc(r.method+" "+r.path, s.admit(r))
		methods[r.path] = append(methods[r.path], r.method)
	}
	for path, allowed := range methods {
		mux.HandleFunc(path, s.wrongMethod(allowed))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, notFound()) })
	return s.prepare(mux)
}

// route is one thing that can be asked for, who may, and how many at once.
type route struct {
	method, path string
	access       access
	quota        quotaKind
	serve        func(*Server, http.ResponseWriter, *http.Request)
}

// isPage reports whether a browser that may not see it is led to the log-in.
func (r *route) isPage() bool {
	return slices.Contains([]string{"/{$}", "/events", "/record", "/plan", "/settings"}, r.path)
}

// routes are never changed.
var routes = [...]route{
	{"GET", "/{$}", toRead, large, (*Server).servePage},
	{"GET", "/events", toRead, large, (*Server).serveEventsPage},
	{"GET", "/record", toRead, large, (*Server).serveRecord},
	{"GET", "/plan", toRead, free, (*Server).servePlanPage},
	{"GET", "/settings", toWrite, large, (*Server).serveSettings},
	{"POST", "/settings", toWrite, free, (*Server).postSettings},
	{"GET", "/login", byAnybody, free, (*Server).serveLogin},
	{"POST", "/login", byAnybody, free, (*Server).login},
	{"POST", "/logout", byAnybody, free, (*Server).logout},
	{"POST", "/sync", toWrite, free, (*Server).syncForm},
	{"POST", "/theme", byAnybody, free, (*Server).setTheme},
	{"GET", "/assets/{name}", byAnybody, free, (*Server).serveAsset},

	{"GET", "/widget", asDynCFDNS, free, (*Server).serveWidget},
	{"GET", "/health", byAnyHost, free, (*Server).serveHealth},
	{"GET", "/healthz", byAnyHost, free, (*Server).serveHealthz},
	{"GET", "/readyz", byAnyHost, free, (*Server).serveReadyz},
	{"GET", "/metrics", toRead, large, (*Server).serveMetrics},

	{"GET", "/api/v1/status", toRead, large, (*Server).serveStatus},
	{"GET", "/api/v1/history", toRead, history, (*Server).serveHistory},
	{"GET", "/api/v1/plan", toRead, free, (*Server).servePlan},
	{"GET", "/api/v1/events", toRead, free, (*Server).serveEvents},
	{"POST", "/api/v1/sync", toWrite, free, (*Server).serveSync},
	{"GET", configPath, toWrite, large, (*Server).serveConfig},
	{"PUT", configPath, toWrite, free, (*Server).putConfig},
	{"GET", "/api/v1/openapi.json", byAnyHost, free, (*Server).serveSchema},
}
