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
		for end < len(sets) && sets[end].Key.Name == sets[first].Key.Name && p.service.flags&apart == 0 {
			end++
		}
		j := &job{p: p, sets: sets[first:end], results: results[first:end], n: news{name: sets[first].Key.Name, zone: z.Name}}
		for i := first; i < end; i++ {
			j.left = append(j.left, i-first)
		}
		if err := j.run(ctx, z.ID); err != nil {
			j.fail(err)
		}
		first = end
	}
	return results
}

// job is the sets of one name that go into one request.
type job struct {
	p       *Provider
	sets    []plan.Set
	results []provider.SetResult
	left    []int // the sets that are still to be told
	n       news
	ttl     time.Duration
}

// run looks, decides and sends; an error is what became of all that is left.
func (j *job) run(ctx context.Context, id string) *provider.Error {
	release, ok := j.p.account.turns.Lock(ctx, "")
	if !ok {
		return stopped(ctx)
	}
	defer release()
	if err := j.p.account.barred(j.n.name, time.Now()); err != nil {
		return err
	}
	j.sift(unfit)
	if len(j.left) == 0 {
		return nil
	}
	if err := j.look(ctx, id); err != nil || len(j.left) == 0 {
		return err
	}
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	if err := j.p.service.say(&j.n); err != nil {
		return err
	}
	return j.send(ctx)
}

func stopped(ctx context.Context) *provider.Error {
	return failed(provider.NotTried, "", "stop before this change: %w", context.Cause(ctx))
}

// fail is what becomes of all that is left.
func (j *job) fail(err *provider.Error) {
	for _, i := range j.left {
		own := *err // each set has one of its own, which others may change
		j.results[i] = provider.FailedSet(&j.sets[i], &own)
	}
	j.left = nil
}

// sift takes out the sets of which something says why they are not to be told.
func (j *job) sift(why func(s *plan.Set) *provider.Error) {
	all := j.left
	var kept []int
	for _, i := range all {
		if err := why(&j.sets[i]); err != nil {
			j.left = []int{i}
			j.fail(err)
		} else {
			kept = append(kept, i)
		}
	}
	j.left = kept
}

// unfit is why a set can be told no service at all.
func unfit(s *plan.Set) *provider.Error {
	after := s.After()
	for i := range after {
		r := &after[i]
		switch {
		case !r.Type.IsAddress() || !r.Addr.IsValid():
			return failed(provider.Rejected, "", "no %s is written here", r.Type)
		case r.Comment != "" || r.Proxied || len(r.Tags) > 0:
			return failed(provider.Rejected, "", "an update address takes no comments and tags, and proxies nothing")
		case i > 0 && r.Addr == after[i-1].Addr:
			return failed(provider.Stale, "", "%s is already there", r.Content())
		}
	}
	switch {
	case len(after) == 0:
		return failed(provider.Rejected, "delete it at the service by hand", "an update address deletes nothing")
	case len(after) > 1:
		return failed(provider.Rejected, hintOne, "an update address takes one address of a family, and here are %d", len(after))
	}
	return nil
}

// look sees what stands there, leaves out what was planned from something else, and
// says what is to be told.
func (j *job) look(ctx context.Context, id string) *provider.Error {
	from, err := j.p.serversOf(ctx, id, j.n.zone)
	if err != nil {
		return err
	}
	all := j.p.lookAll(ctx, from, j.n.zone, j.n.name)
	switch {
	case ctx.Err() != nil:
		return stopped(ctx)
	case len(all) == 0:
		return failed(provider.Unavailable, hintServers, "no name server of %s says what stands there, so nothing is sent", j.n.zone.Describe())
	case all[0].alias != "":
		return failed(provider.Rejected, "delete it, or take the name out of the settings", "there is a CNAME to %s, and nothing can stand beside it", all[0].alias)
	case all[0].cut.Zone != "":
		return failed(provider.Rejected, "", "its records belong to another zone, %s", all[0].cut.Zone)
	}
	now := time.Now()
	for f := range families {
		known := j.p.account.about(j.key(f))
		j.n.here[f] = known.believe(all[0].addrs[f], f, all, now)
		j.n.unsure[f] = known.mayHold(j.n.here[f], now)
	}
	j.ttl = max(all[0].ttl, usualTTL)
	j.sift(func(s *plan.Set) *provider.Error { return j.outdated(s, all, now) })
	for _, i := range j.left {
		j.n.to[familyOf(j.sets[i].Key.Type)] = toldOf(&j.sets[i])
	}
	return nil
}

func (j *job) key(f int) dns.Key { return dns.Key{Name: j.n.name, Type: typeOf(f)} }

// toldOf is the address that a set is to have.
func toldOf(s *plan.Set) string { return s.After()[0].Addr.String() }

// outdated is why a set is not told now: one of the name servers shows it already,
// so that the service holds it and others are late; none shows what it was planned
// from; or the answer to the same was lost a moment ago.
func (j *job) outdated(s *plan.Set, all []shown, now time.Time) *provider.Error {
	addrs := make([]string, len(s.Records))
	for i := range s.Records {
		addrs[i] = s.Records[i].Addr.String()
	}
	was, to, f := joined(addrs), toldOf(s), familyOf(s.Key.Type)
	known := j.p.account.about(s.Key)
	seen := false
	for i := range all {
		here := all[i].addrs[f]
		if here == to && !known.took(to, now) {
			j.p.account.hold(s.Key, &said{addr: to, before: was, at: now, trust: j.ttl}, false)
			return failed(provider.Stale, "", "a name server shows this already")
		}
		seen = seen || known.believe(here, f, all, now) == was
	}
	if err := known.waits(to, now); err != nil {
		return err
	}
	if !seen {
		return failed(provider.Stale, "", "%s is not as it was read", s.Key)
	}
	return nil
}
