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

var errIsolating = errors.New("enough calls were spent on finding what is refused")

// isolate sends the RRsets that were refused as stale, or not tried because of
// those, in halves, until it is clear which of them it is. What comes of that
// takes the place of their results.
func (z *zone) isolate(ctx context.Context, changes []plan.Change, results []provider.Result, calls *int) {
	open := open(changes, results)
	if len(open) < 2 {
		return
	}
	for _, half := range [][][]int{open[:len(open)/2], open[len(open)/2:]} {
		var part []plan.Change
		of := slices.Concat(half...)
		for _, i := range of {
			part = append(part, changes[i])
		}
		got := z.sendPart(ctx, part, calls)
		for k, i := range of {
			results[i] = got[k]
		}
	}
}

// sendPart sends a part of what was refused, and isolates further, while there
// are calls left for it.
func (z *zone) sendPart(ctx context.Context, part []plan.Change, calls *int) []provider.Result {
	if *calls == 0 || ctx.Err() != nil {
		why := &provider.Error{Kind: provider.NotTried, Err: cmp.Or(context.Cause(ctx), errIsolating)}
		return slices.Repeat([]provider.Result{{Err: why}}, len(part))
	}
	*calls--
	results := z.send(ctx, part)
	z.isolate(ctx, part, results, calls)
	return results
}

// open is the RRsets that were refused as stale, and where there are any also
// those that were not tried, each as the places of its changes.
func open(changes []plan.Change, results []provider.Result) (sets [][]int) {
	stale := false
	for i, r := range results {
		if !isKind(r.Err, provider.Stale) && !isKind(r.Err, provider.NotTried) {
			continue
		}
		stale = stale || r.Err.Kind == provider.Stale
		if last := len(sets) - 1; last >= 0 && changes[sets[last][0]].Key() == changes[i].Key() {
			sets[last] = append(sets[last], i)
		} else {
			sets = append(sets, []int{i})
		}
	}
	if !stale {
		return nil
	}
	return sets
}
