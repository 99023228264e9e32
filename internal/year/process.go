package year

import (
	"context"
	"log/slog"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/dyndns2"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
)

// process is one homing that runs.
type process struct {
	engine *engine.Engine
	memory *engine.Memory
	stop   context.CancelFunc
	ended  chan struct{}
	dead   chan struct{} // closed when it was killed
	close  func()

	standing status.Standing
	history  *status.History
	updates  *dyndns2.Memory // of what such a service said

	confirmed map[dns.Key]status.Confirmed // to the process before it, lately
}

// killed says whether it exists no more.
func (p *process) killed() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

// start begins a process that knows what the history says.
func (w *world) start() {
	p := &process{memory: new(engine.Memory), updates: new(dyndns2.Memory)}
	var err error
	if p.history, _, err = status.OpenHistory(w.folder, time.Now()); err == nil {
		if known, err := p.history.Memory(w.settings.keys()); err == nil {
			p.memory.Recall(known)
		}
		p.confirmed, _ = p.history.Confirmed(time.Now().Add(w.shift), w.settings.keys())
	}
	w.run(p)
}

// run lets a process have the settings as they are now.
func (w *world) run(p *process) {
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.ended, p.dead = stop, make(chan struct{}), make(chan struct{})
	at, err := schedule.Parse("@every 5m", time.UTC)
	must(err)
	host, dial, closed := w.host.connect(p)
	p.close = closed
	if r, ok := host.(provider.Recaller); ok {
		for _, c := range p.confirmed {
			r.Recall(c.Change, c.At.Add(-w.shift))
		}
	}
	panels := make(map[plan.Origin]*detect.Detector)
	for _, at := range w.places {
		panels[at.of] = at.panel(dial)
	}
	p.engine = engine.New(engine.Config{
		Accounts: []engine.Account{{Spec: w.settings.spec(), Provider: host}},
		Panels:   panels, Schedule: at, OnStart: true, Resync: resync, Confirm: true, UpdateTimeout: 30 * time.Second,
		Sites:  w.sites(),
		Memory: p.memory, Location: time.UTC, Log: slog.New(slog.DiscardHandler),
		Done: func(r status.Round) {
			for _, panel := range panels {
				panel.CloseIdle()
			}
			w.done(p, r)
		},
	})
	w.locked(func() {
		w.process, w.round, w.silent, w.quota.pause = p, round{}, false, map[string]pause{}
		w.clear = time.Now()
	})
	go func() {
		defer close(p.ended)
		p.engine.Run(ctx)
	}()
	synctest.Wait() // whatever comes next comes after its first steps
}

// remember writes what happened in a round into the history, as the daemon does.
func (p *process) remember(r status.Round, shift time.Duration) {
	var events []status.Event
	r.Started = r.Started.Add(shift)
	events, p.standing = status.Since(p.standing, r)
	if p.history != nil && len(events) > 0 {
		_ = p.history.Add(time.Now().Add(shift), events...) // on a full disk homing goes on without it
	}
}

// stop ends the process as a service manager does.
func (w *world) stop() {
	synctest.Wait() // what happens at this moment happened before
	p := w.process
	p.stop()
	<-p.ended
	p.close()
}

// kill ends it in the midst of whatever it does.
func (w *world) kill() {
	synctest.Wait() // what happens at this moment happened before
	p := w.process
	w.locked(func() { close(p.dead) })
	p.close() // what it was about to hear is heard by nobody
	p.stop()
	<-p.ended
}

// reload has the settings take over as they are after an edit.
func (w *world) reload(edit func()) {
	synctest.Wait() // what happens at this moment happened before
	old := w.process
	old.engine.Retire()
	<-old.ended
	old.stop()
	old.close()
	w.locked(edit)
	w.run(&process{memory: old.memory, standing: old.standing, history: old.history, updates: old.updates})
}
