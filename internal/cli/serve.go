package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// serve shows the witness's board over HTTP until ctx is done; the channel is
// closed when it has ended. Where it cannot listen it says so, and all else
// goes on.
func (a *session) serve(ctx context.Context, env Env, log *slog.Logger, w *witness, eng *engine.Engine) <-chan struct{} {
	ended := make(chan struct{})
	l := a.listen(env, log)
	if l == nil {
		close(ended)
		return ended
	}
	off := a.Config.Serve.Listen == config.Off
	var token secret.String
	if !off {
		token = a.token(env, log, w)
	}
	server := web.New(web.Config{
		Board: w.board, Metrics: w.metrics, Log: log, Version: version(),
		Token: token, PublicRead: a.Config.Serve.PublicRead,
		TrustedProxies: a.Config.Serve.Proxies, Hosts: a.Config.Serve.Hosts,
		Trigger: func() {
			eng.Invalidate()
			eng.Trigger()
		},
		PlanNow: func(ctx context.Context) (status.Round, error) {
			return a.Engine(app.QuietLog(), nil).Plan(ctx), ctx.Err()
		},
		Interval: func() time.Duration {
			every := a.Config.Schedule.Interval(time.Now())
			return every + schedule.Jitter(every, 1)
		},
		Settings: w.settings,
		History:  w.pastOrNil(),
		Location: a.Config.Location,
	})
	serve := server.ServeHealth
	if !off {
		serve = server.Serve
		log.Info("the page and the API are served", "at", a.Config.Serve.Listen)
	}
	go func() {
		defer close(ended)
		if err := serve(ctx, l); err != nil {
			log.Warn("the page and the API are no longer served", "error", err)
		}
	}()
	return ended
}

// listen opens what the settings name, or where nothing is to be served what a
// healthcheck asks; nil where neither can be.
func (a *session) listen(env Env, log *slog.Logger) net.Listener {
	spec := a.Config.Serve.Listen
	switch {
	case a.Config.Schedule.Once():
		return nil
	case spec == config.Off:
		l, err := listenForHealth(env, a.Config.State)
		if err != nil {
			log.Warn("a healthcheck cannot ask this daemon; HOMING_STATE gives it a place of its own", "error", err)
			return nil
		}
		return l
	}
	l, err := web.Listen(spec)
	if err != nil {
		hint := ""
		if bad, ok := errors.AsType[*web.ListenError](err); ok {
			hint = bad.Hint
		}
		log.Warn("the page and the API are not served", "error", err, "hint", hint)
		return nil
	}
	return l
}

func (w *witness) pastOrNil() web.HistoryFunc {
	if w.history == nil {
		return nil
	}
	return w.past
}
