package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/lmittmann/tint"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/text"
)

// manners is how the log looks. Its zero value is the log of a daemon: a line
// an event, for people, from info upwards, times in UTC.
type manners struct {
	level  slog.Level
	format logFormat
	colour bool
	emoji  bool
	place  *time.Location
	words  text.Words // how the reader calls settings
}

// logFormat is one of three forms of a line.
type logFormat uint8

const (
	textLog   logFormat = iota // for people: aligned, with colours on a terminal
	logfmtLog                  // key=value
	jsonLog
)

// logFormats are the words for them. auto is text: with colours on a terminal
// and without them elsewhere.
func logFormats() map[string]logFormat {
	return map[string]logFormat{"auto": textLog, "text": textLog, "logfmt": logfmtLog, "json": jsonLog}
}

// logLevels are the words for levels.
func logLevels() map[string]slog.Level {
	return map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
}

// NewLog is the log of a daemon.
func (s *Settings) NewLog(cfg *config.Config) *slog.Logger {
	m := manners{level: logLevels()[cfg.LogLevel], format: logFormats()[cfg.LogFormat],
		colour: s.Colour, emoji: cfg.Emoji, place: cfg.Location, words: cfg.Words}
	return logTo(s.Log, m)
}

func logTo(w io.Writer, m manners) *slog.Logger {
	if m.place == nil {
		m.place = time.UTC
	}
	return slog.New(mannered{m.handler(w), m})
}

func (m manners) handler(w io.Writer) slog.Handler {
	switch m.format {
	case logfmtLog:
		return slog.NewTextHandler(w, &slog.HandlerOptions{Level: m.level})
	case jsonLog:
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: m.level})
	}
	return tint.NewTextHandler(w, &tint.Options{Level: m.level, TimeFormat: time.DateTime, NoColor: !m.colour})
}

// QuietLog is for commands that print what happened themselves.
func QuietLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

// mannered takes control characters out of every line, writes times as they
// are in a place, and puts an emoji in front where that is wanted. The place is
// not time.Local, which knows no zone on systems without a list of them.
type mannered struct {
	slog.Handler
	m manners
}

func (h mannered) Handle(ctx context.Context, r slog.Record) error {
	message := text.Strip(r.Message)
	if h.m.emoji && h.m.format == textLog {
		message = emoji(r.Level) + " " + message
	}
	clean := slog.NewRecord(r.Time.In(h.m.place), r.Level, message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.m.clean([]slog.Attr{a})...)
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

// WithAttrs and WithGroup keep the manners of what is logged later.

func (h mannered) WithAttrs(as []slog.Attr) slog.Handler {
	return mannered{h.Handler.WithAttrs(h.m.clean(as)), h.m}
}

func (h mannered) WithGroup(name string) slog.Handler {
	return mannered{h.Handler.WithGroup(name), h.m}
}

// clean is the attributes as they may be written; empty texts are left out.
func (m manners) clean(as []slog.Attr) []slog.Attr {
	var out []slog.Attr
	for _, a := range as {
		a.Value = m.value(a.Value.Resolve())
		if a.Value.Kind() != slog.KindString || a.Value.String() != "" {
			out = append(out, a)
		}
	}
	return out
}

func (m manners) value(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindString:
		return slog.StringValue(text.Strip(v.String()))
	case slog.KindTime:
		return slog.StringValue(m.time(v.Time()))
	case slog.KindDuration:
		if m.format == jsonLog { // a number of nanoseconds otherwise
			return slog.StringValue(v.Duration().String())
		}
	case slog.KindGroup:
		return slog.GroupValue(m.clean(v.Group())...)
	case slog.KindAny:
		switch x := v.Any().(type) {
		case error:
			return slog.StringValue(text.Strip(text.ErrorIn(x, m.words).Error()))
		case text.Hint:
			return slog.StringValue(text.Strip(x.In(m.words)))
		case fmt.Stringer:
			return slog.StringValue(text.Strip(x.String()))
		}
	}
	return v
}

// time is a time in an attribute: people read the clock, programs all of it.
func (m manners) time(t time.Time) string {
	if m.format == textLog {
		return t.In(m.place).Format(time.TimeOnly)
	}
	return t.In(m.place).Format(time.RFC3339)
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
