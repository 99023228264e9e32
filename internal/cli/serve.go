package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
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

// tokenName is the file in the state folder that keeps the token homing made.
const tokenName = "token"

// token is what guards the page: the one that is set; the one that was kept; or
// a new one, which is shown this once and kept, by the witness where no file can.
func (a *session) token(env Env, log *slog.Logger, w *witness) secret.String {
	if t := a.keptToken(env); !t.IsZero() {
		return t
	}
	if !w.token.IsZero() {
		return w.token
	}
	made := make([]byte, 32)
	_, _ = rand.Read(made) // it never fails
	t := secret.New(base64.RawURLEncoding.EncodeToString(made))
	where, err := a.keep(env, t)
	if err != nil {
		w.token = t
		log.Warn("a token for the page was made; it cannot be kept, so it holds until homing ends", "token", t.Reveal(), "error", err)
		return t
	}
	log.Info("a token for the page was made; it is shown only now", "token", t.Reveal(), "kept in", where)
	return t
}

// keptToken is the token that is set or was kept; zero when there is none.
func (a *session) keptToken(env Env) secret.String {
	if !a.Config.Serve.Token.IsZero() {
		return a.Config.Serve.Token
	}
	if r := env.settings.Reading; r != nil && r.Listen != "" {
		return r.Widget.Token
	}
	folder := stateFolder(env, a.Config)
	if folder == "" {
		return secret.String{}
	}
	b, err := env.settings.ReadSmall(filepath.Join(folder, tokenName))
	if err != nil {
		return secret.String{}
	}
	return secret.New(strings.TrimSpace(string(b)))
}

// keep writes a token where the next start finds it.
func (a *session) keep(env Env, t secret.String) (path string, err error) {
	path = filepath.Join(stateFolder(env, a.Config), tokenName)
	content, cure := []byte(t.Reveal()+"\n"), "name another with HOMING_STATE"
	if r := env.settings.Reading; r != nil && r.Listen != "" {
		if path, cure = r.Widget.File, "set API_TOKEN"; path == "" {
			return "", errors.New("the file it belongs into cannot be used; " + cure)
		}
		if content, err = r.Widget.Keep(t); err != nil {
			return "", err
		}
	}
	if !filepath.IsAbs(path) && stateFolder(env, a.Config) == "" {
		return "", errors.New("there is no folder for it; " + cure)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", readable(err, cure)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return "", readable(err, cure)
	}
	return path, os.Chmod(path, 0o600)
}

// readable adds who homing runs as to what went wrong with a file, and what
// else would do.
func readable(err error, cure string) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; %s may not write there: give it that folder, or %s", err, cmp.Or(app.WhoRuns(), "homing"), cure)
	}
	return err
}
