package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
)

func runCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Keep the records true (what homing does without a command)",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return daemon(c.Context(), env) },
	}
}

// daemon is build → run, again for every reload: SIGHUP, or a change of a file
// the settings were read from. A configuration that is bad at the start ends
// it; one that turns bad later is reported, and the one before stays in force.
func daemon(ctx context.Context, env Env) error {
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a log whose reader is gone is no end; children do not inherit it

	w := newWitness()
	background, rest := context.WithCancel(context.WithoutCancel(ctx))
	defer rest()
	go w.alive.watch(background, watchdogInterval())
	a, err := start(ctx, env, w)
	if err != nil {
		return err
	}
	w.alive.within(a.longest())
	for {
		next, err := a.run(ctx, env, w, reload)
		a.CloseIdle()
		if next == nil {
			return err
		}
		next.Config.OnStart = true // the round that a reload may have cost is made up for
		a = next
	}
}

// askingTakes is more than it takes to ask for the names of many zones, with a
// pause before the next try.
const askingTakes = 10 * time.Minute

// start builds the app. Where that needs an answer of a DNS host which does
// not come, it is tried again until it does: a machine boots before its network,
// and systemd does not wait for ever to hear that we are there.
func start(ctx context.Context, env Env, w *witness) (*session, error) {
	for try := 1; ; try++ {
		w.alive.within(askingTakes)
		a, err := build(ctx, env, config.ForRecords)
		if _, online := errors.AsType[*provider.Error](err); !online || ctx.Err() != nil {
			return a, err
		}
		pause := schedule.Backoff(time.Second, time.Minute, try)
		env.settings.NewLog(&config.Config{Location: time.Local}).Warn("the settings cannot be completed yet", "error", err, "again", pause)
		w.systemd.ready("waits for the names of zones")
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// run keeps the loop going until ctx is done, the schedule ends, or a good new
// configuration is there, which it returns.
func (a *session) run(ctx context.Context, env Env, w *witness, reload <-chan os.Signal) (next *session, err error) {
	log := env.settings.NewLog(a.Config)
	log.Info("homing "+version()+" keeps these pointing home", "names", len(a.Config.Names()), "schedule", a.Config.Schedule.String())
	a.notice(log)
	w.attend(env, a, log, a.Config.Schedule.Once())
	w.begin(a)

	var last status.Round
	var eng *engine.Engine
	eng = a.Engine(log, func(r status.Round) {
		last = r
		w.round(r, eng)
		w.alive.within(time.Until(r.Next) + a.longest())
		a.rest(r)
	})
	signals := ctx
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := a.serve(ctx, env, log, w, eng)
	edited := a.watch(ctx, env, eng)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		eng.Run(ctx)
	}()
	renew := func() {
		w.systemd.reloading()
		if next = a.rebuilt(ctx, env, w, log); next != nil {
			reload, edited = nil, nil // what comes now is for the app that comes next
			eng.Retire()
		} else {
			w.systemd.ready(w.line())
		}
	}
	var deadline time.Time // of the end, once that is wished for
	stopping := ctx.Done()
	halt := func() {
		stopping, deadline = nil, time.Now().Add(stopTime)
		w.systemd.stopping("stopping")
	}
	for {
		select {
		case <-reload:
			renew()
		case <-edited:
			renew()
		case <-stopping:
			halt()
		case <-ended:
			if next != nil && ctx.Err() == nil {
				stop()
				<-served
				w.leave(context.WithoutCancel(ctx), farewell)
				return next, nil
			}
			if stopping != nil && ctx.Err() != nil {
				halt() // both came at once
			}
			code := w.end(ctx, a, log, eng, deadline, last)
			stop()
			<-served
			if deadline.IsZero() {
				w.leave(signals, patience)
			} else {
				w.leave(context.WithoutCancel(ctx), min(farewell, max(0, time.Until(deadline))+lastWord))
			}
			log.Info("homing stops")
			return nil, code
		}
	}
}

// longest is more than a round takes that still makes progress: its looks, its
// readings and its writes all use up their time.
func (a *session) longest() time.Duration {
	return 2*a.Config.DetectionTimeout + 4*a.Config.UpdateTimeout + time.Minute
}

// watch starts a round when a file of addresses changes, and tells when one the
// settings were read from does, or that of the page's token.
func (a *session) watch(ctx context.Context, env Env, eng *engine.Engine) (edited <-chan struct{}) {
	changed := make(chan struct{}, 1)
	if files := a.files(); len(files) > 0 {
		watch(ctx, look(files), 0, eng.Trigger)
	}
	tell := func() {
		select {
		case changed <- struct{}{}:
		default: // it is known already
		}
	}
	if len(a.read.files) > 0 {
		watch(ctx, a.read, settingsRest, tell)
	}
	if token := a.watchedToken(env); token != "" {
		watch(ctx, look([]string{token}), settingsRest, tell)
	}
	return changed
}

// files are those whose addresses are published.
func (a *session) files() []string {
	var files []string
	for _, d := range a.Config.Detect {
		for _, s := range d.Sources {
			if s.Word == "file" {
				files = append(files, s.Arg)
			}
		}
	}
	return files
}

// rebuilt is the app of the configuration as it is now; nil when that is bad.
func (a *session) rebuilt(ctx context.Context, env Env, w *witness, log *slog.Logger) (next *session) {
	err := env.settings.Again()
	if err == nil {
		next, err = build(ctx, env, config.ForRecords)
	}
	if err != nil {
		log.Error("the new configuration is bad and the old one stays in force", "error", err)
		w.refuse(err)
		return nil
	}
	log.Info("the settings were read again")
	for _, n := range a.Config.Names() {
		if !slices.Contains(next.Config.Names(), n) {
			log.Info(n.Describe() + " is no longer in the settings; its records stay as they are")
		}
	}
	return next
}

// notice says what a person may have set without meaning it.
func (a *session) notice(log *slog.Logger) {
	for _, n := range a.Notices() {
		log.Warn(n)
	}
}

// rest makes the daemon small between rounds: connections are closed and memory
// is given back. A connection that died with an old address would also hold up
// the very write that brings the new one, and a fresh one shows the way that
// connections take now.
func (a *session) rest(status.Round) {
	a.CloseIdle()
	buryOrphans()
	debug.FreeOSMemory()
}
