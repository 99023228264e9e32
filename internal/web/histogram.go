package web

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
)

// histogram counts seconds in buckets, as Prometheus has it.
type histogram struct {
	name   string
	labels []string // name and value in turn
	bounds []float64

	mu     sync.Mutex
	counts []uint64 // of each bound by itself; the last is of what is above all
	sum    float64
}

func newHistogram(bounds []float64, name string, labels ...string) *histogram {
	return &histogram{name: name, labels: labels, bounds: bounds, counts: make([]uint64, len(bounds)+1)}
}

func (h *histogram) update(seconds float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, _ := slices.BinarySearch(h.bounds, seconds) // a bound is of its own bucket
	h.counts[at]++
	h.sum += seconds
}

// write writes the lines of the histogram, without those that describe it.
func (h *histogram) write(w io.Writer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var count uint64
	for i, n := range h.counts {
		count += n
		le := "+Inf"
		if i < len(h.bounds) {
			le = strconv.FormatFloat(h.bounds[i], 'g', -1, 64)
		}
		fmt.Fprintf(w, "%s %d\n", series(h.name+"_bucket", append(slices.Clone(h.labels), "le", le)...), count)
	}
	fmt.Fprintf(w, "%s %g\n", series(h.name+"_sum", h.labels...), h.sum)
	fmt.Fprintf(w, "%s %d\n", series(h.name+"_count", h.labels...), count)
}
