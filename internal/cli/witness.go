package cli

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// witness sees every round and hands it to whoever wants to know: the page and
// the metrics, the history, people, services that watch, and systemd. It
// outlives reloads, so that what it has seen does. None of it decides anything.
type witness struct {
	board   *status.Board
	metrics *web.Metrics
	systemd supervisor
	alive   watchdog
	token   secret.String // of the page, where it was made and could not be kept

	accounts []engine.Account // of the present app
	memory   engine.Memory    // of what homing wrote

	log    *slog.Logger
	sinks  *notify.Dispatcher
	rules  notify.Rules
	told   notify.State
	failed bool // the latest round did, or the cleaning up after it
	began  bool

	shown struct { // the settings, for the page
		sync.Mutex
		inForce, refused []web.Setting
	}

	history  *status.History // nil: there is none
	recorder status.Recorder
	unwell   string // why the history could not be written last
}

func newWitness() *witness {
	board := status.NewBoard()
	return &witness{board: board, metrics: web.NewMetrics(board, version())}
}

// attend makes the witness one of this app's rounds. What cannot be had, a
// history or a service, is said, and all else goes on.
func (w *witness) attend(env Env, a *session, log *slog.Logger, oneShot bool) {
	w.log, w.rules = log, notify.Rules{OneShot: oneShot, Refused: func(c status.Condition) bool { return c.Refused }}
	var wanted []status.Wanted
	for _, account := range a.Config.Accounts {
		wanted = append(wanted, status.Wanted{Account: account.Name, Spec: account.Spec})
	}
	w.board.Want(wanted)
	w.show(inForce(env), nil)
	a.API.Transport = &counted{a.API.Transport, w.metrics}
	w.accounts = a.Accounts
	sinks, _ := a.Sinks(log, false)
	w.sinks = notify.NewDispatcher(sinks, w.delivered)
	if w.history == nil {
		w.open(stateFolder(env, a.Config))
	}
	a.Recall(&w.memory, w.history, log)
}

// show keeps what the page shows of the settings: those in force, and what is
// wrong with newer ones.
func (w *witness) show(inForce, refused []web.Setting) {
	w.shown.Lock()
	defer w.shown.Unlock()
	w.shown.inForce, w.shown.refused = inForce, refused
}

// refuse keeps what is wrong with newer settings.
func (w *witness) refuse(err error) {
	w.shown.Lock()
	defer w.shown.Unlock()
	w.shown.refused = troubles(err)
}

func (w *witness) settings() []web.Setting {
	w.shown.Lock()
	defer w.shown.Unlock()
	return slices.Concat(w.shown.refused, w.shown.inForce)
}

// stateFolder is where what outlives a process is kept.
func stateFolder(env Env, cfg *config.Config) string {
	return cmp.Or(cfg.State, status.Folder(env.Getenv, runtime.GOOS, os.Geteuid() == 0))
}

// open opens the history and tells the board what it says.
func (w *witness) open(folder string) {
	history, mended, err := status.OpenHistory(folder, time.Now())
	if err != nil {
		level := slog.LevelWarn
		if w.rules.OneShot {
			level = slog.LevelDebug // or every run of cron would say so
		}
		w.log.Log(context.Background(), level, "there is no history, because its folder cannot be used; HOMING_STATE names another", "error", err)
		return
	}
	w.mended(mended)
	w.history = history
	if w.recorder, err = history.Recorder(); err != nil {
		w.log.Warn("the history cannot be read", "error", err)
	}
	if past, err := history.Past(time.Now().Add(-primed), func(status.Event) bool { return true }); err == nil {
		w.board.Prime(past)
	}
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

// round is called after each round, before the next.
func (w *witness) round(r status.Round, eng *engine.Engine) {
	shown := r
	shown.Conditions = slices.Concat(r.Conditions, w.unheard())
	w.metrics.Round(shown, w.board.Done(shown, eng.Held()))
	headroom(w.metrics, w.accounts)
	w.failed = r.Outcome() == status.Failed
	var messages []notify.Message
	messages, w.told = notify.Decide(w.told, r, time.Now(), w.rules)
	w.sinks.Tell(notify.Rounding(r, messages, w.told))

	var entries []status.Entry
	entries, w.recorder = w.recorder.Round(r)
	w.record(entries...)
	w.systemd.status(w.line())
}

// begin tells that the rounds of this app begin, for the first time or anew.
func (w *witness) begin(a *session) {
	names, schedule := len(a.Config.Names()), a.Config.Schedule.String()
	switch {
	case w.began:
		w.sinks.Tell(notify.Reloading(time.Now(), names, schedule))
	case a.Config.Schedule.Once():
		w.sinks.Tell(notify.StartingOnce("homing " + version()))
	default:
		w.sinks.Tell(notify.Starting(time.Now(), "homing "+version(), names, schedule))
		if !a.Config.OnStart {
			w.sinks.Tell(notify.Waiting(schedule))
		}
	}
	if !w.began {
		w.record(status.Entry{At: time.Now(), Kind: status.Begin, Text: "homing " + version()})
	}
	w.began = true
	w.systemd.ready(w.line())
}

// end cleans up where that is wished for and tells that homing ends, and how.
func (w *witness) end(ctx context.Context, a *session, log *slog.Logger, eng *engine.Engine, deadline time.Time, last status.Round) error {
	if a.Config.DeleteOnStop {
		lines, failed := a.cleanUp(log, eng, deadline)
		w.sinks.Tell(notify.Cleaning(time.Now(), lines, failed))
		w.failed = w.failed || failed
	}
	w.record(status.Entry{At: time.Now(), Kind: status.End})
	once, failed := a.Config.Schedule.Once(), last.Outcome() == status.Failed
	switch {
	case once && failed:
		w.sinks.Tell(notify.Exiting(exitFailed))
		return exitCode(exitFailed)
	case once:
		w.sinks.Tell(notify.Exiting(exitDone))
	case ctx.Err() == nil:
		w.sinks.Tell(notify.Ending(time.Now()))
	default:
		w.sinks.Tell(notify.Stopping(time.Now(), w.failed))
	}
	return nil
}

// line is the state of everything in one line.
func (w *witness) line() string { return w.board.Now().Verdict().Sentence }

// unheard are the services that are not reached, as conditions for the page.
func (w *witness) unheard() (cs []status.Condition) {
	for _, h := range w.sinks.Health() {
		if h.Failing() {
			cs = append(cs, status.Condition{Code: status.TellingFailed, Subject: h.Sink, Text: "not delivered: " + h.Err, Hint: h.Hint})
		}
	}
	return cs
}

// record writes into the history, and says once that it cannot.
func (w *witness) record(entries ...status.Entry) {
	if w.history == nil {
		return
	}
	err := w.history.Add(time.Now(), entries...)
	w.mended(w.history.Found())
	switch {
	case err == nil:
		w.unwell = ""
	case err.Error() != w.unwell:
		w.unwell = err.Error()
		w.log.Warn("the history is not written", "error", err)
	}
}

// delivered counts a message, and says that a service is not reached any more,
// or is again.
func (w *witness) delivered(h notify.Health, turned bool) {
	w.metrics.Notification(h.Sink, !h.Failing())
	switch {
	case turned && h.Failing():
		w.log.Warn(h.Describe())
	case turned:
		w.log.Info(h.Sink + " is told again")
	}
}

// leave has the services told the rest, for at most this long or until ctx is
// done.
func (w *witness) leave(ctx context.Context, moment time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, moment)
	defer cancel()
	w.sinks.Close(ctx)
}

// How long the last messages may take.
const (
	farewell = 3 * time.Second  // while somebody waits for the end, or for the next round
	lastWord = time.Second      // where cleaning up took all of stopTime
	patience = 45 * time.Second // where nobody does: longer than a hook, or a service that is asked twice
)
