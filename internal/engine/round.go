package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// mode is what a round is made for.
type mode uint8

const (
	looping     mode = iota // others follow
	single                  // it is the only one
	dry                     // it is the only one, and stops before anything is changed
	clearing                // it deletes what is ours
	dryClearing             // it would, and stops before
)

func (m mode) dry() bool    { return m == dry || m == dryClearing }
func (m mode) clears() bool { return m == clearing || m == dryClearing }

// round makes one pass over everything: it observes the origins and, beside that, reads,
// plans and applies (keep), and learns from what came of it.
func (e *Engine) round(ctx context.Context, m mode) status.Round {
	started, calls := time.Now(), e.callCount()
	interval := e.cfg.Schedule.Interval(started)
	e.prepare(m, started, started.Add(interval))

	var wg sync.WaitGroup
	looks := e.observe(ctx, m, &wg)
	firsts := e.chooseSites(ctx, m, started, looks, &wg)
	all := mergeLooks(looks, firsts)
	for _, a := range e.accounts {
		wg.Go(func() { a.keep(ctx, task{looks: all, dry: m.dry(), last: m != looping, most: maxBackoff(interval)}) })
	}
	wg.Wait()
	e.reconsider(looks, firsts)

	e.rounds++
	r := status.Round{Number: e.rounds, Started: started, Dry: m.dry(), Seen: plan.Seen{}}
	if !m.clears() {
		e.rememberChoices(started, firsts)
		r.Seen, r.Firsts = looks.seen(), chosenSites(firsts)
	}
	for _, k := range e.resources() {
		k.report(&r)
	}
	attributeToSites(r, firsts)
	r.Calls = e.callCount() - calls
	if !r.Dry {
		e.cfg.Memory.learn(all, r, e.kept, e.shares)
	}
	e.addConditions(ctx, m, &r, looks, firsts)
	r.Took = time.Since(started)
	if m == looping && ctx.Err() == nil {
		r.Next = e.nextRoundAt(started, all, maxBackoff(interval))
	}
	e.announce(r)
	return r
}

// addConditions adds what a person should know of the round.
func (e *Engine) addConditions(ctx context.Context, m mode, r *status.Round, looks lookSet, firsts map[plan.Origin]*failoverChoice) {
	absent := e.absentFamilies(ctx, looks)
	for _, o := range absent {
		delete(r.Seen, o)
	}
	r.Conditions = e.collectConditions(ctx, *r, looks, firsts, absent)
	if m == clearing {
		r.Conditions = append(r.Conditions, leftoverConditions(ctx, *r)...)
	}
	e.resolveHints(r)
}

// resources returns those of all accounts.
func (e *Engine) resources() (all []resource) {
	for _, a := range e.accounts {
		all = append(all, a.resources()...)
	}
	return all
}

// prepare drops what the round is not to go by.
func (e *Engine) prepare(m mode, now, next time.Time) {
	if e.invalid.Swap(false) {
		e.forget()
	}
	resync := e.cfg.Resync
	if m.clears() {
		e.retryAll()
		resync = 0 // everything is read anyway, and nobody has to move
	}
	for _, a := range e.accounts {
		a.prepare(now, next, resync, e.cfg.Memory.current())
	}
}

// observe starts to look at every origin in scope. Confirmation is asked for only
// when something would be written; while a view still has to be read that
// cannot be told, so the second look goes beside the reading.
func (e *Engine) observe(ctx context.Context, m mode, wg *sync.WaitGroup) lookSet {
	if m.clears() {
		return e.noAddresses()
	}
	ready := true
	var would []wouldChange
	for _, a := range e.accounts {
		more, ok := a.wouldChange()
		would, ready = append(would, more...), ready && ok
	}
	stays := e.cfg.Memory.current().Last
	looks := make(lookSet, len(e.origins))
	for of, at := range e.origins {
		s := newPendingLook()
		looks[of] = s
		wg.Go(func() {
			s.settle(at.look(ctx, &e.bells, stays[of], m != looping, func(o addr.Observation) bool {
				return !ready || slices.ContainsFunc(would, func(changes wouldChange) bool { return changes(of, o) })
			}))
			if !s.seen.Certain() {
				s.line = e.site(of.Site).Line.Notes(ctx, of, s.seen)
			}
		})
	}
	return looks
}

// reconsider takes back what was believed and could not be confirmed.
func (e *Engine) reconsider(looks lookSet, firsts map[plan.Origin]*failoverChoice) {
	for of, s := range looks {
		if at := e.origins[of]; at != nil {
			at.reconsider(&s.lookResult)
		}
	}
	for _, c := range firsts {
		if r := c.recheck; r != nil && r.fails {
			c.seen, c.publishable = looks[c.among[c.at]].seen, false
		}
	}
}

// nextRoundAt returns when the round after this one is due: as scheduled, or when
// something that failed is to be tried again, but never at once.
func (e *Engine) nextRoundAt(started time.Time, looks lookSet, most time.Duration) time.Time {
	next, soonest := e.scheduled(started), time.Now().Add(zoneFirst)
	retry := func(at time.Time) {
		if at = laterOf(at, soonest); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	if e.cfg.Schedule.Once() {
		return time.Time{}
	}
	blind := len(looks) > 0
	for _, s := range looks {
		blind = blind && !s.seen.Known() && s.retry.IsZero()
		if !s.retry.IsZero() {
			retry(s.retry)
		}
	}
	for _, a := range e.accounts {
		for _, at := range a.retries() {
			retry(at)
		}
	}
	if e.blind++; !blind {
		e.blind = 0
	} else {
		retry(time.Now().Add(backoff(time.Second, most, e.blind)))
	}
	if !next.IsZero() && next.Before(time.Now()) { // the round took longer than the schedule has it
		return soonest
	}
	return next
}

// forget drops what the engine believes of the DNS hosts, and every pause.
func (e *Engine) forget() {
	e.blind = 0
	for _, o := range e.origins {
		o.doubts = 0
	}
	for _, a := range e.accounts {
		a.forget()
	}
}

// callCount returns how many calls were made to DNS hosts since the start.
func (e *Engine) callCount() int64 {
	var n int64
	for _, a := range e.accounts {
		if m, ok := a.Provider.(provider.Meter); ok {
			n += m.Calls()
		}
	}
	return n
}
