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
	daemon *daemon
	page   app.PageToken // what guards the page
	read   sight         // the files of the configuration, just after they were read
	log    *slog.Logger
	engine *engine.Engine
	ringer *ringer
	last   status.Round

	next     *session  // of newer settings, which takes over
	deadline time.Time // of the end, once that is wished for
}

// run keeps the loop going until ctx is done, the schedule ends, or a good new
// configuration is there, whose session it returns.
func (s *session) run(ctx context.Context) (next *session, err error) {
	w := s.daemon.witness
	s.log.Info("homing "+s.daemon.settings.Version+" started", "names", len(s.Config.Names()), "schedule", s.Config.Schedule.String())
	s.Notice(s.log)
	w.attend(s.App, s.log, s.Config.Schedule.Once())
	w.show(inForce(s.daemon.settings), nil)
	w.begin(s.App)
	s.engine = s.Engine(s.log, s.done)
	s.ringer = newRinger(s.engine.Ring, s.log)

	loop, stop := context.WithCancel(ctx)
	defer stop()
	served := s.serve(loop)
	s.follow(loop)
	if s.next != nil && loop.Err() == nil {
		stop()
		<-served
		w.leave(context.WithoutCancel(ctx), farewell)
		return s.next, nil
	}
	if loop.Err() != nil && s.deadline.IsZero() {
		s.halt() // the loop ended at the same moment
	}
	err = s.end(loop)
	stop()
	<-served
	s.daemon.heir.end() // nobody takes over: who comes now is not left waiting
	s.leave(ctx)
	s.log.Info("homing stops")
	return nil, err
}

// follow runs the loop until it ends, and does meanwhile what is wished for.
func (s *session) follow(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.engine.Run(ctx)
	}()
	defer s.listenForBells(ctx)()
	reload, edited, stopping := s.daemon.reload, s.watch(ctx), ctx.Done()
	for {
		select {
		case <-reload:
			s.renew(ctx)
		case <-edited:
			s.renew(ctx)
		case <-stopping:
			stopping = nil
			s.halt()
		case <-ended:
			return
		}
		if s.next != nil {
			reload, edited = nil, nil // what comes now is for the session that comes next
		}
	}
}

// halt says that the end is wished for, and until when it has to come.
func (s *session) halt() {
	s.deadline = time.Now().Add(stopTime)
	s.daemon.witness.systemd.stopping("stopping")
}

// leave has the services told the rest: within what is left of the time where
// somebody waits for the end.
func (s *session) leave(ctx context.Context) {
	if s.deadline.IsZero() {
		s.daemon.witness.leave(ctx, Patience)
		return
	}
	s.daemon.witness.leave(context.WithoutCancel(ctx), min(farewell, max(0, time.Until(s.deadline))+lastWord))
}

// done is called after each round, before the next.
func (s *session) done(r status.Round) {
	s.last = r
	s.ringer.looked(s.daemon.witness.round(r, s.engine))
	s.daemon.witness.alive.within(time.Until(r.Next) + s.longest())
	s.rest()
	if told := s.daemon.settings.Round; told != nil {
		told(r, s.lookAgain)
	}
}

// lookAgain asks for a round at once in which everything is read again.
func (s *session) lookAgain() {
	s.engine.Invalidate()
	s.engine.Trigger()
}

// listenForBells has rounds made because of what is heard, until the function it
// returns is called. What cannot be heard here, doctor says.
func (s *session) listenForBells(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var listening sync.WaitGroup
	if watchers := s.Watchers(); len(watchers) > 0 && !s.Config.Schedule.Once() {
		listening.Go(func() { s.ringer.run(ctx) })
		for _, w := range watchers {
			listening.Go(func() {
				if err := w.Watch(ctx, func(what string) { s.ringer.hear(w.By, what) }); err != nil {
					s.log.Debug("changes of the address are not heard of; they are looked for", "from", w.By, "error", err)
				}
			})
		}
	}
	return func() { cancel(); listening.Wait() }
}

// say is advice in the words of these settings.
func (s *session) say(advice text.Hint) string { return advice.In(s.Words()) }

// longest is more than a round takes that still makes progress: its looks, its
// readings and its writes all use up their time.
func (s *session) longest() time.Duration {
	return 2*s.Config.LongestLook() + 4*s.Config.UpdateTimeout + time.Minute
}

// rest makes the daemon small between rounds: connections are closed and memory
// is given back. A connection that died with an old address would also hold up
// the very write that brings the new one, and a fresh one shows the way that
// connections take now.
func (s *session) rest() {
	s.CloseIdle()
	buryOrphans()
	s.daemon.loosen()
	debug.FreeOSMemory()
}
