package daemon

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
	"github.com/homing-dns/homing/internal/web"
)

// witness sees every round and hands it to whoever wants to know: the page and
// the metrics, the history, people, services that watch, and systemd. It
// outlives reloads, so that what it has seen does. None of it decides anything.
type witness struct {
	settings *app.Settings
	board    *status.Board
	metrics  *web.Metrics
	systemd  supervisor
	alive    watchdog

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
		condition        []status.Condition // that newer settings are refused, if they are
	}

	sessions *web.Sessions // of the page, once it is served

	edits struct { // of settings, that are not yet in the history
		sync.Mutex
		events []status.Event
	}

	history *status.History // nil: there is none
	foreign string          // why the state folder is not used
	unwell  string          // why the history could not be written last
}

func newWitness(s *app.Settings) *witness {
	board := status.NewBoard()
	return &witness{settings: s, board: board, metrics: web.NewMetrics(board, s.Version)}
}

// attend makes the witness one of this app's rounds. What cannot be had, a
// history or a service, is said, and all else goes on.
func (w *witness) attend(a *app.App, log *slog.Logger, oneShot bool) {
	w.log, w.rules = log, notify.Rules{OneShot: oneShot, Refused: func(c status.Condition) bool { return c.Refused }}
	var wanted []status.Wanted
	for _, account := range a.Config.Accounts {
		wanted = append(wanted, status.Wanted{Account: account.Name, Spec: account.Spec})
	}
	w.board.Want(wanted)
	w.board.Note(status.SettingsRefused)
	a.CountCalls(w.metrics.Call)
	w.accounts = a.Accounts
	sinks, _ := a.Sinks(log, false)
	w.sinks = notify.NewDispatcher(sinks, w.delivered)
	foreign := text.ErrorIn(status.Foreign(a.Folder, false), a.Words())
	if foreign != nil && w.foreign != foreign.Error() {
		w.foreign = foreign.Error()
		log.Warn(w.foreign)
	}
	if w.history == nil && foreign == nil {
		w.open(a.Folder, a.Words())
	}
	a.Recall(&w.memory, w.history, log)
}

// show keeps what the page shows of the settings: those in force, and what is
// wrong with newer ones.
func (w *witness) show(inForce, refused []web.Setting) {
	w.shown.Lock()
	defer w.shown.Unlock()
	w.shown.inForce, w.shown.refused, w.shown.condition = inForce, refused, nil
}

// refuse tells what is wrong with newer settings, and keeps it until they are
// read again.
func (w *witness) refuse(err error) {
	rows := troubles(err)
	condition := []status.Condition{refusal(rows)}
	w.shown.Lock()
	known := slices.Equal(w.shown.refused, rows)
	w.shown.refused, w.shown.condition = rows, condition
	w.shown.Unlock()
	w.board.Note(status.SettingsRefused, condition...)
	if !known {
		w.sinks.Tell(notify.Refusing(time.Now(), linesOf(rows)))
	}
}

// refusedNow is the condition that newer settings are refused; none where they are
// not.
func (w *witness) refusedNow() []status.Condition {
	w.shown.Lock()
	defer w.shown.Unlock()
	return w.shown.condition
}

func (w *witness) settingsShown() []web.Setting {
	w.shown.Lock()
	defer w.shown.Unlock()
	return slices.Concat(w.shown.refused, w.shown.inForce)
}

// round is called after each round, before the next; it reports whether the
// round found anything that was another before.
func (w *witness) round(r status.Round, eng *engine.Engine) (changed bool) {
	shown := r
	shown.Conditions = slices.Concat(r.Conditions, w.unheard(), w.refusedNow())
	events := w.board.Done(shown, eng.Held())
	w.metrics.Round(shown, events)
	w.record(append(w.edited(), events...)...)
	headroom(w.metrics, w.accounts)
	w.failed = r.Outcome() == status.Failed
	var messages []notify.Message
	messages, w.told = notify.Decide(w.told, r, events, time.Now(), w.rules)
	w.sinks.Tell(notify.Rounding(r, events, messages, w.told))
	w.systemd.status(w.line())
	return slices.ContainsFunc(events, func(e status.Event) bool {
		return e.Kind == status.AddressFound || e.Kind == status.AddressLost || e.Kind == status.RecordChanged
	})
}

// begin tells that the rounds of this app begin, for the first time or anew.
func (w *witness) begin(a *app.App) {
	w.record(w.edited()...)
	names, schedule := len(a.Config.Names()), a.Config.Schedule.String()
	switch {
	case w.began:
		w.sinks.Tell(notify.Reloading(time.Now(), names, schedule))
	case a.Config.Schedule.Once():
		w.sinks.Tell(notify.StartingOnce("homing " + w.settings.Version))
	default:
		w.sinks.Tell(notify.Starting(time.Now(), "homing "+w.settings.Version, names, schedule))
		if !a.Config.OnStart {
			w.sinks.Tell(notify.Waiting(schedule))
		}
	}
	if !w.began {
		w.record(status.Event{At: time.Now(), Kind: status.HomingBegan, Text: "homing " + w.settings.Version})
	}
	w.began = true
	w.systemd.ready(w.line())
}

// line is the state of everything in one line, for systemd.
func (w *witness) line() string {
	if !w.systemd.there() {
		return ""
	}
	return w.board.Now().Verdict().Sentence
}

// unheard are the services that are not reached, as conditions for the page.
func (w *witness) unheard() (cs []status.Condition) {
	for _, h := range w.sinks.Health() {
		if h.Failing() {
			cs = append(cs, status.Condition{Code: status.TellingFailed, Subject: h.Sink, Text: "not delivered: " + h.Err, Hint: text.Advise("%s", h.Hint)})
		}
	}
	return cs
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

// Patience is how long the last messages may take where nobody waits for the
// end: longer than a hook, or a service that is asked twice.
const Patience = 45 * time.Second

// How long they may take otherwise.
const (
	farewell = 3 * time.Second // while somebody waits for the end, or for the next round
	lastWord = time.Second     // where cleaning up took all of stopTime
)

// headroom tells the metrics how many calls each account has left.
func headroom(metrics *web.Metrics, accounts []engine.Account) {
	for _, a := range accounts {
		if p, ok := a.Provider.(interface{ Headroom() int }); ok {
			metrics.Headroom(a.Name, p.Headroom())
		}
	}
}
