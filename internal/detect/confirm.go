package detect

import (
	"context"
	"slices"
	"sort"

	"github.com/homing-dns/homing/internal/addr"
)

// Confirm looks again at what Observe learnt, each time by a route that was not
// asked yet, until addr.Confirm settles the matter, there is nobody left to
// ask, or Timeout is over. What it returns carries the votes of all looks, and
// may know something else than first: when two looks differ a third decides.
//
// It asks nobody when first is not known, has a certain vote behind it, or two
// that agree, as after a majority.
func (p *Detector) Confirm(ctx context.Context, first addr.Observation) addr.Observation {
	if !first.Known() || hasTwoAgreeing(first) {
		return first
	}
	looks := slices.Clip(first.Votes())
	settled := func(answers []answer) bool {
		_, settled := addr.Confirm(append(looks, votesOf(answers)...))
		return settled
	}
	if !settled(nil) {
		ctx, cancel := p.withTimeout(ctx)
		defer cancel()
		r := race{p.remainingRoutes(first), adaptiveDelay, settled}
		if lone := p.singleRoute(); lone != nil {
			r.sources, r.delay = retriesOf(lone), constantDelay(p.Timeout)
		}
		looks = append(looks, votesOf(r.run(ctx))...)
	}
	confirmed, _ := addr.Confirm(looks)
	return confirmed
}

// hasTwoAgreeing reports whether two of the votes behind o took different routes and say
// what o says.
func hasTwoAgreeing(o addr.Observation) bool {
	routes := map[string]bool{}
	for _, v := range o.Votes() {
		if v.Said.Same(o) {
			routes[v.Route] = true
		}
	}
	return len(routes) >= 2 && !o.Weak()
}

// remainingRoutes lists the routes that have no vote behind first yet: one more of the
// source that was believed, then one of each other source, then what remains.
// Where nobody but weak ones stands behind first, they come last.
func (p *Detector) remainingRoutes(first addr.Observation) []Source {
	heard, believed := make(map[addr.Voter]bool), make(map[string]bool)
	for _, v := range first.Votes() {
		heard[v.Voter] = true
		if v.Said.Same(first) {
			believed[v.Source] = true
		}
	}
	var left [][]Source
	for _, s := range p.Sources {
		var routes []Source
		for _, w := range routesOf(s) {
			if !heard[w.Voter()] {
				routes = append(routes, w)
			}
		}
		if believed[s.Voter().Source] {
			left = append([][]Source{routes}, left...)
		} else {
			left = append(left, routes)
		}
	}
	all := interleave(left)
	if first.Weak() { // only one that is not can confirm it
		sort.SliceStable(all, func(i, j int) bool { return !all[i].Voter().Weak && all[j].Voter().Weak })
	}
	return all
}

// interleave lists the first of each, then the second of each, and so on.
func interleave(of [][]Source) []Source {
	var out []Source
	for depth, more := 0, true; more; depth++ {
		more = false
		for _, routes := range of {
			if depth < len(routes) {
				out, more = append(out, routes[depth]), true
			}
		}
	}
	return out
}

// singleRoute returns the only route of the detector; nil if there are several.
func (p *Detector) singleRoute() Source {
	var routes []Source
	for _, s := range p.Sources {
		routes = append(routes, routesOf(s)...)
	}
	if len(routes) != 1 {
		return nil
	}
	return routes[0]
}

// retriesOf returns a single route to be asked a second time, and a third if need be.
func retriesOf(lone Source) []Source {
	return []Source{&retry{lone, " (again)"}, &retry{lone, " (a third time)"}}
}

// retry asks a route over a fresh connection, so that another machine behind
// the same name may answer.
type retry struct {
	Source
	nth string
}

func (r *retry) Voter() addr.Voter {
	v := r.Source.Voter()
	v.Route += r.nth
	return v
}

func (r *retry) Observe(ctx context.Context) addr.Observation {
	closeIdle(r.Source)
	return r.Source.Observe(ctx).With()
}
