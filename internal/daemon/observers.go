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

// observers sees every round and hands it to whoever wants to know: the page and
// the metrics, the history, people, services that watch, and systemd. It
// outlives reloads, so that what it has seen does. None of it decides anything.
type observers struct {
	settings *app.Settings
	board    *status.Board
	metrics  *web.Metrics
	systemd  systemdNotifier
	watchdog watchdog

	accounts []engine.Account // of the present app
	memory   engine.Memory    // of what homing wrote

	log        *slog.Logger
	dispatcher *notify.Dispatcher
	rules      notify.Rules
	notified   notify.State
	failed     bool // the latest round did, or the cleaning up after it
	started    bool

	view struct { // the settings, for the page
		sync.Mutex
		active, refused []web.Setting
		condition       []status.Condition // that newer settings are refused, if they are
	}

	sessions *web.Sessions // of the page, once it is served

	edits struct { // of settings, that are not yet in the history
		sync.Mutex
		events []status.Event
	}

	history       *status.History // nil: there is none
	folderProblem string          // why the state folder is not used
	writeProblem  string          // why the history could not be written last
}

func newObservers(s *app.Settings) *observers {
	board := status.NewBoard()
	return &observers{settings: s, board: board, metrics: web.NewMetrics(board, s.Version)}
}

// watch makes the observers follow this app's rounds. A history or sink that
// cannot be opened is logged; the rest continues.
func (o *observers) watch(a *app.App, log *slog.Logger, oneShot bool) {
	o.log, o.rules = log, notify.Rules{OneShot: oneShot, NeedsPerson: func(c status.Condition) bool { return c.Refused }}
	var wanted []status.Wanted
	for _, account := range a.Config.Accounts {
		wanted = append(wanted, status.Wanted{Account: account.Name, Spec: account.Spec})
	}
	o.board.Want(wanted)
	o.board.Note(status.SettingsRefused)
	a.CountCalls(o.metrics.Call)
	o.accounts = a.Accounts
	sinks, _ := a.Sinks(log, false)
	o.dispatcher = notify.NewDispatcher(sinks, o.deliveryDone)
	foreign := text.ErrorIn(status.Foreign(a.Folder, false), a.Words())
	if foreign != nil && o.folderProblem != foreign.Error() {
		o.folderProblem = foreign.Error()
		log.Warn(o.folderProblem)
	}
	if o.history == nil && foreign == nil {
		o.openHistory(a.Folder, a.Words())
		a.Remind(o.history, log)
	}
	a.Recall(&o.memory, o.history, log)
}

// setSettingsView keeps what the page shows of the settings: those in force, and what is
// wrong with newer ones.
func (o *observers) setSettingsView(inForce, refused []web.Setting) {
	o.view.Lock()
	defer o.view.Unlock()
	o.view.active, o.view.refused, o.view.condition = inForce, refused, nil
}

// reportRefused tells what is wrong with newer settings, and keeps it until they are
// read again.
func (o *observers) reportRefused(err error) {
	rows := problemRows(err)
	condition := []status.Condition{settingsRefused(rows)}
	o.view.Lock()
	known := slices.Equal(o.view.refused, rows)
	o.view.refused, o.view.condition = rows, condition
	o.view.Unlock()
	o.board.Note(status.SettingsRefused, condition...)
	if !known {
		o.dispatcher.Send(notify.SettingsRefusedEvent(time.Now(), problemLines(rows)))
	}
}

// refusedCondition is the condition that newer settings are refused; none where they are
// not.
func (o *observers) refusedCondition() []status.Condition {
	o.view.Lock()
	defer o.view.Unlock()
	return o.view.condition
}

func (o *observers) settingsView() []web.Setting {
	o.view.Lock()
	defer o.view.Unlock()
	return slices.Concat(o.view.refused, o.view.active)
}

// roundDone is called after each round, before the next; it reports whether the
// round found anything that was another before.
func (o *observers) roundDone(r status.Round, eng *engine.Engine) (changed bool) {
	shown := r
	shown.Conditions = slices.Concat(r.Conditions, o.failedSinks(), o.refusedCondition())
	events := o.board.Done(shown, eng.Held())
	o.metrics.Round(shown, events)
	o.recordEvents(append(o.takeEdits(), events...)...)
	reportRemainingCalls(o.metrics, o.accounts)
	o.failed = r.Outcome() == status.Failed
	var messages []notify.Message
	messages, o.notified = notify.Decide(o.notified, r, events, time.Now(), o.rules)
	o.dispatcher.Send(notify.RoundEvent(r, events, messages, o.notified))
	o.systemd.status(o.statusLine())
	return slices.ContainsFunc(events, func(e status.Event) bool {
		return e.Kind == status.AddressFound || e.Kind == status.AddressLost || e.Kind == status.RecordChanged
	})
}

// announceStart tells that the rounds of this app begin, for the first time or anew.
func (o *observers) announceStart(a *app.App) {
	o.recordEvents(o.takeEdits()...)
	names, schedule := len(a.Config.Names()), a.Config.Schedule.String()
	switch {
	case o.started:
		o.dispatcher.Send(notify.ReloadedEvent(time.Now(), names, schedule))
	case a.Config.Schedule.Once():
		o.dispatcher.Send(notify.StartedOnceEvent("homing " + o.settings.Version))
	default:
		o.dispatcher.Send(notify.StartedEvent(time.Now(), "homing "+o.settings.Version, names, schedule))
		if !a.Config.OnStart {
			o.dispatcher.Send(notify.WaitingEvent(schedule))
		}
	}
	if !o.started {
		o.recordEvents(status.Event{At: time.Now(), Kind: status.HomingBegan, Text: "homing " + o.settings.Version})
	}
	o.started = true
	o.systemd.ready(o.statusLine())
}

// statusLine is the state of everything in one line, for systemd.
func (o *observers) statusLine() string {
	if !o.systemd.enabled() {
		return ""
	}
	return o.board.Now().Verdict().Sentence
}

// failedSinks are the services that are not reached, as conditions for the page.
func (o *observers) failedSinks() (cs []status.Condition) {
	for _, h := range o.dispatcher.Health() {
		if h.Failing() {
			cs = append(cs, status.Condition{Code: status.TellingFailed, Subject: h.Sink, Text: "not delivered: " + h.Err, Hint: text.Advise("%s", h.Hint)})
		}
	}
	return cs
}

// deliveryDone counts a message, and says that a service is not reached any more,
// or is again.
func (o *observers) deliveryDone(h notify.Health, turned bool) {
	o.metrics.Notification(h.Sink, !h.Failing())
	switch {
	case turned && h.Failing():
		o.log.Warn(h.Describe())
	case turned:
		o.log.Info(h.Sink + " receives messages again")
	}
}

// flush has the services told the rest, for at most this long or until ctx is
// done.
func (o *observers) flush(ctx context.Context, moment time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, moment)
	defer cancel()
	o.dispatcher.Close(ctx)
}

// FlushTimeout is how long the last messages may take where nobody waits for the
// end: longer than a hook, or a service that is asked twice.
const FlushTimeout = 45 * time.Second

// How long they may take otherwise.
const (
	flushTimeoutStopping = 3 * time.Second // while somebody waits for the end, or for the next round
	minFlushTime         = time.Second     // where cleaning up took all of stopTime
)

// reportRemainingCalls tells the metrics how many calls each account has left.
func reportRemainingCalls(metrics *web.Metrics, accounts []engine.Account) {
	for _, a := range accounts {
		if p, ok := a.Provider.(interface{ Headroom() int }); ok {
			metrics.Headroom(a.Name, p.Headroom())
		}
	}
}
