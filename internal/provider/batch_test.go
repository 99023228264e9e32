package provider

import (
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// Batches keep every set whole and in order, and are as large as they may be.
func TestBatchesLoseNothing(t *testing.T) {
	var sets []plan.Set
	for _, n := range []int{2, 1, 5, 1, 2} {
		sets = append(sets, plan.Set{Changes: make([]plan.Change, n)})
	}
	for size, want := range map[int][]int{1: {2, 1, 5, 1, 2}, 3: {3, 5, 3}, 5: {3, 5, 3}, 100: {11}, 0: {11}} {
		var sizes []int
		count := 0
		for b := range Batches(sets, &plan.Limits{Batch: size}, nil) {
			sizes = append(sizes, plan.CountChanges(b))
			count += len(b)
		}
		if !slices.Equal(sizes, want) || count != len(sets) {
			t.Errorf("size %d: %v, of %d sets", size, sizes, count)
		}
	}
	for range Batches(nil, &plan.Limits{Batch: 5}, nil) {
		t.Error("a batch of nothing")
	}
}

// A call is bounded by what stands afterwards, and by its length, as well.
func TestBatchesKeepEveryBound(t *testing.T) {
	sets := []plan.Set{{}, {}, {}, {}}
	for i := range sets {
		sets[i] = plan.Set{Records: make([]dns.Record, i+1), Changes: []plan.Change{{Action: plan.ToCreate}}} // i+2 stand then
	}
	octets := func(*plan.Set) int { return 100 }
	for limits, want := range map[plan.Limits][]int{
		{BatchValues: 5}:                   {2, 1, 1},
		{BatchOctets: 299}:                 {2, 2},
		{BatchValues: 9, BatchOctets: 200}: {2, 2},
		{BatchValues: 1}:                   {1, 1, 1, 1},
		{}:                                 {4},
	} {
		var sizes []int
		for b := range Batches(sets, &limits, octets) {
			sizes = append(sizes, len(b))
		}
		if !slices.Equal(sizes, want) {
			t.Errorf("%+v: %v, want %v", limits, sizes, want)
		}
	}
}
