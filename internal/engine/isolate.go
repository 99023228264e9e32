package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// isolateMost is how many calls one round spends on finding the RRsets that a
// zone refuses as stale: enough for several among thousands.
const isolateMost = 32

var errIsolating = errors.New("no calls left to find out which change is refused")

// isolate sends what of these sets was refused as stale, or not tried because of
// that, in halves, until it is clear which of them it is. What comes of that
// takes the place of their results. A host that wants to be left alone gets no
// further call.
func (z *zone) isolate(ctx context.Context, sets []plan.Set, results []provider.SetResult, calls *int) {
	if !retryAfter(results).IsZero() {
		*calls = 0
		return
	}
	open := unresolvedResults(results)
	all := make([]plan.Set, len(open))
	for k, i := range open {
		all[k] = remainderOf(sets[i], results[i])
	}
	first := plan.HalfLen(all)
	if first == len(open) {
		return
	}
	for _, half := range [][]int{open[:first], open[first:]} {
		part := make([]plan.Set, len(half))
		for k, i := range half {
			part[k] = remainderOf(sets[i], results[i])
		}
		for k, got := range z.sendPart(ctx, part, calls) {
			results[half[k]] = mergeResults(results[half[k]], got)
		}
	}
}

// sendPart sends a part of what was refused, and isolates further, while there
// are calls left for it.
func (z *zone) sendPart(ctx context.Context, part []plan.Set, calls *int) []provider.SetResult {
	if *calls == 0 || ctx.Err() != nil {
		why := &provider.Error{Kind: provider.NotTried, Err: cmp.Or(context.Cause(ctx), errIsolating)}
		results := make([]provider.SetResult, len(part))
		for i, s := range part {
			results[i] = provider.FailedSet(&s, why)
		}
		return results
	}
	*calls--
	results := z.send(ctx, part)
	z.isolate(ctx, part, results, calls)
	return results
}

// unresolvedResults returns the places of the sets of which anything was refused as stale, and
// where there are any also of those of which anything was not tried.
func unresolvedResults(results []provider.SetResult) (places []int) {
	stale := false
	for i, r := range results {
		if slices.ContainsFunc(r.Errs, isUndone) {
			places = append(places, i)
		}
		stale = stale || slices.ContainsFunc(r.Errs, isStale)
	}
	if !stale {
		return nil
	}
	return places
}

func isStale(err *provider.Error) bool { return isKind(err, provider.Stale) }

// isUndone reports whether a change may be sent once more as it is.
func isUndone(err *provider.Error) bool { return isStale(err) || isKind(err, provider.NotTried) }

// remainderOf returns what of a set is still to be done.
func remainderOf(s plan.Set, r provider.SetResult) plan.Set {
	left := s
	left.Records, left.Changes = r.Records, nil
	for i, err := range r.Errs {
		if isUndone(err) {
			left.Changes = append(left.Changes, s.Changes[i])
		}
	}
	return left
}

// mergeResults returns r once what was still to be done came to got.
func mergeResults(r, got provider.SetResult) provider.SetResult {
	all := provider.SetResult{Records: got.Records, Errs: slices.Clone(r.Errs)}
	for i, next := 0, 0; i < len(all.Errs); i++ {
		if isUndone(all.Errs[i]) {
			all.Errs[i] = got.Errs[next]
			next++
		}
	}
	return all
}
