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

// apply carries out what is due. What proved stale again and again, or gave the same
// plan again, is tried set by set.
func (z *zone) apply(ctx context.Context, most time.Duration, try int) (again bool) {
	sets := z.attempt.due
	isolate := try >= staleMost || slices.EqualFunc(sets, z.attempt.before, sameSet)
	z.attempt.before = sets
	return z.applySets(ctx, sets, most, isolate)
}

// applySets has the provider carry out sets and draws the consequences: what
// was confirmed goes into the view, what was refused is left alone for a
// while, and after a lost answer the view is dropped, so that the zone is read
// before anything is written again. replan says that the zone is to be planned
// again: the view was wrong, and it is to be read first, or the zone takes less
// than was planned with. With isolate, where that was done, the RRsets that are
// refused as stale nevertheless are failures like any other.
func (z *zone) applySets(ctx context.Context, sets []plan.Set, most time.Duration, isolate bool) (replan bool) {
	ctx, cancel := context.WithTimeoutCause(ctx, z.account.timeout, errUpdateTimeout)
	defer cancel()
	results := z.send(ctx, sets)
	if isolate {
		calls := isolateMost
		z.isolate(ctx, sets, results, &calls)
	}
	learnt := z.learnLimits()
	wrong := slices.ContainsFunc(results, func(r provider.SetResult) bool { return slices.ContainsFunc(r.Errs, isStale) })
	stale := wrong && !isolate
	again := func(err *provider.Error) bool { // planned again: from what is really there, or with what the zone takes
		return stale && isUndone(err) || learnt && (isKind(err, provider.Rejected) || isKind(err, provider.NotTried))
	}
	done, broken := z.evaluateResults(ctx, sets, results, again)
	z.done = append(z.done, done...)
	z.prior = z.prior.afterWrites(z.view, done)
	z.view = z.view.after(sets, results)
	z.rememberReceipts(results)
	z.extendPauses(done)
	if wrong {
		z.invalidate()
	}
	if broken != nil {
		z.fail(broken, most)
		z.pause.until = laterOf(z.pause.until, retryAfter(results))
		return false
	}
	return stale || learnt
}

// retryAfter returns until when the host wants to be left alone, whatever else went wrong;
// zero where it does not say.
func retryAfter(results []provider.SetResult) (until time.Time) {
	for _, r := range results {
		for _, err := range r.Errs {
			if isKind(err, provider.Throttled) {
				until = laterOf(until, time.Now().Add(err.RetryAfter))
			}
		}
	}
	return until
}

// evaluateResults returns what became of each change but of those that are planned again. What
// was refused is left alone; broken is what the whole zone suffers from.
func (z *zone) evaluateResults(ctx context.Context, sets []plan.Set, results []provider.SetResult, again func(*provider.Error) bool) (done []status.Done, broken *provider.Error) {
	for i, s := range sets {
		for k, c := range s.Changes {
			err := timeoutError(ctx, results[i].Errs[k])
			if again(err) {
				continue
			}
			d := status.Done{Change: c, Needs: s.Needs}
			if err != nil {
				d.Err, d.Hint = err, z.account.qualifyHint(err.Hint)
			}
			done = append(done, d)
			switch {
			case err == nil:
				delete(z.refused, s.Key)
			case err.Kind == provider.Rejected, err.Kind == provider.Stale:
				z.recordRefusal(d, s.Needs)
			case err.Kind == provider.NotTried && !z.refused[s.Key].isOver(time.Now()): // its RRset is what was refused
			case broken == nil || broken.Kind == provider.NotTried:
				broken = err
			}
		}
	}
	return done, broken
}

// learnLimits takes over what the provider has learnt of the limits of the zone.
func (z *zone) learnLimits() bool {
	l, ok := z.account.Provider.(provider.Learner)
	if !ok {
		return false
	}
	now := l.Learnt(z.Zone)
	if now == z.Limits {
		return false
	}
	z.Limits, z.cache = now, nil
	return true
}

func (z *zone) send(ctx context.Context, sets []plan.Set) []provider.SetResult {
	defer z.account.acquireTurn()()
	return z.account.Provider.Apply(ctx, z.Zone, sets)
}

func isKind(err *provider.Error, k provider.Kind) bool { return err != nil && err.Kind == k }

// recordRefusal leaves an RRset alone for a while.
func (z *zone) recordRefusal(d status.Done, needs []plan.Origin) {
	if z.refused == nil {
		z.refused = make(map[dns.Key]refusal)
	}
	r := z.refused[d.Key()]
	if !r.isOver(time.Now()) {
		return // by another change of the same RRset
	}
	z.refused[d.Key()] = refusal{pause: r.afterRefusal(time.Now()), failed: d, needs: needs}
}

// forgetResolved forgets the refusals of RRsets that need no change any more.
func (z *zone) forgetResolved(p plan.Plan, told func(k dns.Key, needs []plan.Origin) bool) {
	needed := make(map[dns.Key]bool, len(p.Sets))
	for _, s := range p.Sets {
		needed[s.Key] = true
	}
	for k, r := range z.refused {
		if told(k, r.needs) && !needed[k] {
			delete(z.refused, k)
		}
	}
}
