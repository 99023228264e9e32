package rest

import (
	"context"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// maxRefusedCalls bounds how many calls with several sets are refused before the search
// for what the host does not like is given up.
const maxRefusedCalls = 16

// maxUnconfirmed is how many writes in a row may come to nothing that is known before
// no more are sent.
const maxUnconfirmed = 3

// StoredSet is what a host holds of an RRset; nil where it holds none.
type StoredSet interface {
	Records(k dns.Key) []dns.Record // in order
}

// SetChange is a set that is to be written.
type SetChange struct {
	*plan.Set
	Stored  StoredSet    // what stood there immediately before
	Desired []dns.Record // what is to stand there, in order; none: the set goes
}

// SetApplier is provider.Provider's Apply at a host that is given whole RRsets and
// compares nothing: what stands there is read immediately before it is written and
// again after that, and a set that is not as it was planned from is left alone.
type SetApplier struct {
	Host string // its name, in texts
	Zone provider.Zone
	// OneSetPerCall says that a call takes one set. Otherwise all of a batch go in one, of
	// which the host stores all or nothing; Octets is what a set adds to that.
	OneSetPerCall bool
	SetSize       func(*plan.Set) int
	// CreateFailsIfExists says that the host refuses to make a set that is there, so that one which
	// was not there need not be read again before.
	CreateFailsIfExists bool
	// Read is what stands at keys; one that is missing has nothing.
	Read func(ctx context.Context, keys []dns.Key) (map[dns.Key]StoredSet, *provider.Error)
	// Write sends sets. It returns what stands there now by the answer, or nil where
	// that does not say; or which of them the host refuses, as far as it says so.
	Write func(ctx context.Context, what string, sets []SetChange) (now map[dns.Key]StoredSet, refused []int, err *provider.Error)
	// LateError is what became of a set after the answer to its write, where that is known
	// and not good. May be nil.
	LateError func(k dns.Key) *provider.Error

	graceCtx         context.Context // for what must be known of a write
	sets             []plan.Set      // named by their places
	results          []provider.SetResult
	stopReason       error // why nothing more is sent
	refusedCalls     int   // that were refused
	unconfirmedInRow int   // writes in a row of which nothing is known
	unverified       []int // and not yet confirmed
}

// Apply carries out sets.
func (s *SetApplier) Apply(ctx context.Context, sets []plan.Set) []provider.SetResult {
	grace, done := provider.GraceContext(ctx)
	defer done()
	s.graceCtx, s.sets, s.results = grace, sets, make([]provider.SetResult, len(sets))
	first := 0
	limits := s.Zone.Limits
	if s.OneSetPerCall { // each group that goes together is a batch
		limits.Batch = 1
	}
	for batch := range provider.Batches(sets, &limits, s.SetSize) {
		var places []int
		for range batch {
			places, first = append(places, first), first+1
		}
		s.sendSets(ctx, places)
	}
	s.verifyWritten(nil, s.unverified)
	return s.results
}

func (s *SetApplier) failSets(places []int, err *provider.Error) {
	for _, i := range places {
		s.results[i] = provider.FailedSet(&s.sets[i], err)
	}
}

// sendSets carries out these sets, and finds out which the host refuses.
func (s *SetApplier) sendSets(ctx context.Context, places []int) {
	if s.stopReason == nil && ctx.Err() != nil {
		s.stopReason = context.Cause(ctx)
	}
	switch {
	case len(places) == 0:
	case s.stopReason != nil:
		s.failSets(places, NewError(provider.NotTried, s.describe(places), "", "stop before this change: %w", s.stopReason))
	case s.OneSetPerCall:
		s.writeOneByOne(ctx, places)
	default:
		s.writeBatch(ctx, places)
	}
}

// writeOneByOne sends the sets of a group one after another, until one fails.
func (s *SetApplier) writeOneByOne(ctx context.Context, group []int) {
	for k, i := range group {
		one := group[k : k+1]
		fit, now, _, err := s.readAndWrite(ctx, one)
		switch {
		case err != nil:
			s.failSets(group[k:], err)
			s.trackFailure(err)
			return
		case len(fit) == 0: // it is not as it was read
			s.failSets(group[k+1:], s.results[i].Errs[0])
			return
		case now != nil:
			s.verifyWritten(now, one)
		default:
			s.unverified = append(s.unverified, i)
		}
		s.unconfirmedInRow = 0
	}
}

// trackFailure decides whether anything more is sent after the failure of a set.
func (s *SetApplier) trackFailure(err *provider.Error) {
	switch err.Kind {
	case provider.Rejected, provider.Stale, provider.NotTried:
		return
	case provider.Unconfirmed:
		if s.unconfirmedInRow++; s.unconfirmedInRow < maxUnconfirmed {
			return
		}
	}
	s.stopReason = fmt.Errorf("an earlier call went wrong: %w", err)
}

// writeBatch sends all of a batch.
func (s *SetApplier) writeBatch(ctx context.Context, places []int) {
	places, now, refused, err := s.readAndWrite(ctx, places)
	switch {
	case err == nil:
		s.verifyWritten(now, places)
	case err.Kind != provider.Rejected:
		s.stopReason = fmt.Errorf("an earlier call went wrong: %w", err)
		s.failSets(places, err)
	case plan.HalfLen(s.setsAt(places)) == len(places):
		s.failSets(places, err)
	case s.refusedCalls >= maxRefusedCalls:
		s.stopReason = fmt.Errorf("%s refuses too much: %w", s.Host, err)
		s.sendSets(ctx, places)
	default:
		s.splitRefused(ctx, places, refused, err)
	}
}

// splitRefused sends what was refused together in two parts: without what the host named,
// or else in halves.
func (s *SetApplier) splitRefused(ctx context.Context, places, refused []int, err *provider.Error) {
	s.refusedCalls++
	if len(refused) == 0 {
		half := plan.HalfLen(s.setsAt(places))
		s.sendSets(ctx, places[:half])
		s.sendSets(ctx, places[half:])
		return
	}
	var bad, rest []int
	for k := 0; k < len(places); {
		end := k + s.groupLen(places[k:])
		if slices.ContainsFunc(refused, func(r int) bool { return k <= r && r < end }) {
			bad = append(bad, places[k:end]...)
		} else {
			rest = append(rest, places[k:end]...)
		}
		k = end
	}
	s.failSets(bad, err)
	s.sendSets(ctx, rest)
}

// setsAt returns the sets at these places.
func (s *SetApplier) setsAt(places []int) []plan.Set {
	sets := make([]plan.Set, len(places))
	for k, i := range places {
		sets[k] = s.sets[i]
	}
	return sets
}

// groupLen returns how many of the sets at these places, from the first, go together.
func (s *SetApplier) groupLen(places []int) int {
	n := 1
	for n < len(places) && s.sets[places[n]].Joined {
		n++
	}
	return n
}

// readAndWrite reads what stands at these places, compares it with what the sets were
// planned from, and writes those that are as they were, which it returns.
func (s *SetApplier) readAndWrite(ctx context.Context, places []int) (fit []int, now map[dns.Key]StoredSet, refused []int, err *provider.Error) {
	here, err := s.readCurrent(ctx, places)
	if err != nil {
		return places, nil, nil, err
	}
	var changes []SetChange
	for k := 0; k < len(places); {
		group := places[k : k+s.groupLen(places[k:])]
		k += len(group)
		from := len(changes)
		for _, i := range group {
			c, err := s.newSetChange(&s.sets[i], here[s.sets[i].Key])
			if err != nil {
				s.failSets(group, err)
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
		return fit, nil, nil, NewError(provider.NotTried, s.describe(fit), "", "stop before this change: %w", context.Cause(ctx))
	}
	now, refused, err = s.Write(ctx, s.describe(fit), changes)
	return fit, now, refused, err
}

// readCurrent returns what stands at these places.
func (s *SetApplier) readCurrent(ctx context.Context, places []int) (map[dns.Key]StoredSet, *provider.Error) {
	if s.CreateFailsIfExists && !slices.ContainsFunc(places, func(i int) bool { return len(s.sets[i].Records) > 0 }) {
		return nil, nil
	}
	return s.Read(ctx, s.keysOf(places))
}

func (s *SetApplier) keysOf(places []int) []dns.Key {
	keys := make([]dns.Key, len(places))
	for k, i := range places {
		keys[k] = s.sets[i].Key
	}
	return keys
}

// verifyWritten holds what the host holds now against what it was to write there; where
// its answers do not say that, it is read again.
func (s *SetApplier) verifyWritten(now map[dns.Key]StoredSet, places []int) {
	if len(places) == 0 {
		return
	}
	if now == nil {
		var err *provider.Error
		if now, err = s.Read(s.graceCtx, s.keysOf(places)); err != nil {
			err = NewError(provider.Unconfirmed, s.describe(places), err.Hint, "it was written, and could not be read again: %w", err.Err)
			s.stopReason = err
			s.failSets(places, err)
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
		if s.LateError != nil {
			s.setLateError(&s.results[i], s.LateError(k))
		}
	}
}

// setLateError replaces the errors of what is not confirmed by why, where that is known.
func (s *SetApplier) setLateError(r *provider.SetResult, why *provider.Error) {
	for i, err := range r.Errs {
		if err != nil && why != nil {
			r.Errs[i] = why
		}
	}
}
