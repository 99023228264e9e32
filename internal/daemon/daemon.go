// Package daemon runs the parts that app makes: the loop until it is told to end
// or to read its settings anew, and beside it whoever wants to know how it goes:
// the page, the history, services that are told, and systemd.
package daemon

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/schedule"
)

// ErrFailed is the end of a daemon whose schedule has one round, which failed, and
// of one that was to delete records and left some. The log says more.
var ErrFailed = errors.New("the last round failed")

// daemon is what outlives a reload.
type daemon struct {
	settings  *app.Settings
	observers *observers
	reload    chan os.Signal
	restoreGC func()    // after the first round; see tighten
	listener  *Listener // the socket of the page, where it is one of TCP
}

// Run is build → run, again for every reload: SIGHUP, or a change of a file
// the settings were read from. A configuration that is bad at the start ends
// it; one that turns bad later is reported, and the one before stays in force.
// The listener is that of a set-up which has just been done; it may be nil.
func Run(ctx context.Context, s *app.Settings, l *Listener) error {
	d := &daemon{settings: s, observers: newObservers(s), reload: make(chan os.Signal, 1), listener: l}
	defer func() { d.listener.closeSocket() }()
	signal.Notify(d.reload, syscall.SIGHUP)
	defer signal.Stop(d.reload)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a log whose reader is gone is no end; children do not inherit it

	background, rest := context.WithCancel(context.WithoutCancel(ctx))
	defer rest()
	go d.observers.watchdog.run(background, watchdogInterval())
	return d.run(ctx)
}

func (d *daemon) run(ctx context.Context) error {
	s, err := d.startSession(ctx)
	if err != nil {
		return err
	}
	d.observers.watchdog.extend(s.maxRoundTime())
	d.restoreGC = collectOften(len(s.Config.Names()))
	for {
		next, err := s.run(ctx)
		s.CloseIdle()
		if next == nil {
			return err
		}
		next.Config.OnStart = true // the round that a reload may have cost is made up for
		s = next
	}
}

// zoneNameTimeout is more than it takes to ask for the names of many zones, with a
// pause before the next try.
const zoneNameTimeout = 10 * time.Minute

// startSession is the first session. Where it needs an answer of a DNS host which does
// not come, it is tried again until it does: a machine boots before its network,
// and systemd does not wait for ever to hear that we are there.
func (d *daemon) startSession(ctx context.Context) (*session, error) {
	for try := 1; ; try++ {
		d.observers.watchdog.extend(zoneNameTimeout)
		s, err := d.newSession(ctx)
		if _, online := errors.AsType[*provider.Error](err); !online || ctx.Err() != nil {
			return s, err
		}
		pause := schedule.Backoff(time.Second, time.Minute, try)
		d.settings.NewLog(&config.Config{Location: time.Local}).Warn("the settings cannot be completed yet", "error", err, "again", pause)
		d.observers.systemd.ready("waiting for the zone names")
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// newSession is one of the settings as they are now.
func (d *daemon) newSession(ctx context.Context) (*session, error) {
	cfg, err := d.settings.Load(ctx, config.ForRecords)
	if err != nil {
		return nil, err
	}
	read := readFileState(cfg.Files)
	a, err := d.settings.Make(cfg, config.ForRecords)
	if err != nil {
		return nil, err
	}
	return &session{App: a, daemon: d, token: d.settings.PageToken(cfg), filesRead: read, log: d.settings.NewLog(cfg)}, nil
}
