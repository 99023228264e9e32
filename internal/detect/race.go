package detect

import (
	"context"
	"sort"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// hedgeDelay is how long one is waited for before the next is asked too: longer
// than TCP, TLS and a question take around the world, shorter than anybody minds
// where a host is down.
const hedgeDelay = 500 * time.Millisecond

// An answer is what the nth of several sources said.
type answer struct {
	index       int
	observation addr.Observation
}

// A race asks sources one after another until it has heard enough. The next
// is asked as soon as the latest to be asked has answered, or has not answered
// for so long as patience says; with no patience all are asked at once.
type race struct {
	sources []Source
	delay   func(ctx context.Context) time.Duration
	enough  func(answers []answer) bool
}

// run returns the answers in the order they came. Those still being asked when
// it has heard enough are called off and waited for; what they still say is in
// the list only if it is an address.
func (r race) run(ctx context.Context) []answer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		running sync.WaitGroup
		answers = make(chan answer, len(r.sources))
		heard   []answer
		asked   int
		slow    = time.NewTimer(hedgeDelay)
	)
	defer slow.Stop()
	next := func() {
		if asked == len(r.sources) || asked > 0 && ctx.Err() != nil {
			return
		}
		nth := asked
		asked++
		running.Go(func() { answers <- answer{nth, observeWithVote(ctx, r.sources[nth])} })
		slow.Reset(r.delay(ctx))
	}
	for next(); len(heard) < asked; {
		select {
		case <-slow.C:
			next()
		case a := <-answers:
			heard = append(heard, a)
			if r.enough(heard) {
				cancel()
				running.Wait()
				close(answers)
				return append(heard, collectLate(answers)...)
			}
			if a.index == asked-1 {
				next()
			}
		}
	}
	running.Wait()
	return heard
}

// collectLate returns what was learnt in the moment in which nobody asked any more.
func collectLate(answers <-chan answer) []answer {
	var out []answer
	for a := range answers {
		if a.observation.Known() {
			out = append(out, a)
		}
	}
	return out
}

// anyKnown is enough for whoever believes the first.
func anyKnown(answers []answer) bool {
	for _, a := range answers {
		if a.observation.Known() {
			return true
		}
	}
	return false
}

// adaptiveDelay waits for a tenth of the time that is left, and not for long.
func adaptiveDelay(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(hedgeDelay, time.Until(deadline)/10)
	}
	return hedgeDelay
}

// sortByIndex sorts answers as their sources are.
func sortByIndex(answers []answer) []answer {
	sort.Slice(answers, func(i, j int) bool { return answers[i].index < answers[j].index })
	return answers
}

// votesOf returns the votes behind answers, in their order.
//
//go:noinline // many callers: see dependencies.md
func votesOf(answers []answer) []addr.Vote {
	var out []addr.Vote
	for _, a := range answers {
		out = append(out, a.observation.Votes()...)
	}
	return out
}
