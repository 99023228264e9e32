package cloudflare

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Apply sends the changes in batches that split no RRset, one after another. A
// batch is one transaction, so the changes of an RRset happen together. What
// Cloudflare refuses is found and left out; any other failure ends the work,
// because what the plan was made from may no longer hold.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	grace, done := provider.GraceContext(ctx)
	defer done()
	changes := plan.Plan{Sets: sets}.Changes()
	j := &applyJob{p: p, graceCtx: grace, zone: zone, changes: changes, results: make([]provider.Result, len(changes)),
		searchCallsLeft: maxSearchCalls(len(changes), p.Headroom()), halvingsLeft: maxHalvings, batchRefused: p.batchRefused.Load()}
	first, limits := 0, zone.Limits
	limits.Batch = cmp.Or(limits.Batch, smallBatch)
	for batch := range provider.Batches(sets, &limits, nil) {
		places := groupChanges(batch, first)
		first += plan.CountChanges(batch)
		j.sendGroups(ctx, places)
	}
	j.adviseOnKeptFields()
	return j.setResults(sets)
}

// setResults returns what became of each set.
func (j *applyJob) setResults(sets []plan.Set) []provider.SetResult {
	all, rest := make([]provider.SetResult, len(sets)), j.results
	for i := range sets {
		s := &sets[i]
		n := len(s.Changes)
		all[i], rest = provider.ResultOfChanges(s, rest[:n]), rest[n:]
	}
	return all
}

// applyJob is one Apply.
type applyJob struct {
	p        *Provider
	graceCtx context.Context // for what has to be taken back
	zone     provider.Zone
	changes  []plan.Change
	results  []provider.Result

	stopReason      error           // why nothing more is sent
	zoneFull        *provider.Error // the zone has no room for another record
	searchCallsLeft int             // calls left to find out what is refused
	halvingsLeft    int             // left too
	pointersRight   bool            // Cloudflare pointed at what it refuses …
	pointersWrong   bool            // … or at something else
	batchRefused    bool            // without batches
}

// changeGroup is changes of one RRset, or of several that go together, as places in the job.
type changeGroup []int

// groupChanges returns these sets as places in the job, of which first is the first.
func groupChanges(sets []plan.Set, first int) []changeGroup {
	var all []changeGroup
	for i := range sets {
		s := &sets[i]
		if i == 0 || !s.Joined {
			all = append(all, nil)
		}
		for range s.Changes {
			all[len(all)-1] = append(all[len(all)-1], first)
			first++
		}
	}
	return all
}

// sendGroups carries out these RRsets, in one call where Cloudflare takes them all.
func (j *applyJob) sendGroups(ctx context.Context, sets []changeGroup) {
	sets = j.rejectCreatesIfFull(sets)
	if j.stopReason == nil && ctx.Err() != nil {
		j.stopReason = context.Cause(ctx)
	}
	switch {
	case len(sets) == 0:
	case j.stopReason != nil:
		j.setError(sets, notTriedError(j.describeGroups(sets), j.stopReason))
	case j.batchRefused:
		j.sendOneByOne(ctx, sets)
	default:
		if refusal := j.sendBatch(ctx, sets); refusal != nil {
			j.bisect(ctx, sets, refusal)
		}
	}
}

// rejectCreatesIfFull returns what may be sent to a zone that is known to be full.
func (j *applyJob) rejectCreatesIfFull(sets []changeGroup) []changeGroup {
	if j.zoneFull == nil {
		return sets
	}
	first, last := j.separateCreates(sets)
	for _, s := range last {
		one := []changeGroup{s}
		j.setError(one, failureFrom(j.zoneFull).toProviderError(j.describeGroups(one)))
	}
	return first
}

func (j *applyJob) hasCreate(s changeGroup) bool {
	return slices.ContainsFunc(s, func(i int) bool { return j.changes[i].Action == plan.ToCreate })
}

func (j *applyJob) isDeleteOnly(s changeGroup) bool {
	return !slices.ContainsFunc(s, func(i int) bool { return j.changes[i].Action != plan.ToDelete })
}

// setError gives all of these changes one error.
//
//go:noinline // many callers: see dependencies.md
func (j *applyJob) setError(sets []changeGroup, err *provider.Error) {
	for _, s := range sets {
		for _, i := range s {
			j.results[i] = provider.Result{Err: err}
		}
	}
}

// stopAfter keeps everything after a failure from being sent.
func (j *applyJob) stopAfter(err *provider.Error) {
	if j.stopReason == nil {
		j.stopReason = fmt.Errorf("an earlier call went wrong: %w", err)
	}
}

// describeGroups names the changes for people.
func (j *applyJob) describeGroups(sets []changeGroup) string {
	if len(sets) == 1 {
		c := &j.changes[sets[0][0]]
		if len(sets[0]) == 1 {
			return describeChange(c)
		}
		return "change " + c.Key().String()
	}
	n := 0
	for _, s := range sets {
		n += len(s)
	}
	return fmt.Sprintf("make %d changes in %s", n, j.zone.Name.Describe())
}
