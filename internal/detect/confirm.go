package detect

import (
	"context"
	"slices"
	"sort"

	"github.com/homing-dns/homing/internal/addr"
)

// Confirm looks again at what Observe learnt, each time by a way that was not
// asked yet, until addr.Confirm settles the matter, there is nobody left to
// ask, or Timeout is over. What it returns carries the votes of all looks, and
// may know something else than first: when two looks differ a third decides.
//
// It asks nobody when first is not known, has a certain vote behind it, or two
// that agree, as after a majority.
func (p *Panel) Confirm(ctx context.Context, first addr.Observation) addr.Observation {
	if !first.Known() || agreed(first) {
		return first
	}
	looks := slices.Clip(first.Votes())
	settled := func(answers []answer) bool {
		_, settled := addr.Confirm(append(looks, votesOf(answers)...))
		return settled
	}
	if !settled(nil) {
		ctx, cancel := p.limit(ctx)
		defer cancel()
		r := relay{p.unheard(first), hedged, settled}
		if lone := p.lone(); lone != nil {
			r.sources, r.patience = again(lone), constant(p.Timeout)
		}
		looks = append(looks, votesOf(r.run(ctx))...)
	}
	confirmed, _ := addr.Confirm(looks)
	return confirmed
}

// agreed says whether two of the votes behind o went different ways and say
// what o says.
func agreed(o addr.Observation) bool {
	ways := map[string]bool{}
	for _, v := range o.Votes() {
		if v.Said.Same(o) {
			ways[v.Route] = true
		}
	}
	return len(ways) >= 2 && !o.Weak()
}

// unheard lists the ways that have no vote behind first yet: one more of the
// source that was believed, then one of each other source, then what remains.
// Where nobody but weak ones stands behind first, they come last.
func (p *Panel) unheard(first addr.Observation) []Source {
	heard, believed := make(map[addr.Voter]bool), make(map[string]bool)
	for _, v := range first.Votes() {
		heard[v.Voter] = true
		if v.Said.Same(first) {
			believed[v.Source] = true
		}
	}
	var left [][]Source
	for _, s := range p.Sources {
		var ways []Source
		for _, w := range waysOf(s) {
			if !heard[w.Voter()] {
				ways = append(ways, w)
			}
		}
		if believed[s.Voter().Source] {
			left = append([][]Source{ways}, left...)
		} else {
			left = append(left, ways)
		}
	}
	all := layers(left)
	if first.Weak() { // only one that is not can confirm it
		sort.SliceStable(all, func(i, j int) bool { return !all[i].Voter().Weak && all[j].Voter().Weak })
	}
	return all
}

// layers lists the first of each, then the second of each, and so on.
func layers(of [][]Source) []Source {
	var out []Source
	for depth, more := 0, true; more; depth++ {
		more = false
		for _, ways := range of {
			if depth < len(ways) {
				out, more = append(out, ways[depth]), true
			}
		}
	}
	return out
}

// lone is the only way of the panel; nil when there are others.
func (p *Panel) lone() Source {
	var ways []Source
	for _, s := range p.Sources {
		ways = append(ways, waysOf(s)...)
	}
	if len(ways) != 1 {
		return nil
	}
	return ways[0]
}

// again is a lone way asked a second time, and a third if need be.
func again(lone Source) []Source {
	return []Source{&repeat{lone, " (again)"}, &repeat{lone, " (a third time)"}}
}

// repeat asks a way over a fresh connection, so that another machine behind
// the same name may answer.
type repeat struct {
	Source
	nth string
}

func (r *repeat) Voter() addr.Voter {
	v := r.Source.Voter()
	v.Route += r.nth
	return v
}

func (r *repeat) Observe(ctx context.Context) addr.Observation {
	closeIdle(r.Source)
	return r.Source.Observe(ctx).With()
}
