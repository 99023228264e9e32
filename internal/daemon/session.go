package daemon

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// session is the parts of one configuration, as long as it is in force.
type session struct {
	*app.App
	daemon    *daemon
	token     app.PageToken // what guards the page
	filesRead fileState     // the files of the configuration, just after they were read
	log       *slog.Logger
	engine    *engine.Engine
	ringer    *changeListener
	lastRound status.Round

	next     *session  // of newer settings, which takes over
	deadline time.Time // of the end, once that is wished for
}

// run keeps the loop going until ctx is done, the schedule ends, or a good new
// configuration is there, whose session it returns.
func (s *session) run(ctx context.Context) (next *session, err error) {
	w := s.daemon.observers
	s.log.Info("homing "+s.daemon.settings.Version+" started", "names", len(s.Config.Names()), "schedule", s.Config.Schedule.String())
	s.Notice(s.log)
	w.watch(s.App, s.log, s.Config.Schedule.Once())
	w.setSettingsView(activeSettings(s.daemon.settings), nil)
	w.announceStart(s.App)
	s.engine = s.Engine(s.log, s.roundDone)
	s.ringer = newChangeListener(s.engine.Ring, s.log)

	loop, stop := context.WithCancel(ctx)
	defer stop()
	served := s.serve(loop)
	s.runEngine(loop)
	if s.next != nil && loop.Err() == nil {
		stop()
		<-served
		w.flush(context.WithoutCancel(ctx), flushTimeoutStopping)
		return s.next, nil
	}
	if loop.Err() != nil && s.deadline.IsZero() {
		s.beginShutdown() // the loop ended at the same moment
	}
	err = s.shutdown(loop)
	stop()
	<-served
	s.daemon.listener.closeSocket() // nobody takes over: who comes now is not left waiting
	s.flushNotifications(ctx)
	s.log.Info("homing stops")
	return nil, err
}

// runEngine runs the loop until it ends, and does meanwhile what is wished for.
func (s *session) runEngine(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.engine.Run(ctx)
	}()
	defer s.listenForChanges(ctx)()
	reload, edited, stopping := s.daemon.reload, s.watchFiles(ctx), ctx.Done()
	for {
		select {
		case <-reload:
			s.reload(ctx)
		case <-edited:
			s.reload(ctx)
		case <-stopping:
			stopping = nil
			s.beginShutdown()
		case <-ended:
			return
		}
		if s.next != nil {
			reload, edited = nil, nil // what comes now is for the session that comes next
		}
	}
}

// beginShutdown says that the end is wished for, and until when it has to come.
func (s *session) beginShutdown() {
	s.deadline = time.Now().Add(shutdownTimeout)
	s.daemon.observers.systemd.stopping("stopping")
}

// flushNotifications has the services told the rest: within what is left of the time where
// somebody waits for the end.
func (s *session) flushNotifications(ctx context.Context) {
	if s.deadline.IsZero() {
		s.daemon.observers.flush(ctx, FlushTimeout)
		return
	}
	s.daemon.observers.flush(context.WithoutCancel(ctx), min(flushTimeoutStopping, max(0, time.Until(s.deadline))+minFlushTime))
}

// roundDone is called after each round, before the next.
func (s *session) roundDone(r status.Round) {
	s.lastRound = r
	s.ringer.roundDone(s.daemon.observers.roundDone(r, s.engine))
	s.daemon.observers.watchdog.extend(time.Until(r.Next) + s.maxRoundTime())
	s.releaseResources()
	if told := s.daemon.settings.Round; told != nil {
		told(r, s.refresh)
	}
}

// refresh asks for a round at once in which everything is read again.
func (s *session) refresh() {
	s.engine.Invalidate()
	s.engine.Trigger()
}

// listenForChanges has rounds made because of what is heard, until the function it
// returns is called. What cannot be heard here, doctor says.
func (s *session) listenForChanges(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var listening sync.WaitGroup
	if watchers := s.Watchers(); len(watchers) > 0 && !s.Config.Schedule.Once() {
		listening.Go(func() { s.ringer.run(ctx) })
		for _, w := range watchers {
			listening.Go(func() {
				if err := w.Watch(ctx, func(what string) { s.ringer.signal(w.By, what) }); err != nil {
					s.log.Debug("cannot listen for address changes; homing checks on schedule only", "from", w.By, "error", err)
				}
			})
		}
	}
	return func() { cancel(); listening.Wait() }
}

// resolveHint is advice in the words of these settings.
func (s *session) resolveHint(advice text.Hint) string { return advice.In(s.Words()) }

// maxRoundTime is more than a round takes that still makes progress: its looks, its
// readings and its writes all use up their time.
func (s *session) maxRoundTime() time.Duration {
	return 2*s.Config.LongestLook() + 4*s.Config.UpdateTimeout + time.Minute
}

// releaseResources makes the daemon small between rounds: connections are closed and memory
// is given back. A connection that died with an old address would also hold up
// the very write that brings the new one, and a fresh one shows the way that
// connections take now.
func (s *session) releaseResources() {
	s.CloseIdle()
	reapOrphans()
	s.daemon.restoreGC()
	debug.FreeOSMemory()
}
