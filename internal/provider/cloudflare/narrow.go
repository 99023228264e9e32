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

// searchCalls is how many calls one Apply may spend, beyond those it needs
// anyway, on finding out what it is that Cloudflare refuses: enough to send each
// change alone, but no more than half of what may go out now.
func searchCalls(changes, headroom int) int {
	return max(maxHalvings, min(changes+2*maxHalvings, headroom/2))
}

// split narrows down what was refused. Nothing of these RRsets has happened.
func (j *job) split(ctx context.Context, sets []rrset, r *refusal) {
	full := causeOf(r.err).has(codeQuota)
	if full {
		if first, last := j.byRoom(sets); len(first) > 0 && len(last) > 0 {
			j.search(ctx, r, first, last)
			return
		}
	} else if rest := j.heed(ctx, sets, r); len(rest) < len(sets) {
		j.search(ctx, r, rest)
		return
	}
	if len(sets) > 1 {
		j.search(ctx, r, j.parts(sets)...)
		return
	}
	if full && j.creates(sets[0]) {
		j.full = r.err
	}
	j.mark(sets, r.err)
}

// search sends parts of what was refused, while there are calls left for it.
func (j *job) search(ctx context.Context, r *refusal, parts ...[]rrset) {
	for _, part := range parts {
		switch {
		case len(part) == 0:
		case j.searches == 0:
			j.mark(part, notTried(j.what(part), fmt.Errorf("enough calls were spent on finding what is refused; the last refusal: %w", r.err)))
		default:
			j.searches--
			j.send(ctx, part)
		}
	}
}

// parts cuts refused RRsets in the middle, or into single ones.
func (j *job) parts(sets []rrset) [][]rrset {
	if j.halvings == 0 {
		return slices.Collect(slices.Chunk(sets, 1))
	}
	j.halvings--
	return [][]rrset{sets[:len(sets)/2], sets[len(sets)/2:]}
}

// heed settles what Cloudflare points at, and returns the rest. How it points is
// not known for certain, so the first one is sent again, alone. If that is
// refused too, the others are believed without a call, and otherwise none is.
func (j *job) heed(ctx context.Context, sets []rrset, r *refusal) (rest []rrset) {
	if len(sets) == 1 || j.misled {
		return sets
	}
	for _, s := range sets {
		switch err := j.blames(r, s); {
		case err == nil, j.misled:
			rest = append(rest, s)
		case j.led, j.searches == 0:
			j.mark([]rrset{s}, err)
		default:
			j.searches--
			j.send(ctx, []rrset{s})
			j.led = slices.ContainsFunc(s, j.wasRefused)
			j.misled = !j.led && j.stopped == nil
		}
	}
	return rest
}

// wasRefused says that a change was refused, and not made differently.
func (j *job) wasRefused(i int) bool {
	r := j.results[i]
	return r.Err != nil && r.Err.Kind == provider.Rejected && r.Record.ID == ""
}

// blames is what the refusal says about this RRset in particular; nil for nothing.
func (j *job) blames(r *refusal, s rrset) *provider.Error {
	f := *causeOf(r.err)
	f.said = nil
	for _, i := range s {
		f.said = append(f.said, r.at[i]...)
	}
	if len(f.said) == 0 {
		return nil
	}
	f.Said = words(f.said)
	if f.mean(lookUp(table(), f.Status, f.said)); f.Kind != provider.Rejected {
		return nil
	}
	return f.explain(j.what([]rrset{s}))
}

// byRoom takes the creates out, and with them the deletes of the same RRsets,
// which must not happen without them.
func (j *job) byRoom(sets []rrset) (first, last []rrset) {
	for _, s := range sets {
		needs := func(i int) bool {
			return j.changes[i].Action == plan.ToCreate || j.changes[i].Action == plan.ToDelete && j.creates(s)
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
