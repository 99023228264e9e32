package cloudflare

import (
	"context"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// maxHalvings is how often one Apply cuts refused RRsets in two. After that each
// of them is sent alone: where much is refused that takes fewer calls.
const maxHalvings = 32

// maxSearchCalls returns how many calls one Apply may spend, beyond those it needs
// anyway, on finding out what it is that Cloudflare refuses: enough to send each
// change alone, but no more than half of what may go out now.
func maxSearchCalls(changes, headroom int) int {
	return max(maxHalvings, min(changes+2*maxHalvings, headroom/2))
}

// bisect narrows down what was refused. Nothing of these RRsets has happened.
func (j *applyJob) bisect(ctx context.Context, sets []changeGroup, r *batchRefusal) {
	full := failureFrom(r.err).hasCode(codeRecordQuota)
	if full {
		if first, last := j.separateCreates(sets); len(first) > 0 && len(last) > 0 {
			j.retryParts(ctx, r, first, last)
			return
		}
	} else if rest := j.settleByPointers(ctx, sets, r); len(rest) < len(sets) {
		j.retryParts(ctx, r, rest)
		return
	}
	if len(sets) > 1 {
		j.retryParts(ctx, r, j.halve(sets)...)
		return
	}
	if full && j.hasCreate(sets[0]) {
		j.zoneFull = r.err
	}
	j.setError(sets, r.err)
}

// retryParts sends parts of what was refused, while there are calls left for it.
func (j *applyJob) retryParts(ctx context.Context, r *batchRefusal, parts ...[]changeGroup) {
	for _, part := range parts {
		switch {
		case len(part) == 0:
		case j.searchCallsLeft == 0:
			j.setError(part, notTriedError(j.describeGroups(part), fmt.Errorf("enough calls were spent on finding what is refused; the last refusal: %w", r.err)))
		default:
			j.searchCallsLeft--
			j.sendGroups(ctx, part)
		}
	}
}

// halve cuts refused RRsets in the middle, or into single ones.
func (j *applyJob) halve(sets []changeGroup) [][]changeGroup {
	if j.halvingsLeft == 0 {
		return slices.Collect(slices.Chunk(sets, 1))
	}
	j.halvingsLeft--
	return [][]changeGroup{sets[:len(sets)/2], sets[len(sets)/2:]}
}

// settleByPointers settles what Cloudflare points at, and returns the rest. How it points is
// not known for certain, so the first one is sent again, alone. If that is
// refused too, the others are believed without a call, and otherwise none is.
func (j *applyJob) settleByPointers(ctx context.Context, sets []changeGroup, r *batchRefusal) (rest []changeGroup) {
	if len(sets) == 1 || j.pointersWrong {
		return sets
	}
	for _, s := range sets {
		switch err := j.errorForGroup(r, s); {
		case err == nil, j.pointersWrong:
			rest = append(rest, s)
		case j.pointersRight, j.searchCallsLeft == 0:
			j.setError([]changeGroup{s}, err)
		default:
			j.searchCallsLeft--
			j.sendGroups(ctx, []changeGroup{s})
			j.pointersRight = slices.ContainsFunc(s, j.isRejected)
			j.pointersWrong = !j.pointersRight && j.stopReason == nil
		}
	}
	return rest
}

// isRejected reports whether a change was refused, and not made differently.
func (j *applyJob) isRejected(i int) bool {
	r := j.results[i]
	return r.Err != nil && r.Err.Kind == provider.Rejected && r.Record.ID == ""
}

// errorForGroup returns what the refusal says about this RRset in particular; nil for nothing.
func (j *applyJob) errorForGroup(r *batchRefusal, s changeGroup) *provider.Error {
	f := *failureFrom(r.err)
	f.messages = nil
	for _, i := range s {
		f.messages = append(f.messages, r.byChange[i]...)
	}
	if len(f.messages) == 0 {
		return nil
	}
	f.Messages = quoteMessages(f.messages)
	if f.setMeaning(findMeaning(errorTable(), f.Status, f.messages)); f.Kind != provider.Rejected {
		return nil
	}
	return f.toProviderError(j.describeGroups([]changeGroup{s}))
}

// separateCreates takes the creates out, and with them the deletes of the same RRsets,
// which must not happen without them.
func (j *applyJob) separateCreates(sets []changeGroup) (first, last []changeGroup) {
	for _, s := range sets {
		needs := func(i int) bool {
			return j.changes[i].Action == plan.ToCreate || j.changes[i].Action == plan.ToDelete && j.hasCreate(s)
		}
		if rest := slices.DeleteFunc(slices.Clone(s), needs); len(rest) > 0 {
			first = append(first, rest)
		}
		if need := slices.DeleteFunc(slices.Clone(s), func(i int) bool { return !needs(i) }); len(need) > 0 {
			last = append(last, need)
		}
	}
	return first, last
}
