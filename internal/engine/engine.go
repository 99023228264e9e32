// Package engine is the loop. Each round it
//
//	asks what addresses this place has,
//	reads what the DNS hosts hold, where that is not known,
//	lets package plan work out what must change,
//	and has the provider change it.
//
// Origins are looked at and zones are worked on side by side; an origin that
// is not known and a zone that fails are nobody else's trouble. What goes
// wrong is tried again with growing pauses. Triggers say when a round is made,
// never what it does.
package engine

import (
	"cmp"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// Account is a set of records at one DNS host.
type Account struct {
	Name     string
	Spec     plan.Spec
	Provider provider.Provider
}

// Config is what an Engine needs; all of it, unless said otherwise.
type Config struct {
	Accounts []Account
	Panels   map[plan.Origin]*detect.Detector // an origin without one is out of scope

	Schedule schedule.Schedule
	OnStart  bool           // make the first round at once
	Jitter   func() float64 // in [0,1); nil: the schedule is kept to the second

	ClockTold bool // who rings also hears of sleep and of a clock that was set; the loop itself looks seldom then

	Resync        time.Duration // how old a view may grow; 0: read once, then never again
	Confirm       bool          // ask twice before an address is published
	UpdateTimeout time.Duration // for each listing, and for the changes of a zone in a round

	Line Line // the way to the network, as this machine sees it

	Sites map[string]Site // those with names; nil: none has one

	Memory *Memory // of what homing wrote; nil: it begins with nothing

	Location *time.Location // of the times in texts for people; nil: time.Local

	Log   *slog.Logger
	Quiet bool               // a round in which nothing happened leaves no line
	Words text.Words         // how settings are called in advice; nil: as homing.yaml does
	Done  func(status.Round) // called after each round, before the next; may be nil
}

// Engine keeps the records of its accounts true. One round runs at a time.
type Engine struct {
	cfg      Config
	origins  map[plan.Origin]*origin
	firsts   map[plan.Origin]*failoverGroup
	shares   bool // something says the addresses of several sites at a time
	accounts []*account
	kept     map[dns.Key]bool // RRsets at which others are to stay

	trigger chan struct{} // holds the one round that may be waiting
	bells   bells
	retired chan struct{} // closed when no further round is wanted
	invalid atomic.Bool   // the views are to be dropped before the next round

	following sync.WaitGroup // of those who wait until the world sees a change

	rounds   int
	blind    int             // rounds in a row that learnt no address at all
	standing status.Standing // after the latest round
}

// New makes an Engine. It starts nothing.
func New(cfg Config) *Engine {
	e := &Engine{
		cfg:     cfg,
		origins: make(map[plan.Origin]*origin),
		kept:    make(map[dns.Key]bool),
		trigger: make(chan struct{}, 1),
		retired: make(chan struct{}),
		bells:   bells{again: make(chan struct{})},
	}
	for o, p := range cfg.Panels {
		e.origins[o] = &origin{Origin: o, panel: p, confirm: e.site(o.Site).Confirm, place: cmp.Or(cfg.Location, time.Local)}
	}
	e.firsts = newFailoverGroups(cfg.Accounts, e.origins)
	if e.cfg.Memory == nil {
		e.cfg.Memory = new(Memory)
	}
	for _, a := range cfg.Accounts {
		e.accounts = append(e.accounts, newAccount(a, cfg.UpdateTimeout))
		e.shares = e.shares || a.Spec.HasSharedTargets()
		for _, k := range a.Spec.KeysKeepingOthers() {
			e.kept[k] = true
		}
	}
	return e
}

// Trigger asks for a round now. It never blocks: while a round runs at most
// one more waits, whatever number was asked for.
func (e *Engine) Trigger() {
	select {
	case e.trigger <- struct{}{}:
	default:
	}
}

// Invalidate makes the next round read everything again and try at once what
// is waiting after a failure.
func (e *Engine) Invalidate() { e.invalid.Store(true) }

// Retire lets Run end once the round under way, if there is one, is done. It
// is called once.
func (e *Engine) Retire() { close(e.retired) }
