package rest

import (
	"context"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// maxRefused bounds how many calls with several sets are refused before the search
// for what the host does not like is given up.
const maxRefused = 16

// maxUnknown is how many writes in a row may come to nothing that is known before
// no more are sent.
const maxUnknown = 3

// Held is what a host holds of an RRset; nil where it holds none.
type Held interface {
	Records(k dns.Key) []dns.Record // in order
}

// SetChange is a set that is to be written.
type SetChange struct {
	*plan.Set
	Here Held         // what stood there immediately before
	To   []dns.Record // what is to stand there, in order; none: the set goes
}

// Sets is provider.Provider's Apply at a host that is given whole RRsets and
// compares nothing: what stands there is read immediately before it is written and
// again after that, and a set that is not as it was planned from is left alone.
type Sets struct {
	Host string // its name, in texts
	Zone provider.Zone
	// Each says that a call takes one set. Otherwise all of a batch go in one, of
	// which the host stores all or nothing; Octets is what a set adds to that.
	Each   bool
	Octets func(*plan.Set) int
	// Makes says that the host refuses to make a set that is there, so that one which
	// was not there need not be read again before.
	Makes bool
	// Read is what stands at keys; one that is missing has nothing.
	Read func(ctx context.Context, keys []dns.Key) (map[dns.Key]Held, *provider.Error)
	// Write sends sets. It returns what stands there now by the answer, or nil where
	// that does not say; or which of them the host refuses, as far as it says so.
	Write func(ctx context.Context, what string, sets []SetChange) (now map[dns.Key]Held, refused []int, err *provider.Error)
	// Late is what became of a set after the answer to its write, where that is known
	// and not good. May be nil.
	Late func(k dns.Key) *provider.Error

	grace   context.Context // for what must be known of a write
	sets    []plan.Set      // named by their places
	results []provider.SetResult
	stopped error // why nothing more is sent
	calls   int   // that were refused
	unknown int   // writes in a row of which nothing is known
	written []int // and not yet confirmed
}

// Apply carries out sets.
func (s *Sets) Apply(ctx context.Context, sets []plan.Set) []provider.SetResult {
	grace, done := provider.Linger(ctx)
	defer done()
	s.grace, s.sets, s.results = grace, sets, make([]provider.SetResult, len(sets))
	first := 0
	limits := s.Zone.Limits
	if s.Each { // each group that goes together is a batch
		limits.Batch = 1
	}
	for batch := range provider.Batches(sets, &limits, s.Octets) {
		var places []int
		for range batch {
			places, first = append(places, first), first+1
		}
		s.send(ctx, places)
	}
	s.verify(nil, s.written)
	return s.results
}

func (s *Sets) fail(places []int, err *provider.Error) {
	for _, i := range places {
		s.results[i] = provider.Failed(&s.sets[i], err)
	}
}

// send carries out these sets, and finds out which the host refuses.
func (s *Sets) send(ctx context.Context, places []int) {
	if s.stopped == nil && ctx.Err() != nil {
		s.stopped = context.Cause(ctx)
	}
	switch {
	case len(places) == 0:
	case s.stopped != nil:
		s.fail(places, Fault(provider.NotTried, s.what(places), "", "stop before this change: %w", s.stopped))
	case s.Each:
		s.each(ctx, places)
	default:
		s.whole(ctx, places)
	}
}

// each sends the sets of a group one after another, until one fails.
func (s *Sets) each(ctx context.Context, group []int) {
	for k, i := range group {
		one := group[k : k+1]
		fit, now, _, err := s.write(ctx, one)
		switch {
		case err != nil:
			s.fail(group[k:], err)
			s.ponder(err)
			return
		case len(fit) == 0: // it is not as it was read
			s.fail(group[k+1:], s.results[i].Errs[0])
			return
		case now != nil:
			s.verify(now, one)
		default:
			s.written = append(s.written, i)
		}
		s.unknown = 0
	}
}

// ponder says whether anything more is sent after a failure of one set.
func (s *Sets) ponder(err *provider.Error) {
	switch err.Kind {
	case provider.Rejected, provider.Stale, provider.NotTried:
		return
	case provider.Unconfirmed:
		if s.unknown++; s.unknown < maxUnknown {
			return
		}
	}
	s.stopped = fmt.Errorf("an earlier call went wrong: %w", err)
}

// whole sends all of a batch.
func (s *Sets) whole(ctx context.Context, places []int) {
	places, now, refused, err := s.write(ctx, places)
	switch {
	case err == nil:
		s.verify(now, places)
	case err.Kind != provider.Rejected:
		s.stopped = fmt.Errorf("an earlier call went wrong: %w", err)
		s.fail(places, err)
	case plan.Half(s.at(places)) == len(places):
		s.fail(places, err)
	case s.calls >= maxRefused:
		s.stopped = fmt.Errorf("%s refuses too much: %w", s.Host, err)
		s.send(ctx, places)
	default:
		s.split(ctx, places, refused, err)
	}
}

// split sends what was refused together in two parts: without what the host named,
// or else in halves.
func (s *Sets) split(ctx context.Context, places, refused []int, err *provider.Error) {
	s.calls++
	if len(refused) == 0 {
		half := plan.Half(s.at(places))
		s.send(ctx, places[:half])
		s.send(ctx, places[half:])
		return
	}
	var bad, rest []int
	for k := 0; k < len(places); {
		end := k + s.together(places[k:])
		if slices.ContainsFunc(refused, func(r int) bool { return k <= r && r < end }) {
			bad = append(bad, places[k:end]...)
		} else {
			rest = append(rest, places[k:end]...)
		}
		k = end
	}
	s.fail(bad, err)
	s.send(ctx, rest)
}

// at is the sets at these places.
func (s *Sets) at(places []int) []plan.Set {
	sets := make([]plan.Set, len(places))
	for k, i := range places {
		sets[k] = s.sets[i]
	}
	return sets
}

// together is plan.Together of the sets at these places, of which there are some.
func (s *Sets) together(places []int) int {
	n := 1
	for n < len(places) && s.sets[places[n]].Joined {
		n++
	}
	return n
}

// write reads what stands at these places, compares it with what the sets were
// planned from, and writes those that are as they were, which it returns.
func (s *Sets) write(ctx context.Context, places []int) (fit []int, now map[dns.Key]Held, refused []int, err *provider.Error) {
	here, err := s.before(ctx, places)
	if err != nil {
		return places, nil, nil, err
	}
	var changes []SetChange
	for k := 0; k < len(places); {
		group := places[k : k+s.together(places[k:])]
		k += len(group)
		from := len(changes)
		for _, i := range group {
			c, err := s.changeOf(&s.sets[i], here[s.sets[i].Key])
			if err != nil {
				s.fail(group, err)
				changes, group = changes[:from], nil
				break
			}
			changes = append(changes, c)
		}
		fit = append(fit, group...)
	}
	switch {
	case len(fit) == 0:
		return nil, nil, nil, nil
	case ctx.Err() != nil:
		return fit, nil, nil, Fault(provider.NotTried, s.what(fit), "", "stop before this change: %w", context.Cause(ctx))
	}
	now, refused, err = s.Write(ctx, s.what(fit), changes)
	return fit, now, refused, err
}

// before is what stands at these places.
func (s *Sets) before(ctx context.Context, places []int) (map[dns.Key]Held, *provider.Error) {
	if s.Makes && !slices.ContainsFunc(places, func(i int) bool { return len(s.sets[i].Records) > 0 }) {
		return nil, nil
	}
	return s.Read(ctx, s.keys(places))
}

func (s *Sets) keys(places []int) []dns.Key {
	keys := make([]dns.Key, len(places))
	for k, i := range places {
		keys[k] = s.sets[i].Key
	}
	return keys
}

// verify holds what the host holds now against what it was to write there; where
// its answers do not say that, it is read again.
func (s *Sets) verify(now map[dns.Key]Held, places []int) {
	if len(places) == 0 {
		return
	}
	if now == nil {
		var err *provider.Error
		if now, err = s.Read(s.grace, s.keys(places)); err != nil {
			err = Fault(provider.Unconfirmed, s.what(places), err.Hint, "it was written, and could not be read again: %w", err.Err)
			s.stopped = err
			s.fail(places, err)
			return
		}
	}
	for _, i := range places {
		k := s.sets[i].Key
		var held []dns.Record
		if h := now[k]; h != nil {
			held = h.Records(k)
		}
		s.results[i] = provider.Confirm(&s.sets[i], held)
		if s.Late != nil {
			s.blame(&s.results[i], s.Late(k))
		}
	}
}

// blame says why what is not confirmed is not, where that is known.
func (s *Sets) blame(r *provider.SetResult, why *provider.Error) {
	for i, err := range r.Errs {
		if err != nil && why != nil {
			r.Errs[i] = why
		}
	}
}
