package provider

import (
	"slices"
	"testing"

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
		for b := range Batches(sets, size) {
			sizes = append(sizes, plan.Size(b))
			count += len(b)
		}
		if !slices.Equal(sizes, want) || count != len(sets) {
			t.Errorf("size %d: %v, of %d sets", size, sizes, count)
		}
	}
	for range Batches(nil, 5) {
		t.Error("a batch of nothing")
	}
}
