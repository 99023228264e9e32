package detect

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
)

// FilteredOut is why an answer is not heard: the filter of its family keeps
// none of its addresses.
type FilteredOut struct {
	Family addr.Family
	Addrs  []netip.Addr
}

func (e *FilteredOut) Error() string {
	var words []string
	for _, a := range e.Addrs {
		words = append(words, a.String())
	}
	return fmt.Sprintf("the filter leaves none of: %s", strings.Join(words, ", "))
}

// withFilter are sources that say only what keep keeps; nil keeps all. Where a
// source has several routes, the next is asked when nothing is left of the
// answer of one.
func withFilter(sources []Source, f addr.Family, keep func(netip.Addr) bool) []Source {
	if keep == nil {
		return sources
	}
	out := make([]Source, 0, len(sources))
	for _, s := range sources {
		if h, ok := s.(*hedgedSource); ok {
			out = append(out, newHedgedSource(h.voter, withFilter(h.routes, f, keep)))
		} else {
			out = append(out, &filteredSource{s, f, keep})
		}
	}
	return out
}

type filteredSource struct {
	Source
	family addr.Family
	keep   func(netip.Addr) bool
}

func (f *filteredSource) CloseIdle() { closeIdle(f.Source) }

// Observe leaves static.empty as it is: where there is no address, a filter
// has nothing to say.
func (f *filteredSource) Observe(ctx context.Context) addr.Observation {
	o := f.Source.Observe(ctx)
	var kept []netip.Prefix
	for _, p := range o.Prefixes() {
		if f.keep(p.Addr()) {
			kept = append(kept, p)
		}
	}
	switch {
	case len(kept) == len(o.Prefixes()):
		return o
	case len(kept) == 0:
		return addr.Unknown(&FilteredOut{f.family, o.Addrs()})
	}
	return addr.Known(kept...)
}
