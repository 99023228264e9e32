package providertest

import (
	"context"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Apply carries out changes, those of an RRset beside each other, and tells what
// became of each. held is what the caller believes to stand there; it takes the
// records that the changes name for granted.
func Apply(ctx context.Context, p provider.Provider, zone provider.Zone, held []dns.Record, changes ...plan.Change) []provider.Result {
	sets := setsOf(held, changes)
	return perChange(sets, p.Apply(ctx, zone, sets))
}

func perChange(sets []plan.Set, all []provider.SetResult) []provider.Result {
	var results []provider.Result
	for i, r := range all {
		for k := range sets[i].Changes {
			results = append(results, resultOf(sets[i], r, k))
		}
	}
	return results
}

// setsOf is the changes as sets, of which everything is known that is held.
func setsOf(held []dns.Record, changes []plan.Change) []plan.Set {
	var sets []plan.Set
	for _, c := range changes {
		if n := len(sets); n == 0 || sets[n-1].Key != c.Key() {
			here := slices.DeleteFunc(slices.Clone(held), func(r dns.Record) bool { return r.Key() != c.Key() })
			sets = append(sets, plan.Set{Key: c.Key(), Records: here})
		}
		s := &sets[len(sets)-1]
		if s.Changes = append(s.Changes, c); c.Action != plan.ToCreate {
			s.Records = append(slices.DeleteFunc(s.Records, func(r dns.Record) bool { return r.SameRecord(&c.Old) }), c.Old)
		}
		dns.SortRecords(s.Records)
	}
	return sets
}

// resultOf is what became of the change k of a set.
func resultOf(s plan.Set, r provider.SetResult, k int) provider.Result {
	c, result := s.Changes[k], provider.Result{Err: r.Errs[k]}
	before := func(d dns.Record) bool {
		return slices.ContainsFunc(s.Records, func(r dns.Record) bool { return r.Equal(&d) })
	}
	for _, d := range r.Records {
		made := c.Action == plan.ToCreate && !slices.ContainsFunc(s.Records, func(r dns.Record) bool { return r.SameRecord(&d) }) && d.Content() == c.New.Content()
		changed := c.Action == plan.ToUpdate && (d.ID != "" && d.SameRecord(&c.Old) || d.ID == "" && d.Content() == c.New.Content())
		if made || changed && (result.Err == nil || !before(d)) {
			result.Record = d
		}
	}
	return result
}
