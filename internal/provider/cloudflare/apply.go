package cloudflare

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Apply sends the changes in batches that split no RRset, one after another. A
// batch is one transaction, so the changes of an RRset happen together. What
// Cloudflare refuses is found and left out; any other failure ends the work,
// because what the plan was made from may no longer hold.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, changes []plan.Change) []provider.Result {
	grace, done := provider.Linger(ctx)
	defer done()
	j := &job{p: p, grace: grace, zone: zone, changes: changes, results: make([]provider.Result, len(changes)),
		searches: searchCalls(len(changes), p.Headroom()), halvings: maxHalvings, singly: p.singly.Load()}
	for sets := range chunks(rrsets(changes), zone.Limits.Batch) {
		j.send(ctx, sets)
	}
	j.advise()
	return j.results
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

// rrset is changes of one RRset, as positions in the job.
type rrset []int

// rrsets groups the changes; those of one RRset stand together.
func rrsets(changes []plan.Change) []rrset {
	var all []rrset
	for i, c := range changes {
		if i > 0 && c.Key() == changes[i-1].Key() {
			all[len(all)-1] = append(all[len(all)-1], i)
		} else {
			all = append(all, rrset{i})
		}
	}
	return all
}

// chunks cuts RRsets into groups of at most size changes. An RRset that is
// larger is a group of its own.
func chunks(sets []rrset, size int) iter.Seq[[]rrset] {
	if size <= 0 {
		size = smallBatch
	}
	return func(yield func([]rrset) bool) {
		from, n := 0, 0
		for i, s := range sets {
			if n > 0 && n+len(s) > size {
				if !yield(sets[from:i]) {
					return
				}
				from, n = i, 0
			}
			n += len(s)
		}
		if n > 0 {
			yield(sets[from:])
		}
	}
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
		c := j.changes[sets[0][0]]
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
