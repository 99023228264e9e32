package daemon

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/web"
)

// Heir is the socket of the page, which goes on from the set-up to the daemon and
// from one session to the next, so that no browser finds nobody in between. Nil is
// none.
type Heir struct {
	*net.TCPListener
	spec string
}

// SetUp serves the page on which a person sets homing up who starts it without any
// setting, and ends once that is done. What it returns is for Run.
func SetUp(ctx context.Context, s *app.Settings) (*Heir, error) {
	cfg, err := s.Load(ctx, config.ForPage)
	if err != nil {
		return nil, err
	}
	log := s.NewLog(cfg)
	page, err := s.FirstPage(cfg, log)
	if err != nil {
		return nil, err
	}
	l, err := web.Listen(cfg.Serve.Listen)
	if err != nil {
		return nil, err
	}
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		_ = l.Close()
		return nil, errors.New("the set-up page is served on a port alone")
	}
	heir := &Heir{tcp, cfg.Serve.Listen}
	code := web.NewCode()
	log.Warn("nothing is set, so homing serves a page to set it up; its code is good once and for an hour", "at", open(cfg.Serve.Listen), "code", code.Reveal(), "hint", firstHint(cfg.Serve.Listen))
	err = web.New(web.Config{Log: log, Version: s.Version, Location: cfg.Location, Words: cfg.Words}).ServeSetUp(ctx, heir, page, code)
	if err != nil {
		heir.end()
		return nil, err
	}
	return heir, nil
}

// Close ends the waiting for connections, and not the socket.
func (h *Heir) Close() error { return h.SetDeadline(time.Unix(1, 0)) }

// open is where a browser on this machine finds what listens there.
func open(spec string) string {
	host, port, err := net.SplitHostPort(spec)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		spec = net.JoinHostPort("localhost", port)
	}
	return "http://" + spec
}

// firstHint is how the page is reached from elsewhere, and how else homing is set up.
func firstHint(spec string) string {
	if host, port, err := net.SplitHostPort(spec); err == nil && !net.ParseIP(host).IsLoopback() {
		return "publish port " + port + " of the container (docker run -p 127.0.0.1:" + port + ":" + port + " -v homing:/state …); --no-setup ends homing instead"
	}
	return "--no-setup ends homing instead, and says what is missing"
}

// take is the socket for whoever listens where it does; otherwise it is closed.
func (h *Heir) take(spec string) *Heir {
	if h != nil && spec == h.spec && h.SetDeadline(time.Time{}) == nil {
		return h
	}
	h.end()
	return nil
}

// end closes the socket.
func (h *Heir) end() {
	if h != nil {
		_ = h.TCPListener.Close()
	}
}
