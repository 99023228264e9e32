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

// Listener is the socket of the page, which goes on from the set-up to the daemon and
// from one session to the next, so that no browser finds nobody in between. Nil is
// none.
type Listener struct {
	*net.TCPListener
	address string
}

// ServeSetup serves the page on which a person sets homing up who starts it without any
// setting, and ends once that is done. What it returns is for Run.
func ServeSetup(ctx context.Context, s *app.Settings) (*Listener, error) {
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
		return nil, errors.New("the set-up page is only served on a port")
	}
	listener := &Listener{tcp, cfg.Serve.Listen}
	code := web.NewCode()
	log.Warn("nothing is set, so homing serves a set-up page; its code works once, within an hour", "at", browserURL(cfg.Serve.Listen), "code", code.Reveal(), "hint", setupHint(cfg.Serve.Listen))
	err = web.New(web.Config{Log: log, Version: s.Version, Location: cfg.Location, Words: cfg.Words}).ServeSetUp(ctx, listener, page, code)
	if err != nil {
		listener.closeSocket()
		return nil, err
	}
	return listener, nil
}

// Close ends the waiting for connections, and not the socket.
func (h *Listener) Close() error { return h.SetDeadline(time.Unix(1, 0)) }

// browserURL is where a browser on this machine finds what listens there.
func browserURL(spec string) string {
	host, port, err := net.SplitHostPort(spec)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		spec = net.JoinHostPort("localhost", port)
	}
	return "http://" + spec
}

// setupHint is how the page is reached from elsewhere, and how else homing is set up.
func setupHint(spec string) string {
	if host, port, err := net.SplitHostPort(spec); err == nil && !net.ParseIP(host).IsLoopback() {
		return "publish port " + port + " of the container (docker run -p 127.0.0.1:" + port + ":" + port + " -v homing:/state …); with --no-setup homing exits instead"
	}
	return "with --no-setup homing says what is missing and exits instead"
}

// reuse is the socket for whoever listens where it does; otherwise it is closed.
func (h *Listener) reuse(spec string) *Listener {
	if h != nil && spec == h.address && h.SetDeadline(time.Time{}) == nil {
		return h
	}
	h.closeSocket()
	return nil
}

// closeSocket closes the socket.
func (h *Listener) closeSocket() {
	if h != nil {
		_ = h.TCPListener.Close()
	}
}
