package web

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// exposition is counters and gauges by the series they are read as, a name with
// its labels, in Prometheus's text format 0.0.4.
//
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (2026-11)
type exposition struct {
	mu       sync.Mutex
	counters map[string]uint64
	gauges   map[string]float64
}

func newExposition() *exposition {
	return &exposition{counters: make(map[string]uint64), gauges: make(map[string]float64)}
}

// add counts n more; of nothing there is a series too.
func (e *exposition) add(series string, n uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.counters[series] += n
}

// gauge is v from now on.
func (e *exposition) gauge(series string, v float64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gauges[series] = v
}

// write writes the series in the order of their texts, each metric described
// once.
func (e *exposition) write(b *bytes.Buffer, describe func(name, kind string)) {
	e.mu.Lock()
	counters, gauges := maps.Clone(e.counters), maps.Clone(e.gauges)
	e.mu.Unlock()
	all := slices.AppendSeq(slices.Collect(maps.Keys(counters)), maps.Keys(gauges))
	slices.Sort(all)
	described := ""
	for _, series := range all {
		value, isGauge := gauges[series]
		if name, _, _ := strings.Cut(series, "{"); name != described {
			describe(name, kindOf(isGauge))
			described = name
		}
		if isGauge {
			fmt.Fprintf(b, "%s %s\n", series, number(value))
		} else {
			fmt.Fprintf(b, "%s %d\n", series, counters[series])
		}
	}
}

func kindOf(isGauge bool) string {
	if isGauge {
		return "gauge"
	}
	return "counter"
}

// number is v as gauges are written: whole ones without an exponent.
func number(v float64) string {
	if float64(int64(v)) == v {
		return fmt.Sprint(int64(v))
	}
	return fmt.Sprint(v)
}
