package engine

import (
	"context"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// apply has the provider carry out changes and draws the consequences: what
// was confirmed goes into the view, what was refused is left alone for a
// while, and after a lost answer the view is dropped, so that the zone is read
// before anything is written again. replan says that the zone is to be planned
// again: the view was wrong, and it is to be read first, or the zone takes less
// than was planned with. With isolate, where that was done, the RRsets that are
// refused as stale nevertheless are failures like any other.
func (z *zone) apply(ctx context.Context, changes []plan.Change, most time.Duration, isolate bool) (replan bool) {
	ctx, cancel := context.WithTimeoutCause(ctx, z.account.timeout, errUpdateTimeout)
	defer cancel()
	results := z.send(ctx, changes)
	if isolate {
		calls := isolateMost
		z.isolate(ctx, changes, results, &calls)
	}
	learnt := z.learn()
	wrong := slices.ContainsFunc(results, func(r provider.Result) bool { return isKind(r.Err, provider.Stale) })
	stale := wrong && !isolate
	var done []status.Done
	var broken *provider.Error // what the whole zone suffers from
	for i, c := range changes {
		err := outOfTime(ctx, results[i].Err)
		if stale && (isKind(err, provider.Stale) || isKind(err, provider.NotTried)) {
			continue // planned again from what is really there
		}
		if learnt && (isKind(err, provider.Rejected) || isKind(err, provider.NotTried)) {
			continue // planned again with what the zone takes
		}
		d := status.Done{Change: c, Stored: results[i].Record}
		if err != nil {
			d.Err, d.Hint = err, err.Hint
		}
		done = append(done, d)
		switch {
		case err == nil:
			delete(z.refused, c.Key())
		case err.Kind == provider.Rejected, err.Kind == provider.Stale:
			z.refuse(d)
		case err.Kind == provider.NotTried && !z.refused[c.Key()].over(time.Now()): // its RRset is what was refused
		case broken == nil || broken.Kind == provider.NotTried:
			broken = err
		}
	}
	z.done = append(z.done, done...)
	z.prior = z.prior.wrote(z.view, done)
	z.view = z.view.after(done)
	z.restrain(done)
	if wrong {
		z.drop()
	}
	if broken != nil {
		z.fail(broken, most)
		return false
	}
	return stale || learnt
}

// learn takes over what the provider has learnt of the limits of the zone.
func (z *zone) learn() bool {
	l, ok := z.account.Provider.(provider.Learner)
	if !ok {
		return false
	}
	now := l.Learnt(z.Zone)
	if now == z.Limits {
		return false
	}
	z.Limits, z.quiet = now, [4]memo[view, plan.Plan]{}
	return true
}

func (z *zone) send(ctx context.Context, changes []plan.Change) []provider.Result {
	defer z.account.enter()()
	return z.account.Provider.Apply(ctx, z.Zone, changes)
}

func isKind(err *provider.Error, k provider.Kind) bool { return err != nil && err.Kind == k }

// refuse leaves an RRset alone for a while.
func (z *zone) refuse(d status.Done) {
	if z.refused == nil {
		z.refused = make(map[dns.Key]refusal)
	}
	r := z.refused[d.Key()]
	if !r.over(time.Now()) {
		return // by another change of the same RRset
	}
	z.refused[d.Key()] = refusal{pause: r.afterRefusal(time.Now()), failed: d}
}

// relent forgets the refusals of RRsets that need no change any more.
func (z *zone) relent(p plan.Plan, looked func(dns.Key) bool) {
	needed := make(map[dns.Key]bool)
	for _, c := range p.Changes {
		needed[c.Key()] = true
	}
	for k := range z.refused {
		if looked(k) && !needed[k] {
			delete(z.refused, k)
		}
	}
}
