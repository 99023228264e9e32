package daemon

import (
	"context"
	"log/slog"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// open opens the history and tells the board what it says.
func (w *witness) open(folder string, words text.Words) {
	history, mended, err := status.OpenHistory(folder, time.Now())
	if err != nil {
		level := slog.LevelWarn
		if w.rules.OneShot {
			level = slog.LevelDebug // or every run of cron would say so
		}
		w.log.Log(context.Background(), level, text.Hint("there is no history, because its folder cannot be used; {state} names another").In(words), "error", err)
		return
	}
	w.mended(mended)
	w.history = history
	past, err := history.Past(time.Now().Add(-primed), func(status.Event) bool { return true })
	if err != nil {
		w.log.Warn("the history cannot be read", "error", err)
	}
	w.board.Prime(past)
}

// mended tells what was wrong with the history.
func (w *witness) mended(m status.Mended) {
	if m.Lost > 0 {
		w.log.Warn("the end of the history was damaged and is cut off", "bytes", m.Lost)
	}
	if m.Aside != "" {
		w.log.Warn("a file that is no history stood in its place; it was renamed and a new one begins", "now", m.Aside)
	}
}

// primed is how far back the board looks after a restart, when the last change
// was, say; it keeps the latest events only.
const primed = 400 * 24 * time.Hour

// past is what the history says, for the page. It takes no lock: however many
// ask, a round that writes into the history does not wait for them.
func (w *witness) past(from time.Time, wanted func(status.Event) bool) ([]status.Event, error) {
	return w.history.Past(from, wanted)
}

// record writes into the history, and says once that it cannot.
func (w *witness) record(events ...status.Event) {
	if w.history == nil {
		return
	}
	err := w.history.Add(time.Now(), events...)
	w.mended(w.history.Found())
	switch {
	case err == nil:
		w.unwell = ""
	case err.Error() != w.unwell:
		w.unwell = err.Error()
		w.log.Warn("the history is not written", "error", err)
	}
}
