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
	grace, done := provider.Linger(ctx)
	defer done()
	changes := plan.Plan{Sets: sets}.Changes()
	j := &job{p: p, grace: grace, zone: zone, changes: changes, results: make([]provider.Result, len(changes)),
		searches: searchCalls(len(changes), p.Headroom()), halvings: maxHalvings, singly: p.singly.Load()}
	first, limits := 0, zone.Limits
	limits.Batch = cmp.Or(limits.Batch, smallBatch)
	for batch := range provider.Batches(sets, &limits, nil) {
		places := placesOf(batch, first)
		first += plan.Size(batch)
		j.send(ctx, places)
	}
	j.advise()
	return j.resultsOf(sets)
}

// resultsOf is what became of each set.
func (j *job) resultsOf(sets []plan.Set) []provider.SetResult {
	all, rest := make([]provider.SetResult, len(sets)), j.results
	for i := range sets {
		s := &sets[i]
		n := len(s.Changes)
		all[i], rest = provider.OfChanges(s, rest[:n]), rest[n:]
	}
	return all
}

// job is one Apply.
type job struct {
	p       *Provider
	grace   context.Context // for what has to be taken back
	zone    provider.Zone
	changes []plan.Change
	results []provider.Result

	stopped  error           // why nothing more is sent
	full     *provider.Error // the zone has no room for another record
	searches int             // calls left to find out what is refused
	halvings int             // left too
	led      bool            // Cloudflare pointed at what it refuses …
	misled   bool            // … or at something else
	singly   bool            // without batches
}

// rrset is changes of one RRset, or of several that go together, as places in the job.
type rrset []int

// placesOf is these sets as places in the job, of which first is the first.
func placesOf(sets []plan.Set, first int) []rrset {
	var all []rrset
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

// send carries out these RRsets, in one call where Cloudflare takes them all.
func (j *job) send(ctx context.Context, sets []rrset) {
	sets = j.withoutCreates(sets)
	if j.stopped == nil && ctx.Err() != nil {
		j.stopped = context.Cause(ctx)
	}
	switch {
	case len(sets) == 0:
	case j.stopped != nil:
		j.mark(sets, notTried(j.what(sets), j.stopped))
	case j.singly:
		j.oneByOne(ctx, sets)
	default:
		if refusal := j.batch(ctx, sets); refusal != nil {
			j.split(ctx, sets, refusal)
		}
	}
}

// withoutCreates is what may be sent to a zone that is known to be full.
func (j *job) withoutCreates(sets []rrset) []rrset {
	if j.full == nil {
		return sets
	}
	first, last := j.byRoom(sets)
	for _, s := range last {
		one := []rrset{s}
		j.mark(one, causeOf(j.full).explain(j.what(one)))
	}
	return first
}

func (j *job) creates(s rrset) bool {
	return slices.ContainsFunc(s, func(i int) bool { return j.changes[i].Action == plan.ToCreate })
}

func (j *job) onlyDeletes(s rrset) bool {
	return !slices.ContainsFunc(s, func(i int) bool { return j.changes[i].Action != plan.ToDelete })
}

// mark gives all of these changes one error.
//
//go:noinline // many callers: see dependencies.md
func (j *job) mark(sets []rrset, err *provider.Error) {
	for _, s := range sets {
		for _, i := range s {
			j.results[i] = provider.Result{Err: err}
		}
	}
}

// stop keeps everything after a failure from being sent.
func (j *job) stop(err *provider.Error) {
	if j.stopped == nil {
		j.stopped = fmt.Errorf("an earlier call went wrong: %w", err)
	}
}

// what names the changes for people.
func (j *job) what(sets []rrset) string {
	if len(sets) == 1 {
		c := &j.changes[sets[0][0]]
		if len(sets[0]) == 1 {
			return describe(c)
		}
		return "change " + c.Key().String()
	}
	n := 0
	for _, s := range sets {
		n += len(s)
	}
	return fmt.Sprintf("make %d changes in %s", n, j.zone.Name.Describe())
}
