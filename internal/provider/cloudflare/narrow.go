package cloudflare

import (
	"context"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/plan"
)

// maxSearch is how many calls one Apply may spend, beyond those it needs
// anyway, on finding out what it is that Cloudflare refuses.
const maxSearch = 32

// split narrows down what was refused. Nothing of these RRsets has happened.
func (j *job) split(ctx context.Context, sets []rrset, refusal *refusal) {
	parts := j.parts(sets, refusal)
	if parts == nil {
		if causeOf(refusal.err).has(codeQuota) && j.creates(sets[0]) {
			j.full = refusal.err
		}
		j.mark(sets, refusal.err)
	}
	for _, part := range parts {
		if j.searches == 0 {
			j.mark(part, notTried(j.what(part), fmt.Errorf("no more than %d calls are spent on finding what is refused; the last refusal: %w", maxSearch, refusal.err)))
			continue
		}
		j.searches--
		j.send(ctx, part)
	}
}

// parts cuts refused RRsets in two: without and with what needs room in a full
// zone, without and with what Cloudflare points at, or in the middle; nil when
// one RRset is to blame. What it points at is only believed, so that is sent
// again like everything else.
func (j *job) parts(sets []rrset, refusal *refusal) [][]rrset {
	if causeOf(refusal.err).has(codeQuota) {
		if first, last := j.byRoom(sets); len(first) > 0 && len(last) > 0 {
			return [][]rrset{first, last}
		}
	} else if i := slices.IndexFunc(sets, func(s rrset) bool { return slices.Contains(s, refusal.at) }); i >= 0 && len(sets) > 1 {
		return [][]rrset{slices.Concat(sets[:i], sets[i+1:]), sets[i : i+1]}
	}
	if len(sets) == 1 {
		return nil
	}
	return [][]rrset{sets[:len(sets)/2], sets[len(sets)/2:]}
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
