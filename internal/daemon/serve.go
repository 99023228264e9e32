package daemon

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
	"github.com/homing-dns/homing/internal/web"
)

// serve shows the observers' board over HTTP until ctx is done; the channel is
// closed when it has ended. Where it cannot listen it says so, and all else
// goes on.
func (s *session) serve(ctx context.Context) <-chan struct{} {
	ended := make(chan struct{})
	w := s.daemon.observers
	l := s.listen()
	if l == nil {
		close(ended)
		return ended
	}
	off := s.Config.Serve.Listen == config.Off
	var token secret.String
	if !off {
		token = s.token.InForce(s.log)
	}
	server := web.New(web.Config{
		Board: w.board, Metrics: w.metrics, Log: s.log, Version: s.daemon.settings.Version,
		Token: token, PublicRead: s.Config.Serve.PublicRead,
		TrustedProxies: s.Config.Serve.Proxies, Base: s.Config.Serve.Base, Hosts: s.Config.Serve.Hosts,
		Trigger: s.refresh,
		PlanNow: func(ctx context.Context) (status.Round, error) {
			return s.Engine(app.QuietLog(), nil).Plan(ctx), ctx.Err()
		},
		Interval: func() time.Duration {
			every := s.Config.Schedule.Interval(time.Now())
			return every + schedule.Jitter(every, 1)
		},
		Settings:  w.settingsView,
		Editor:    s.settingsEditor(),
		Messenger: &notifyServices{w.dispatcher, s.daemon.settings.Version},
		Sessions:  s.sessions(),
		History:   w.historyReader(),
		Location:  s.Config.Location,
		Words:     s.Words(),
	})
	serve := server.ServeHealth
	if !off {
		serve = server.Serve
		s.log.Info("the page and the API are served", "at", s.Config.Serve.Listen)
	}
	go func() {
		defer close(ended)
		if err := serve(ctx, l); err != nil {
			s.log.Warn("the page and the API are no longer served", "error", err)
		}
	}()
	return ended
}

// sessions are those of the page; a reload ends none.
func (s *session) sessions() *web.Sessions {
	w := s.daemon.observers
	if w.sessions == nil {
		var file web.SessionFile // a nil *app.SessionFile in it would be none
		if f := s.daemon.settings.SessionFile(s.Config); f != nil {
			file = f
		}
		w.sessions = web.NewSessions(file, s.log)
	}
	return w.sessions
}

// listen opens what the settings name, or where nothing is to be served what a
// healthcheck asks; nil where neither can be.
func (s *session) listen() net.Listener {
	spec := s.Config.Serve.Listen
	s.daemon.listener = s.daemon.listener.reuse(spec)
	switch {
	case s.daemon.listener != nil:
		return s.daemon.listener
	case s.Config.Schedule.Once():
		return nil
	case spec == config.Off:
		l, err := listenForHealth(s.daemon.settings.Health, s.Config.State)
		if err != nil {
			s.log.Warn(s.resolveHint("healthcheck cannot reach this daemon; {state} gives it its own folder"), "error", err)
			return nil
		}
		return l
	}
	l, err := web.Listen(spec)
	if err != nil {
		var hint text.Hint
		if bad, ok := errors.AsType[*web.ListenError](err); ok {
			hint = bad.Hint
		}
		s.log.Warn("the page and the API are not served", "error", err, "hint", hint)
		return nil
	}
	if tcp, ok := l.(*net.TCPListener); ok {
		s.daemon.listener = &Listener{tcp, spec}
		return s.daemon.listener
	}
	return l
}

func (o *observers) historyReader() web.HistoryFunc {
	if o.history == nil {
		return nil
	}
	return o.readHistory
}
