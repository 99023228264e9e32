package dyndns2

import (
	"context"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Apply sends one request a name, or one a family where the service takes no more,
// each after a look at what stands there.
func (p *Provider) Apply(ctx context.Context, z provider.Zone, sets []plan.Set) []provider.SetResult {
	results := make([]provider.SetResult, len(sets))
	for first := 0; first < len(sets); {
		end := first + 1
		for end < len(sets) && sets[end].Key.Name == sets[first].Key.Name && p.service.flags&oneFamilyPerRequest == 0 {
			end++
		}
		j := &updateJob{p: p, sets: sets[first:end], results: results[first:end], update: updateRequest{name: sets[first].Key.Name, zone: z.Name}}
		for i := first; i < end; i++ {
			j.remaining = append(j.remaining, i-first)
		}
		if err := j.run(ctx, z.ID); err != nil {
			j.failRemaining(err)
		}
		first = end
	}
	return results
}

// updateJob is the sets of one name that go into one request.
type updateJob struct {
	p         *Provider
	sets      []plan.Set
	results   []provider.SetResult
	remaining []int // the sets that are still to be told
	update    updateRequest
	ttl       time.Duration
}

// run looks, decides and sends; an error is what became of all that is left.
func (j *updateJob) run(ctx context.Context, id string) *provider.Error {
	release, ok := j.p.account.requestLock.Lock(ctx, "")
	if !ok {
		return cancelledError(ctx)
	}
	defer release()
	if err := j.p.account.blockedError(j.update.name, time.Now()); err != nil {
		return err
	}
	j.rejectSets(validateSet)
	if len(j.remaining) == 0 {
		return nil
	}
	if err := j.readCurrent(ctx, id); err != nil || len(j.remaining) == 0 {
		return err
	}
	if ctx.Err() != nil {
		return cancelledError(ctx)
	}
	if err := j.p.service.fillParams(&j.update); err != nil {
		return err
	}
	return j.send(ctx)
}

func cancelledError(ctx context.Context) *provider.Error {
	return newError(provider.NotTried, "", "stop before this change: %w", context.Cause(ctx))
}

// failRemaining fails all sets that remain.
func (j *updateJob) failRemaining(err *provider.Error) {
	for _, i := range j.remaining {
		own := *err // each set has one of its own, which others may change
		j.results[i] = provider.FailedSet(&j.sets[i], &own)
	}
	j.remaining = nil
}

// rejectSets takes out the sets of which something says why they are not to be told.
func (j *updateJob) rejectSets(why func(s *plan.Set) *provider.Error) {
	all := j.remaining
	var kept []int
	for _, i := range all {
		if err := why(&j.sets[i]); err != nil {
			j.remaining = []int{i}
			j.failRemaining(err)
		} else {
			kept = append(kept, i)
		}
	}
	j.remaining = kept
}

// validateSet returns why a set can be sent to no service at all.
func validateSet(s *plan.Set) *provider.Error {
	after := s.After()
	for i := range after {
		r := &after[i]
		switch {
		case !r.Type.IsAddress() || !r.Addr.IsValid():
			return newError(provider.Rejected, "", "no %s is written here", r.Type)
		case r.Comment != "" || r.Proxied || len(r.Tags) > 0:
			return newError(provider.Rejected, "", "an update address takes no comments and tags, and proxies nothing")
		case i > 0 && r.Addr == after[i-1].Addr:
			return newError(provider.Stale, "", "%s is already there", r.Content())
		}
	}
	switch {
	case len(after) == 0:
		return newError(provider.Rejected, "delete it at the service by hand", "an update address deletes nothing")
	case len(after) > 1:
		return newError(provider.Rejected, hintOne, "an update address takes one address of a family, and here are %d", len(after))
	}
	return nil
}

// readCurrent sees what stands there, leaves out what was planned from something else, and
// says what is to be told.
func (j *updateJob) readCurrent(ctx context.Context, id string) *provider.Error {
	from, err := j.p.nameServersOf(ctx, id, j.update.zone)
	if err != nil {
		return err
	}
	all := j.p.queryAll(ctx, from, j.update.zone, j.update.name)
	switch {
	case ctx.Err() != nil:
		return cancelledError(ctx)
	case len(all) == 0:
		return newError(provider.Unavailable, hintServers, "no name server of %s says what stands there, so nothing is sent", j.update.zone.Describe())
	case all[0].alias != "":
		return newError(provider.Rejected, "delete it, or remove the name from the settings", "there is a CNAME to %s, and nothing can stand beside it", all[0].alias)
	case all[0].delegation.Zone != "":
		return newError(provider.Rejected, "", "its records belong to another zone, %s", all[0].delegation.Zone)
	}
	now := time.Now()
	for f := range numFamilies {
		known := j.p.account.lastUpdateOf(j.key(f))
		j.update.currentAddrs[f] = known.currentAddr(all[0].addrs[f], f, all, now)
		j.update.uncertain[f] = known.mayHoldOther(j.update.currentAddrs[f], now)
	}
	j.ttl = max(all[0].ttl, defaultTTL)
	j.rejectSets(func(s *plan.Set) *provider.Error { return j.checkOutdated(s, all, now) })
	for _, i := range j.remaining {
		j.update.newAddrs[familyIndex(j.sets[i].Key.Type)] = desiredAddr(&j.sets[i])
	}
	return nil
}

func (j *updateJob) key(f int) dns.Key { return dns.Key{Name: j.update.name, Type: recordType(f)} }

// desiredAddr returns the address that a set is to have.
func desiredAddr(s *plan.Set) string { return s.After()[0].Addr.String() }

// checkOutdated returns why a set is not sent now: one of the name servers shows it already,
// so that the service holds it and others are late; none shows what it was planned
// from; or the answer to the same was lost a moment ago.
func (j *updateJob) checkOutdated(s *plan.Set, all []dnsView, now time.Time) *provider.Error {
	addrs := make([]string, len(s.Records))
	for i := range s.Records {
		addrs[i] = s.Records[i].Addr.String()
	}
	was, to, f := joinSorted(addrs), desiredAddr(s), familyIndex(s.Key.Type)
	known := j.p.account.lastUpdateOf(s.Key)
	seen := false
	for i := range all {
		here := all[i].addrs[f]
		if here == to && !known.acceptedOther(to, now) && !known.mayHoldOther(to, now) {
			j.p.account.recordUpdate(s.Key, &lastUpdate{addr: to, previouslyShown: was, sentAt: now, trustFor: j.ttl}, false)
			return newError(provider.Stale, "", "a name server shows this already")
		}
		seen = seen || known.currentAddr(here, f, all, now) == was
	}
	if err := known.waitError(to, now); err != nil {
		return err
	}
	if !seen {
		return newError(provider.Stale, "", "%s is not as it was read", s.Key)
	}
	return nil
}
