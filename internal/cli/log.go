package cli

import (
	"context"
	"log/slog"
	"time"

	"github.com/lmittmann/tint"

	"github.com/homing-dns/homing/internal/config"
)

// newLog is the log of a daemon: a line an event, for people.
func newLog(env Env, cfg *config.Config) *slog.Logger {
	h := slog.Handler(tint.NewTextHandler(env.Stderr, &tint.Options{
		Level:      slog.LevelInfo,
		TimeFormat: time.DateTime,
		NoColor:    !bool(painter(env, env.Stderr)),
	}))
	return slog.New(mannered{h, cfg.Location, cfg.Emoji})
}

// quietLog is for commands that print what happened themselves.
func quietLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

// mannered takes control characters out of every line, writes times as they
// are in a place, and puts an emoji in front where that is wanted. The place is
// not time.Local, which knows no zone on systems without a list of them.
type mannered struct {
	slog.Handler
	place *time.Location
	emoji bool
}

func (m mannered) Handle(ctx context.Context, r slog.Record) error {
	message := plain(r.Message)
	if m.emoji {
		message = emoji(r.Level) + " " + message
	}
	clean := slog.NewRecord(r.Time.In(m.place), r.Level, message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		switch a.Value.Kind() {
		case slog.KindString:
			a.Value = slog.StringValue(plain(a.Value.String()))
		case slog.KindAny:
			if err, ok := a.Value.Any().(error); ok {
				a.Value = slog.StringValue(plain(err.Error()))
			}
		case slog.KindTime:
			a.Value = slog.StringValue(a.Value.Time().In(m.place).Format(time.TimeOnly))
		}
		if a.Value.Kind() != slog.KindString || a.Value.String() != "" {
			clean.AddAttrs(a)
		}
		return true
	})
	return m.Handler.Handle(ctx, clean)
}

func emoji(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "❌"
	case l >= slog.LevelWarn:
		return "⚠️"
	case l >= slog.LevelInfo:
		return "🏠"
	}
	return "🔎"
}
