package dyndns2

import (
	"context"
	"net/netip"
	"slices"
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
		for end < len(sets) && sets[end].Key.Name == sets[first].Key.Name && !p.service.has(apart) {
			end++
		}
		j := &job{p: p, zone: z, name: sets[first].Key.Name, sets: sets[first:end], results: results[first:end]}
		j.run(ctx)
		first = end
	}
	return results
}

// job is the sets of one name that go into one request.
type job struct {
	p       *Provider
	zone    provider.Zone
	name    dns.Name
	sets    []plan.Set
	results []provider.SetResult
	left    []int // the sets that are still to be told
	ttl     time.Duration
}

// run looks, decides and sends.
func (j *job) run(ctx context.Context) {
	for i := range j.sets {
		j.left = append(j.left, i)
	}
	release, ok := j.p.account.turns.Take(ctx, "")
	if !ok {
		j.fail(failed(provider.NotTried, "", "stop before this change: %w", context.Cause(ctx)))
		return
	}
	defer release()
	if err := j.p.account.barred(j.name); err != nil {
		j.fail(err)
		return
	}
	j.sift(unfit)
	if len(j.left) == 0 {
		return
	}
	n, err := j.news(ctx)
	switch {
	case err != nil:
		j.fail(err)
	case len(j.left) == 0:
	case ctx.Err() != nil:
		j.fail(failed(provider.NotTried, "", "stop before this change: %w", context.Cause(ctx)))
	default:
		j.send(ctx, n)
	}
}

// fail is what becomes of all that is left.
func (j *job) fail(err *provider.Error) {
	for _, i := range j.left {
		own := *err
		own.What = "" // who tells of it names the key
		j.results[i] = provider.Failed(j.sets[i], &own)
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
		case slices.ContainsFunc(after[:i], func(o dns.Record) bool { return o.Addr == r.Addr }):
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

// news looks at what stands there, leaves out what was planned from something else,
// and says what is to be told.
func (j *job) news(ctx context.Context) (*news, *provider.Error) {
	from, err := j.p.serversOf(ctx, j.zone)
	if err != nil {
		return nil, err
	}
	all := j.p.lookAll(ctx, from, j.zone.Name, j.name)
	switch {
	case ctx.Err() != nil:
		return nil, failed(provider.NotTried, "", "stop before this change: %w", context.Cause(ctx))
	case len(all) == 0:
		return nil, failed(provider.Unavailable, hintServers, "no name server of %s says what stands there, so nothing is sent", j.zone.Name.Describe())
	case all[0].alias != "":
		return nil, failed(provider.Rejected, "delete it, or take the name out of the settings", "there is a CNAME to %s, and nothing can stand beside it", all[0].alias)
	case all[0].cut.Name != "":
		return nil, failed(provider.Rejected, "", "its records belong to another zone, %s", all[0].cut.Name)
	}
	now := time.Now()
	n := &news{name: j.name, zone: j.zone.Name}
	for _, t := range []dns.Type{dns.A, dns.AAAA} {
		*n.here.of(t) = j.p.account.believed(dns.Key{Name: j.name, Type: t}, *all[0].addrs.of(t), func() [][]netip.Addr { return of(all, t) }, now)
	}
	j.ttl = max(all[0].ttl, usualTTL)
	j.sift(func(s *plan.Set) *provider.Error { return j.outdated(s, all, now) })
	for _, i := range j.left {
		*n.to.of(j.sets[i].Key.Type) = j.sets[i].After()[0].Addr
	}
	return n, nil
}

// of is what each name server shows of a type.
func of(all []shown, t dns.Type) (each [][]netip.Addr) {
	for i := range all {
		each = append(each, *all[i].addrs.of(t))
	}
	return each
}

// outdated is why a set is not told now: one of the name servers shows it already,
// so that the service holds it and others are late; none shows what it was planned
// from; or the answer to the same was lost a moment ago.
func (j *job) outdated(s *plan.Set, all []shown, now time.Time) *provider.Error {
	was := make([]netip.Addr, len(s.Records))
	for i := range s.Records {
		was[i] = s.Records[i].Addr
	}
	sortAddrs(was)
	to := s.After()[0].Addr
	here := of(all, s.Key.Type)
	for _, them := range here {
		if slices.Equal(them, []netip.Addr{to}) && !j.p.account.told(s.Key, to, now) {
			j.p.account.hold(s.Key, said{addr: to, before: was, at: now, trust: j.ttl}, false)
			return failed(provider.Stale, "", "a name server shows this already")
		}
	}
	if wait := j.p.account.waiting(s.Key, to, now); wait > 0 {
		return failed(provider.Unconfirmed, "homing looks at the name servers, and sends it again if they do not show it", "no answer came when it was sent, and it is not sent again for %s", wait.Round(time.Second))
	}
	for _, them := range here {
		shows := j.p.account.believed(s.Key, them, func() [][]netip.Addr { return here }, now)
		if slices.Equal(shows, was) {
			return nil
		}
	}
	return failed(provider.Stale, "", "%s is not as it was read", s.Key)
}
