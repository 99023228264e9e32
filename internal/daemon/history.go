package daemon

import (
	"context"
	"log/slog"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// openHistory opens the history and tells the board what it says.
func (o *observers) openHistory(folder string, words text.Words) {
	history, mended, err := status.OpenHistory(folder, time.Now())
	if err != nil {
		level := slog.LevelWarn
		if o.rules.OneShot {
			level = slog.LevelDebug // or every run of cron would say so
		}
		o.log.Log(context.Background(), level, text.Hint("no history is kept, because its folder cannot be used; set another with {state}").In(words), "error", err)
		return
	}
	o.logRepaired(mended)
	o.history = history
	past, err := history.Past(time.Now().Add(-replayPeriod), func(status.Event) bool { return true })
	if err != nil {
		o.log.Warn("the history cannot be read", "error", err)
	}
	o.board.Prime(past)
}

// logRepaired tells what was wrong with the history.
func (o *observers) logRepaired(m status.Mended) {
	if m.Lost > 0 {
		o.log.Warn("the end of the history was damaged and was cut off", "bytes", m.Lost)
	}
	if m.Aside != "" {
		o.log.Warn("the history file was not a history; it was renamed and a new one started", "now", m.Aside)
	}
}

// replayPeriod is how far back the board looks after a restart, when the last change
// was, say; it keeps the latest events only.
const replayPeriod = 400 * 24 * time.Hour

// readHistory is what the history says, for the page. It takes no lock: however many
// ask, a round that writes into the history does not wait for them.
func (o *observers) readHistory(from time.Time, wanted func(status.Event) bool) ([]status.Event, error) {
	return o.history.Past(from, wanted)
}

// recordEvents writes into the history, and says once that it cannot.
func (o *observers) recordEvents(events ...status.Event) {
	if o.history == nil {
		return
	}
	err := o.history.Add(time.Now(), events...)
	o.logRepaired(o.history.Found())
	switch {
	case err == nil:
		o.writeProblem = ""
	case err.Error() != o.writeProblem:
		o.writeProblem = err.Error()
		o.log.Warn("the history cannot be written", "error", err)
	}
}
