package web

import (
	"strings"
	"testing"
)

func TestAHistogramIsWrittenAsPrometheusReadsIt(t *testing.T) {
	h := newHistogram([]float64{0.5, 2}, "took_seconds", "family", "ipv4")
	for _, s := range []float64{0.25, 0.5, 1, 2.5} { // one on a bound is within it
		h.update(s)
	}
	var b strings.Builder
	h.write(&b)
	want := `took_seconds_bucket{family="ipv4",le="0.5"} 2
took_seconds_bucket{family="ipv4",le="2"} 3
took_seconds_bucket{family="ipv4",le="+Inf"} 4
took_seconds_sum{family="ipv4"} 4.25
took_seconds_count{family="ipv4"} 4
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
